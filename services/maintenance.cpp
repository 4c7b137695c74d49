// A maintenance switch: while it is on, users do not get through.
//
// What the real thing does: often an endpoint of the app itself, so that it cannot be thrown when
// the app is down; its state often lives in the database, so that a restore revives the state of
// the backup, whatever the switch says now. What this fake leaves out: bypass lists, background
// work (workers go on).
//
// Facts: state (on|off).
#include <algorithm>

#include <fmt/format.h>

#include "services/app.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kMaintenanceMessage{"message", "What users read."};

Outcome throw_switch(const Call& call, const char* state) {
  const Plan& plan = call.context.plan();
  for (const ServiceIndex via : named_services(plan, call.self.fields, "via")) {
    if (!answers(call.context, call.world, via))
      return Outcome::refused(fmt::format("'{}' does not answer", plan.services[via].name));
  }
  return call.becomes(call.now.with("state", state));
}

VerbRow maintenance_row(bool on, std::vector<model::FieldSpec> args, std::string help) {
  return {{on ? "on" : "off", std::move(args), std::move(help)},
          [on](const Call& call) { return throw_switch(call, on ? "on" : "off"); },
          [](const Call& call) {
            const std::string& state = call.now.get("state");
            return state == "unknown" ? Undo{} : call.back(state);
          },
          [on](const Context& context, const Action& action, Traits& traits) {
            const model::Service& self = context.plan().services[action.service];
            (on ? traits.acquires : traits.releases).push_back("maintenance of " + self.name);
            traits.via = named_services(context.plan(), self.fields, "via");
          }};
}

std::string why_hidden(const Context& context, const World& world, ServiceIndex self,
                       ServiceIndex app) {
  if (world.record(self).get("state") != "on") return {};
  const Plan& plan = context.plan();
  std::vector<ServiceIndex> fronts = named_services(plan, plan.services[self].fields, "fronts");
  for (ServiceIndex each = 0; each < plan.services.size(); ++each) {
    const std::vector<ServiceIndex> before =
        named_services(plan, plan.services[each].fields, "behind");
    if (std::ranges::find(before, self) != before.end()) fronts.push_back(each);
  }
  const bool hides = fronts.empty() || std::ranges::find(fronts, app) != fronts.end();
  return hides ? fmt::format("'{}' is on", plan.services[self].name) : "";
}

KindRow maintenance_row() {
  KindRow row;
  row.name = "maintenance";
  row.help = "A maintenance switch in front of apps.";
  row.fields = {field("via", ValueType::service,
                      "The service whose interface throws it; default: one of its own."),
                field("state_in", ValueType::service, "The store that holds its state."),
                field("fronts", ValueType::services, "The apps that it hides (default: all)."),
                choice("before", {"off", "on"}, "Its state before the deploy (default off).")};
  row.verbs = {maintenance_row(true, {kMaintenanceMessage}, "Users do not get through."),
               maintenance_row(false, {}, "Users get through.")};
  row.initial = [](const Context& context, ServiceIndex self, std::vector<model::Mistake>&) {
    return Record().with("state", context.plan().services[self].fields.text_or("before", "off"));
  };
  row.footprint = [](const Context& context, const Action& action) {
    Footprint print;
    for (const ServiceIndex via :
         named_services(context.plan(), context.plan().services[action.service].fields, "via")) {
      for (std::string& path : paths_behind(context, via)) print.reads.push_back(std::move(path));
    }
    return itself_and(context, action, std::move(print));
  };
  row.blocks = why_hidden;
  return row;
}

}  // namespace

const Kind& kind_maintenance() {
  static const std::unique_ptr<const Kind> kKind = make_kind(maintenance_row());
  return *kKind;
}

}  // namespace backout::services
