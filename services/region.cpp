// The places in which a service runs: regions, zones, data centres.
//
// What the real thing does: a deploy and a rollback go from place to place, and may stop between
// two: some serve the old version, some the new one (githubstatus 2024-03-11: rolled back
// everywhere but in one data centre). A place that is drained gets no users; those that are left
// get them, and bear so much and no more (SRE book, "Addressing Cascading Failures"). A place that
// does not answer takes none. Each place is an app of its own in the plan; this kind says which
// takes users and how much each bears. What this fake leaves out: latency, data between places,
// users that a place without health checks loses.
//
// Facts: serves.<place> (true or false).
#include <fmt/format.h>

#include "services/amend.hpp"
#include "services/app.hpp"
#include "services/release.hpp"
#include "services/routing.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kRegionPlace =
    TextArg("place", "The app of that place.").of(ValueType::service).required();
constexpr TextArg kRegionVersion =
    TextArg("version", "The version that every place gets.").required();
constexpr ListArg kRegionOrder =
    ListArg("order", "The places, one after the other (default: as `places` lists them).")
        .of(ValueType::services);

/// The places that take users and answer.
std::vector<std::string> places_serving(const Call& call, const Record& now) {
  std::vector<std::string> places;
  for (const std::string& place : call.self.fields.strings("places")) {
    const ServiceIndex app = call.context.plan().find_service(place);
    if (now.get("serves." + place) == "true" &&
        (app == model::kNone || answers(call.context, call.world, app)))
      places.push_back(place);
  }
  return places;
}

/// What becomes of all users when only these places are left: done where they bear them, or nobody
/// says of any what it bears.
Outcome move_users(const Call& call, const std::vector<std::string>& left) {
  const auto count = static_cast<std::int64_t>(left.size());
  const std::int64_t share = (100 + count - 1) / count;
  std::int64_t all = 0;
  std::vector<std::string> unsaid;
  for (const std::string& place : left) {
    if (const auto most = bears(call.self, place))
      all += *most;
    else
      unsaid.push_back(place);
  }
  if (all >= 100 || unsaid.size() == left.size()) return Outcome::done();
  if (!unsaid.empty())
    return Outcome::opaque(fmt::format("what '{}' bears, the plan does not say", unsaid.front()));
  return Outcome::refused(
      fmt::format("each of the {} places that are left gets {} % of the users and bears {} %",
                  count, share, all / count));
}

std::vector<ServiceIndex> places_of(const Context& context, ServiceIndex self) {
  return named_services(context.plan(), context.plan().services[self].fields, "places");
}

Outcome turn(const Call& call, bool on) {
  const std::string fact = "serves." + call.arg(kRegionPlace);
  if (!call.now.has(fact))
    return Outcome::refused(
        fmt::format("'{}' is no place of '{}'", call.arg(kRegionPlace), call.self.name));
  const Record next = call.now.with(fact, on ? "true" : "false");
  if (on || next.equals(call.now)) return call.becomes(next);
  const std::vector<std::string> left = places_serving(call, next);
  if (left.empty()) return Outcome::refused("no place would be left that answers");
  if (Outcome outcome = move_users(call, left); !outcome.ok()) return outcome;
  return call.becomes(next);
}

VerbRow place_row(std::string verb, std::string help, bool on) {
  return {{verb, {kRegionPlace}, std::move(help)},
          [on](const Call& call) { return turn(call, on); },
          [](const Call& call) {
            const std::string& was = call.now.get("serves." + call.arg(kRegionPlace));
            if (was.empty()) return Undo{};
            return call.back(was == "true" ? "enable" : "drain",
                             {{kRegionPlace.name(), call.arg(kRegionPlace)}});
          },
          [on](const Context&, const Action& action, Traits& traits) {
            const std::string held = fmt::format("users of {}", kRegionPlace.in(action.args));
            (on ? traits.releases : traits.acquires).push_back(held);
          },
          {},
          [](const Context& context, const Action& action) {
            Footprint print;
            for (const ServiceIndex app : places_of(context, action.service))
              print.reads.push_back(resource(context, app));
            return itself_and(context, action, std::move(print));
          }};
}

