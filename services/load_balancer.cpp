// A load balancer in front of two or more sides of an app: blue-green switch and canary weights.
//
// What the real thing does: routes every request to the live side, or by weight. Switching takes
// effect at once for new connections; a side that has been idle has cold caches and perhaps fewer
// instances: it takes what it bears (`bears`, `side-overloaded`), and more brings it down (SRE book, "Addressing Cascading
// Failures"). Old connections drain. What this fake leaves out: connection draining times,
// stickiness, health-based ejection.
//
// Facts: live (side), weight.<side> (0-100); warm.<side> and drained.<side> are not essential.
#include <algorithm>

#include <fmt/format.h>

#include "services/amend.hpp"
#include "services/app.hpp"

namespace backout::services {

using model::ValueType;

namespace {

model::KindSpec balancer_spec() {
  const auto side = field("side", ValueType::string, "A side of the balancer.", true);
  return {
      "load_balancer",
      "Routes traffic to sides of an app.",
      false,
      {field("provider", ValueType::string, "Who runs it."),
       field("sides", ValueType::map, "side: app. The app behind each side.", true),
       field("live", ValueType::string, "The side that is live before the deploy.", true),
       field("canary", ValueType::integer,
             "Share in percent of the other side before the deploy (two sides)."),
       field("bears", ValueType::any, "Share of all users, in percent, that each side bears, or side: share.")},
      {{"switch",
        {field("to", ValueType::string, "The side.", true), command_field()},
        "Routes everything to one side."},
       {"weight",
        {side, field("percent", ValueType::integer, "0 to 100; the live side gets the rest.", true),
         command_field()},
        "Sends a share of the traffic to a side."},
       {"drain",
        {side, field("for", ValueType::duration, "How long."), command_field()},
        "Waits until a side has no connections."},
       {"warm", {side, command_field()}, "Warms the caches of an idle side."},
       {"probe",
        {field("path", ValueType::string, "Path that is asked."),
         field("expect", ValueType::any, "Answer that passes; without one every answer passes."),
         field("version", ValueType::string, "Version that must answer."),
         field("fail_on_error", ValueType::boolean, "An error answer fails it (`curl -f`)."),
         field("retries", ValueType::integer, "How often it is tried."),
         field("send", ValueType::any, "Body that is sent."), command_field()},
        "Asks the live side through the balancer."}},
      {},
      {"balancer", "alb"}};
}

const model::Node* sides_of(const Context& context, ServiceIndex self) {
  return context.plan().services[self].fields.find("sides");
}

bool is_routing(const std::string& verb) { return verb == "switch" || verb == "weight"; }

class BalancerKind : public RecordKind {
 public:
  BalancerKind() : RecordKind(balancer_spec()) {}

  StatePtr initial(const Context& context, ServiceIndex self,
                   std::vector<model::Mistake>& mistakes) const override {
    const model::Service& service = context.plan().services[self];
    const std::string live = service.fields.text("live");
    const model::Node* sides = sides_of(context, self);
    if (sides != nullptr && sides->find(live) == nullptr) {
      const std::string what = fmt::format("'{}' is no side of '{}'", live, service.name);
      mistakes.push_back({service.fields.find("live")->span, what, ""});
    }
    Amended record = Record().with("live", live);
    if (sides == nullptr) return record.share();
    const model::Node* canary = service.fields.find("canary");
    const std::int64_t share = canary == nullptr ? 0 : canary->as_integer().value_or(0);
    for (const model::Node::Entry& side : sides->entries) {
      const bool gets_canary = side.key != live && sides->entries.size() == 2;
      record.with("weight." + side.key, std::to_string(side.key == live ? 100 - share
                                                                : gets_canary    ? share
                                                                                 : 0));
      if (context.plan().find_service(side.value.text) == model::kNone) {
        mistakes.push_back({side.value.span,
                            fmt::format("no service is named '{}'", side.value.text),
                            "name the app behind the side"});
      }
    }
    return record.share();
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    const Record& balancer = record(world, action.service);
    if (action.verb == "probe") return probe(context, world, action.service, action.args);
    if (!is_one_of(action.verb, {"switch", "weight", "drain", "warm"})) unhandled(spec(), action, "apply");
    const std::string side = action.args.text_or("to", action.args.text("side"));
    if (side == "unknown") return Outcome::opaque("which side it goes to, the plan does not say");
    if (!balancer.has("weight." + side))
      return Outcome::refused(fmt::format("target group '{}' not found", side));
    Record next = balancer;
    if (action.verb == "switch") {
      for (const auto& [key, value] : balancer.facts()) {
        if (key.starts_with("weight.")) next = next.with(key, "0");
      }
      next = next.with("live", side).with("weight." + side, "100");
    } else if (action.verb == "weight") {
      return weigh(balancer, side, action);
    } else {
      next = next.with((action.verb == "warm" ? "warm." : "drained.") + side, "true");
    }
    return Outcome::done().set(action.service, next);
  }

