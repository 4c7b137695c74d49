// A load balancer in front of two or more sides of an app: blue-green switch and canary weights.
//
// What the real thing does: routes every request to the live side, or by weight. Switching takes
// effect at once for new connections; a side that has been idle has cold caches and perhaps fewer
// instances: it takes what it bears (`bears`, `side-overloaded`), and more brings it down (SRE
// book, "Addressing Cascading Failures"). Old connections drain. What this fake leaves out:
// connection draining times, stickiness, health-based ejection.
//
// Facts: live (side), weight.<side> (0-100); warm.<side> and drained.<side> are not essential.
#include <algorithm>

#include <fmt/format.h>

#include "services/amend.hpp"
#include "services/app.hpp"
#include "services/routing.hpp"
#include "services/row_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kBalancerSide = TextArg("side", "A side of the balancer.").required();
constexpr TextArg kBalancerTo = TextArg("to", "The side.").required();
constexpr TextArg kBalancerPercent =
    TextArg("percent", "0 to 100; the live side gets the rest.").of(ValueType::integer).required();
constexpr TextArg kBalancerFor = TextArg("for", "How long.").of(ValueType::duration);
constexpr TextArg kBalancerVersion = kAskedVersion.of(ValueType::string);

const model::Node* sides_of(const model::Service& self) { return self.fields.find("sides"); }
const model::Node* sides_of(const Context& context, ServiceIndex self) {
  return sides_of(context.plan().services[self]);
}

Record initial_load_balancer(const Context& context, ServiceIndex self,
                             std::vector<model::Mistake>& mistakes) {
  const model::Service& service = context.plan().services[self];
  const std::string live = service.fields.text("live");
  const model::Node* sides = sides_of(service);
  if (sides != nullptr && sides->find(live) == nullptr) {
    const std::string what = fmt::format("'{}' is no side of '{}'", live, service.name);
    mistakes.push_back({service.fields.find("live")->span, what, ""});
  }
  Amended record = Record().with("live", live);
  if (sides == nullptr) return record;
  const std::int64_t share = service.fields.integer("canary").value_or(0);
  std::vector<std::string> names;
  for (const model::Node::Entry& side : sides->entries) names.push_back(side.key);
  check_bears(service, names, mistakes);
  for (const model::Node::Entry& side : sides->entries) {
    const std::int64_t of_other = sides->entries.size() == 2 ? share : 0;
    record.with("weight." + side.key, std::to_string(side.key == live ? 100 - share : of_other));
    if (context.plan().find_service(side.value.text) == model::kNone) {
      mistakes.push_back({side.value.span, fmt::format("no service is named '{}'", side.value.text),
                          "name the app behind the side"});
    }
  }
  return record;
}

/// What becomes of the balancer, if it has this side.
Outcome at_side(const Call& call, const std::string& side,
                const std::function<Outcome(const Call&)>& then) {
  if (side == "unknown") return Outcome::opaque("which side it goes to, the plan does not say");
  if (!call.now.has("weight." + side))
    return Outcome::refused(fmt::format("target group '{}' not found", side));
  return then(call);
}

Outcome switch_to(const Call& call) {
  Record next = call.now;
  for (const auto& [key, value] : call.now.facts()) {
    if (key.starts_with("weight.")) next = next.with(key, "0");
  }
  return call.becomes(
      next.with("live", call.arg(kBalancerTo)).with("weight." + call.arg(kBalancerTo), "100"));
}

/// Gives a share to a side; the live side gets what the others leave, and of two sides the other
/// one does.
Outcome set_weight(const Call& call) {
  const std::string side = call.arg(kBalancerSide);
  const std::int64_t percent = kBalancerPercent.node(call.action.args)->as_integer().value_or(-1);
  std::string rest_to = call.now.get("live");
  std::vector<std::string> others;
  for (const auto& [key, value] : call.now.facts()) {
    if (key.starts_with("weight.") && key != "weight." + side) others.push_back(key.substr(7));
  }
  if (side == rest_to && others.size() != 1)
    return Outcome::refused("which side gets the rest is not said");
  if (side == rest_to) rest_to = others.front();
  std::int64_t rest = 100 - percent;
  for (const std::string& other : others) {
    if (other != rest_to) rest -= std::stoll(call.now.get("weight." + other));
  }
  if (percent < 0 || rest < 0) return Outcome::refused("the weights do not add up to 100");
  return call.becomes(call.now.with("weight." + side, std::to_string(percent))
                          .with("weight." + rest_to, std::to_string(rest)));
}

/// It routes: apps that get users are seen to serve or not.
Footprint routed(const Context& context, const Action& action) {
  Footprint print = itself_and(context, action, {});
  for (const model::Node::Entry& side : sides_of(context, action.service)->entries) {
    print.writes.push_back(side.value.text + ".unhealthy");
  }
  std::sort(print.writes.begin(), print.writes.end());
  print.writes.erase(std::unique(print.writes.begin(), print.writes.end()), print.writes.end());
  return print;
}