/// The places in the order in which a deploy goes through them.
std::vector<std::string> in_order(const Call& call) {
  std::vector<std::string> order = kRegionOrder.listed(call.action.args);
  if (kPart.is_given(call.action.args)) order = {call.arg(kPart)};
  return order.empty() ? call.self.fields.strings("places") : order;
}

/// Each place in turn; where one refuses, those before it serve the other version.
Outcome deploy_everywhere(const Call& call) {
  Outcome outcome = Outcome::done();
  for (const std::string& place : in_order(call)) {
    const ServiceIndex app = call.context.plan().find_service(place);
    if (app == model::kNone || !call.now.has("serves." + place))
      return Outcome::refused(fmt::format("'{}' is no place of '{}'", place, call.self.name));
    const Outcome one = roll_out(call.context, with_changes(call.world, outcome.changes), app,
                                 call.arg(kRegionVersion));
    for (const auto& [service, state] : one.changes) outcome.set(service, state);
    if (one.ok()) continue;
    outcome.result = one.result;
    outcome.reported_ok = one.reported_ok;
    outcome.message = fmt::format("{}: {}", place, one.message);
    return outcome;
  }
  return outcome;
}

VerbRow deploy_everywhere_row() {
  return {{"deploy",
           {kRegionVersion, kRegionOrder},
           "Deploys a version to every place in turn; it may stop between two."},
          deploy_everywhere,
          [](const Call& call) {
            std::string before;
            for (const std::string& place : in_order(call)) {
              const ServiceIndex app = call.context.plan().find_service(place);
              const std::string& version =
                  app == model::kNone ? before : call.world.record(app).get("version");
              if (!before.empty() && version != before) return Undo{};
              before = version;
            }
            if (before.empty()) return Undo{};
            Action back = same_service(call.action, "deploy", {{kRegionVersion.name(), before}});
            for (const model::Node::Entry& arg : call.action.args.entries) {
              if (is_one_of(arg.key, {"order", "part"})) back.args.entries.push_back(arg);
            }
            return Undo{Undo::Class::conditional,
                        "every place runs, and serves what it did",
                        {std::move(back)}};
          },
          [](const Context& context, const Action& action, Traits& traits) {
            traits.triggers = places_of(context, action.service);
          },
          [](const Call& call) {
            std::vector<Action> parts;
            for (const std::string& place : in_order(call))
              parts.push_back(with_arg(call.action, kPart.name(), place));
            return parts.size() < 2 || !deploy_everywhere(call).ok()
                       ? std::vector<Action>{call.action}
                       : parts;
          },
          [](const Context& context, const Action& action) {
            Footprint print;
            for (const ServiceIndex app : places_of(context, action.service))
              add_roll_out(context, app, print);
            return itself_and(context, action, std::move(print));
          }};
}

KindRow region_row() {
  KindRow row;
  row.name = "region";
  row.help = "The places in which a service runs; which take users, and how many each bears.";
  row.fields = {field("places", ValueType::services, "The apps, one a place.", true),
                field("bears", ValueType::any,
                      "Share of all users, in percent, that each place bears, or place: share."),
                retries_field(), field("provider", ValueType::string, "Who runs it.")};
  row.verbs = {
      place_row(
          "drain",
          "Sends the users of a place to those that are left; refused where they do not bear it.",
          false),
      place_row("enable", "A place takes users again.", true), deploy_everywhere_row()};
  row.aliases = {"regions"};
  row.initial = [](const Context& context, ServiceIndex self,
                   std::vector<model::Mistake>& mistakes) {
    const model::Service& service = context.plan().services[self];
    check_bears(service, service.fields.strings("places"), mistakes);
    Amended record;
    for (const std::string& place : context.plan().services[self].fields.strings("places"))
      record.with("serves." + place, "true");
    return record;
  };
  row.blocks = [](const Context& context, const World& world, ServiceIndex self, ServiceIndex app) {
    const bool drained =
        world.record(self).get("serves." + context.plan().services[app].name) == "false";
    return drained
               ? fmt::format("'{}' sends its users elsewhere", context.plan().services[self].name)
               : std::string();
  };
  return row;
}

}  // namespace

const Kind& kind_region() {
  static const std::unique_ptr<const Kind> kKind = make_kind(region_row());
  return *kKind;
}

}  // namespace backout::services