  Footprint footprint(const Context& context, const Action& action) const override {
    const std::string self = resource(context, action.service);
    if (action.verb == "probe") return {paths_behind(context, action.service), {}};
    Footprint print{{self}, {self}};
    if (!is_routing(action.verb)) return print;
    for (const model::Node::Entry& side : sides_of(context, action.service)->entries) {
      print.writes.push_back(side.value.text + ".unhealthy");
    }
    std::sort(print.writes.begin(), print.writes.end());
    print.writes.erase(std::unique(print.writes.begin(), print.writes.end()), print.writes.end());
    return print;
  }

  /// An app that gets more traffic may be one that does not serve. Whoever asks it before sees it.
  Changes harmed(const Context& context, const World& world, const Action& action,
                 Harm harm) const override {
    if (harm != Harm::unhealthy || !is_routing(action.verb)) return {};
    const Outcome outcome = apply(context, world, action);
    if (!outcome.ok()) return {};
    const World after = with_changes(world, outcome.changes);
    Changes harmed;
    for (const model::Node::Entry& side : sides_of(context, action.service)->entries) {
      const std::string weight = "weight." + side.key;
      const ServiceIndex app = context.plan().find_service(side.value.text);
      const bool gets_more = std::stoll(record(after, action.service).get(weight)) >
                             std::stoll(record(world, action.service).get(weight));
      if (gets_more && app != model::kNone && is_app(context.kind(app).spec()) && answers(context, world, app))
        harmed.emplace_back(app, unhealthy(world.record(app)).share());
    }
    return harmed;
  }

  Undo undo(const Context& context, const World& before, const Action& action) const override {
    const Record& balancer = record(before, action.service);
    if (is_one_of(action.verb, {"drain", "warm", "probe"})) return {Undo::Class::exact, "", {}};
    if (!is_routing(action.verb)) return {};
    Undo undo{
        Undo::Class::exact, "", {same_service(action, "switch", {{"to", balancer.get("live")}})}};
    const model::Node* sides = sides_of(context, action.service);
    if (sides == nullptr) return undo;
    for (const model::Node::Entry& side : sides->entries) {
      const std::string& weight = balancer.get("weight." + side.key);
      if (side.key == balancer.get("live") || weight == "0") continue;
      undo.actions.push_back(
          same_service(action, "weight", {{"side", side.key}, {"percent", weight}}));
    }
    return undo;
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    if (action.verb == "probe") {
      traits.read_only = true;
      traits.via = {action.service};
      traits.hides_failure = why_probe_cannot_fail(action.args);
    }
    if (is_routing(action.verb)) traits.changes_version = true;
    if (action.verb == "switch") {
      // A side may be called as branches are ("main").
      const model::Node* sides = sides_of(context, action.service);
      const std::string to = action.args.text("to");
      const bool is_side = sides != nullptr && std::ranges::any_of(sides->entries, [&](const model::Node::Entry& side) { return side.key == to; });
      if (!is_side) traits.unpinned_target = moving_target(to);
    }
    return traits;
  }

  bool may_block() const override { return true; }
  std::string blocks(const Context& context, const World& world, ServiceIndex self,
                     ServiceIndex app) const override {
    const model::Node* sides = sides_of(context, self);
    if (sides == nullptr) return {};
    bool behind = false;
    for (const model::Node::Entry& side : sides->entries) {
      if (side.value.text != context.plan().services[app].name) continue;
      if (record(world, self).get("weight." + side.key) != "0") return {};
      behind = true;
    }
    return behind ? fmt::format("'{}' routes elsewhere", context.plan().services[self].name) : "";
  }

  CheckResult check(const Context& context, const World& world,
                    const model::Check& check) const override {
    return ask(context, world, check.services.front(), check.args);
  }

 protected:
  std::vector<std::string> incidental() const override { return {"warm", "drained"}; }

 private:
  /// Gives a share to `side`; the live side gets what the others leave, and of two sides the other
  /// one does.
  static Outcome weigh(const Record& balancer, const std::string& side, const Action& action) {
    const std::int64_t percent = action.args.find("percent")->as_integer().value_or(-1);
    std::string rest_to = balancer.get("live");
    std::vector<std::string> others;
    for (const auto& [key, value] : balancer.facts()) {
      if (key.starts_with("weight.") && key != "weight." + side) others.push_back(key.substr(7));
    }
    if (side == rest_to && others.size() != 1)
      return Outcome::refused("which side gets the rest is not said");
    if (side == rest_to) rest_to = others.front();
    std::int64_t rest = 100 - percent;
    for (const std::string& other : others) {
      if (other != rest_to) rest -= std::stoll(balancer.get("weight." + other));
    }
    if (percent < 0 || rest < 0) return Outcome::refused("the weights do not add up to 100");
    return Outcome::done().set(action.service,
                               balancer.with("weight." + side, std::to_string(percent))
                                   .with("weight." + rest_to, std::to_string(rest)));
  }
};

}  // namespace

const Kind& kind_load_balancer() {
  static const BalancerKind kKind;
  return kKind;
}

}  // namespace backout::services
