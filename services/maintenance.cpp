// A maintenance switch: while it is on, users do not get through.
//
// What the real thing does: often an endpoint of the app itself, so that it cannot be thrown when the app is down; its
// state often lives in the database, so that a restore clears or revives it.
// What this fake leaves out: bypass lists, background work (workers go on).
//
// Facts: on.
#include <algorithm>

#include <fmt/format.h>

#include "services/app.hpp"
#include "services/record_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

model::KindSpec maintenance_spec() {
  const auto command = field("command", ValueType::string, "The command as people type it, or unknown.");
  return {"maintenance", "A maintenance switch in front of apps.", false,
          {field("via", ValueType::service, "The service whose interface throws it; default: one of its own."),
           field("state_in", ValueType::service, "The store that holds its state."),
           field("fronts", ValueType::services, "The apps that it hides (default: all).")},
          {{"on", {field("message", ValueType::string, "What users read."), command}, "Users do not get through."},
           {"off", {command}, "Users get through."}}};
}

class MaintenanceKind : public RecordKind {
 public:
  MaintenanceKind() : RecordKind(maintenance_spec()) {}

  StatePtr initial(const Context&, ServiceIndex, std::vector<model::Mistake>&) const override {
    return Record().with("on", "false").share();
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    const Plan& plan = context.plan();
    for (const ServiceIndex via : named_services(plan, plan.services[action.service].fields, "via")) {
      if (!plan.services[via].versions.empty() && !is_running(world, via)) {
        return Outcome::refused(fmt::format("'{}' does not answer", plan.services[via].name));
      }
    }
    return Outcome::done().set(action.service, record(world, action.service).with("on", action.verb == "on" ? "true" : "false"));
  }

  Footprint footprint(const Context& context, const Action& action) const override {
    Footprint print{{resource(context, action.service)}, {resource(context, action.service)}};
    const Plan& plan = context.plan();
    for (const ServiceIndex via : named_services(plan, plan.services[action.service].fields, "via")) {
      print.reads.push_back(resource(context, via, "running"));
    }
    std::sort(print.reads.begin(), print.reads.end());
    return print;
  }

  Undo undo(const Context&, const World& before, const Action& action) const override {
    const bool was_on = record(before, action.service).get("on") == "true";
    return {Undo::Class::exact, "", {same_service(action, was_on ? "on" : "off", {})}};
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    const Plan& plan = context.plan();
    std::vector<std::string>& held = action.verb == "on" ? traits.acquires : traits.releases;
    held.push_back("maintenance of " + plan.services[action.service].name);
    traits.via = named_services(plan, plan.services[action.service].fields, "via");
    return traits;
  }

  std::string blocks(const Context& context, const World& world, ServiceIndex self, ServiceIndex app) const override {
    if (record(world, self).get("on") != "true") return {};
    const Plan& plan = context.plan();
    const std::vector<ServiceIndex> fronts = named_services(plan, plan.services[self].fields, "fronts");
    const bool hides = fronts.empty() || std::ranges::find(fronts, app) != fronts.end();
    return hides ? fmt::format("'{}' is on", plan.services[self].name) : "";
  }
};

}  // namespace

const Kind& kind_maintenance() {
  static const MaintenanceKind kKind;
  return kKind;
}

}  // namespace backout::services
