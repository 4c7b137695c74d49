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

model::KindSpec maintenance_spec() {
  return {"maintenance",
          "A maintenance switch in front of apps.",
          false,
          {field("via", ValueType::service,
                 "The service whose interface throws it; default: one of its own."),
           field("state_in", ValueType::service, "The store that holds its state."),
           field("fronts", ValueType::services, "The apps that it hides (default: all)."),
           choice("before", {"off", "on"}, "Its state before the deploy (default off).")},
          {{"on",
            {field("message", ValueType::string, "What users read."), command_field()},
            "Users do not get through."},
           {"off", {command_field()}, "Users get through."}}};
}

class MaintenanceKind : public RecordKind {
 public:
  MaintenanceKind() : RecordKind(maintenance_spec()) {}

  StatePtr initial(const Context& context, ServiceIndex self,
                   std::vector<model::Mistake>&) const override {
    return Record()
        .with("state", context.plan().services[self].fields.text_or("before", "off"))
        .share();
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    if (!is_one_of(action.verb, {"on", "off"})) unhandled(spec(), action, "apply");
    const Plan& plan = context.plan();
    for (const ServiceIndex via :
         named_services(plan, plan.services[action.service].fields, "via")) {
      if (!answers(context, world, via)) {
        return Outcome::refused(fmt::format("'{}' does not answer", plan.services[via].name));
      }
    }
    return Outcome::done().set(action.service,
                               record(world, action.service).with("state", action.verb));
  }

  Footprint footprint(const Context& context, const Action& action) const override {
    const std::string self = resource(context, action.service);
    Footprint print{{self}, {self}};
    const Plan& plan = context.plan();
    for (const ServiceIndex via :
         named_services(plan, plan.services[action.service].fields, "via")) {
      for (std::string& path : paths_behind(context, via)) print.reads.push_back(std::move(path));
    }
    std::sort(print.reads.begin(), print.reads.end());
    return print;
  }

  Undo undo(const Context&, const World& before, const Action& action) const override {
    if (!is_one_of(action.verb, {"on", "off"})) return {};
    const std::string& state = record(before, action.service).get("state");
    return {Undo::Class::exact, "", {same_service(action, state, {})}};
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    const model::Service& service = context.plan().services[action.service];
    std::vector<std::string>& held = action.verb == "on" ? traits.acquires : traits.releases;
    held.push_back("maintenance of " + service.name);
    traits.via = named_services(context.plan(), service.fields, "via");
    return traits;
  }

  bool may_block() const override { return true; }
  std::string blocks(const Context& context, const World& world, ServiceIndex self,
                     ServiceIndex app) const override {
    if (record(world, self).get("state") != "on") return {};
    const Plan& plan = context.plan();
    const std::vector<ServiceIndex> fronts =
        named_services(plan, plan.services[self].fields, "fronts");
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
