// A load balancer in front of two or more sides of an app: blue-green switch and canary weights.
//
// What the real thing does: routes every request to the live side, or by weight. Switching takes effect at once for new
// connections; a side that has been idle has cold caches and perhaps fewer instances. Old connections drain.
// What this fake leaves out: connection draining times, stickiness, health-based ejection.
//
// Facts: live (side), weight.<side> (0-100); warm.<side> and drained.<side> are not essential.
#include <fmt/format.h>

#include "services/app.hpp"
#include "services/record_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

model::KindSpec balancer_spec() {
  const auto command = field("command", ValueType::string, "The command as people type it, or unknown.");
  const auto side = field("side", ValueType::string, "A side of the balancer.", true);
  return {"load_balancer", "Routes traffic to sides of an app.", false,
          {field("provider", ValueType::string, "Who runs it."),
           field("sides", ValueType::map, "side: app. The app behind each side.", true),
           field("live", ValueType::string, "The side that is live before the deploy.", true)},
          {{"switch", {field("to", ValueType::string, "The side.", true), command}, "Routes everything to one side."},
           {"weight", {side, field("percent", ValueType::integer, "0 to 100.", true), command}, "Sends a share of the traffic to a side."},
           {"drain", {side, field("for", ValueType::duration, "How long."), command}, "Waits until a side has no connections."},
           {"warm", {side, command}, "Warms the caches of an idle side."}}};
}

class BalancerKind : public RecordKind {
 public:
  BalancerKind() : RecordKind(balancer_spec()) {}

  StatePtr initial(const Context& context, ServiceIndex self, std::vector<model::Mistake>& mistakes) const override {
    const model::Service& service = context.plan().services[self];
    const std::string live = service.fields.text("live");
    const model::Node* sides = service.fields.find("sides");
    if (sides != nullptr && sides->find(live) == nullptr) {
      mistakes.push_back({service.fields.find("live")->span, fmt::format("'{}' is no side of '{}'", live, service.name), ""});
    }
    Record record = Record().with("live", live);
    if (sides == nullptr) return record.share();
    for (const model::Node::Entry& side : sides->entries) {
      record = record.with("weight." + side.key, side.key == live ? "100" : "0");
      if (context.plan().find_service(side.value.text) == model::kNone) {
        mistakes.push_back({side.value.span, fmt::format("no service is named '{}'", side.value.text), "name the app behind the side"});
      }
    }
    return record.share();
  }

  Outcome apply(const Context&, const World& world, const Action& action) const override {
    const Record& balancer = record(world, action.service);
    const std::string side = action.args.text_or("to", action.args.text("side"));
    if (!balancer.has("weight." + side)) return Outcome::refused(fmt::format("target group '{}' not found", side));
    Record next = balancer;
    if (action.verb == "switch") {
      for (const auto& [key, value] : balancer.facts()) {
        if (key.starts_with("weight.")) next = next.with(key, "0");
      }
      next = next.with("live", side).with("weight." + side, "100");
    } else if (action.verb == "weight") {
      next = next.with("weight." + side, action.args.text("percent"));
      // The rest goes to the live side.
      const std::int64_t percent = action.args.find("percent")->as_integer().value_or(0);
      if (side != balancer.get("live")) next = next.with("weight." + balancer.get("live"), std::to_string(100 - percent));
    } else {
      next = next.with((action.verb == "warm" ? "warm." : "drained.") + side, "true");
    }
    return Outcome::done().set(action.service, next);
  }

  Undo undo(const Context&, const World& before, const Action& action) const override {
    const Record& balancer = record(before, action.service);
    if (action.verb == "switch") return {Undo::Class::exact, "", {same_service(action, "switch", {{"to", balancer.get("live")}})}};
    return action.verb == "weight" ? Undo{Undo::Class::exact, "", {same_service(action, "weight", {{"side", action.args.text("side")}, {"percent", balancer.get("weight." + action.args.text("side"))}})}}
                                   : Undo{Undo::Class::exact, "", {}};
  }

  Traits traits(const Context&, const Action& action) const override {
    Traits traits;
    if (action.verb == "switch") {
      traits.changes_version = true;
      if (action.args.is_unknown("to")) traits.unpinned_target = "which side it goes to is not said";
    }
    return traits;
  }

  std::string blocks(const Context& context, const World& world, ServiceIndex self, ServiceIndex app) const override {
    const model::Node* sides = context.plan().services[self].fields.find("sides");
    if (sides == nullptr) return {};
    bool behind = false;
    for (const model::Node::Entry& side : sides->entries) {
      if (side.value.text != context.plan().services[app].name) continue;
      if (record(world, self).get("weight." + side.key) != "0") return {};
      behind = true;
    }
    return behind ? fmt::format("'{}' routes elsewhere", context.plan().services[self].name) : "";
  }

  CheckResult check(const Context& context, const World& world, const model::Check& check) const override {
    const model::Node* sides = context.plan().services[check.services.front()].fields.find("sides");
    const std::string& live = record(world, check.services.front()).get("live");
    const model::Node* side = sides == nullptr ? nullptr : sides->find(live);
    const ServiceIndex app = side == nullptr ? model::kNone : context.plan().find_service(side->text);
    if (app == model::kNone) return {CheckResult::Value::unknown, "no app behind the live side"};
    model::Check behind = check;
    behind.services.front() = app;
    return context.kind(app).check(context, world, behind);
  }

 protected:
  std::vector<std::string> incidental() const override { return {"warm", "drained"}; }
};

}  // namespace

const Kind& kind_load_balancer() {
  static const BalancerKind kKind;
  return kKind;
}

}  // namespace backout::services