/// An app that gets more traffic may be one that does not serve. Whoever asks it before sees it.
Changes harmed_by_traffic(const Call& call, const Outcome& outcome, Harm harm) {
  if (harm != Harm::unhealthy || !outcome.ok()) return {};
  const World after = with_changes(call.world, outcome.changes);
  Changes harmed;
  for (const model::Node::Entry& side : sides_of(call.self)->entries) {
    const std::string weight = "weight." + side.key;
    const ServiceIndex app = call.context.plan().find_service(side.value.text);
    const bool gets_more = std::stoll(after.record(call.action.service).get(weight)) >
                           std::stoll(call.now.get(weight));
    if (gets_more && app != model::kNone && is_app(call.context.kind(app).spec()) &&
        answers(call.context, call.world, app))
      harmed.emplace_back(app, unhealthy(call.world.record(app)).share());
  }
  return harmed;
}

Undo undo_routing(const Call& call) {
  Undo undo = call.back("switch", {{kBalancerTo.name(), call.now.get("live")}});
  const model::Node* sides = sides_of(call.self);
  if (sides == nullptr) return undo;
  for (const model::Node::Entry& side : sides->entries) {
    const std::string& weight = call.now.get("weight." + side.key);
    if (side.key == call.now.get("live") || weight == "0") continue;
    undo.actions.push_back(
        same_service(call.action, "weight",
                     {{kBalancerSide.name(), side.key}, {kBalancerPercent.name(), weight}}));
  }
  return undo;
}

VerbRow routing_row(model::VerbSpec spec, const TextArg& side, Outcome (*route)(const Call&),
                    TellTraits traits) {
  const auto apply = [side, route](const Call& call) {
    return at_side(call, call.arg(side), route);
  };
  return {
      std::move(spec),
      apply,
      undo_routing,
      std::move(traits),
      {},
      routed,
      [apply](const Call& call, Harm harm) { return harmed_by_traffic(call, apply(call), harm); }};
}

/// Of a side that stays as it is, something is noted.
VerbRow note_row(model::VerbSpec spec, const char* area) {
  return {std::move(spec),
          [area](const Call& call) {
            return at_side(call, call.arg(kBalancerSide), [area](const Call& at) {
              return at.becomes(at.now.with(area + at.arg(kBalancerSide), "true"));
            });
          },
          changes_nothing, no_traits};
}

void switch_traits(const Context& context, const Action& action, Traits& traits) {
  traits.changes_version = true;
  // A side may be called as branches are ("main").
  const model::Node* sides = sides_of(context, action.service);
  const std::string to = kBalancerTo.in(action.args);
  const bool is_side =
      sides != nullptr && std::ranges::any_of(sides->entries, [&](const model::Node::Entry& side) {
        return side.key == to;
      });
  if (!is_side) traits.unpinned_target = moving_target(to);
}

std::vector<VerbRow> verbs_of_load_balancer() {
  return {
      routing_row({"switch", {kBalancerTo}, "Routes everything to one side."}, kBalancerTo,
                  switch_to, switch_traits),
      routing_row(
          {"weight", {kBalancerSide, kBalancerPercent}, "Sends a share of the traffic to a side."},
          kBalancerSide, set_weight,
          [](const Context&, const Action&, Traits& traits) { traits.changes_version = true; }),
      note_row({"drain", {kBalancerSide, kBalancerFor}, "Waits until a side has no connections."},
               "drained."),
      note_row({"warm", {kBalancerSide}, "Warms the caches of an idle side."}, "warm."),
      {{"probe",
        {kAskedPath, kAskedExpect, kBalancerVersion, kAskedFailOnError, kAskedRetries, kAskedSend},
        "Asks the live side through the balancer."},
       [](const Call& call) {
         return probe(call.context, call.world, call.action.service, call.action.args);
       },
       changes_nothing,
       probe_traits,
       {},
       [](const Context& context, const Action& action) {
         return Footprint{paths_behind(context, action.service), {}};
       }}};
}

std::string why_elsewhere(const Context& context, const World& world, ServiceIndex self,
                          ServiceIndex app) {
  const model::Node* sides = sides_of(context, self);
  if (sides == nullptr) return {};
  bool behind = false;
  for (const model::Node::Entry& side : sides->entries) {
    if (side.value.text != context.plan().services[app].name) continue;
    if (world.record(self).get("weight." + side.key) != "0") return {};
    behind = true;
  }
  return behind ? fmt::format("'{}' routes elsewhere", context.plan().services[self].name) : "";
}

KindRow balancer_row() {
  KindRow row;
  row.name = "load_balancer";
  row.help = "Routes traffic to sides of an app.";
  row.fields = {field("provider", ValueType::string, "Who runs it."),
                field("sides", ValueType::map, "side: app. The app behind each side.", true),
                field("live", ValueType::string, "The side that is live before the deploy.", true),
                field("canary", ValueType::integer,
                      "Share in percent of the other side before the deploy (two sides)."),
                field("bears", ValueType::any,
                      "Share of all users, in percent, that each side bears, or side: share."),
                retries_field()};
  row.verbs = verbs_of_load_balancer();
  row.aliases = {"balancer", "alb"};
  row.incidental = {"warm", "drained"};
  row.initial = initial_load_balancer;
  row.check = [](const Context& context, const World& world, const model::Check& check) {
    return ask(context, world, check.services.front(), check.args);
  };
  row.blocks = why_elsewhere;
  return row;
}

}  // namespace

const Kind& kind_load_balancer() {
  static const std::unique_ptr<const Kind> kKind = make_kind(balancer_row());
  return *kKind;
}

}  // namespace backout::services
