// Background workers and schedulers, with their queue.
//
// What the real thing does: runs jobs that read and write the services that it uses, whatever version the app has.
// Stopped without draining, jobs under way are cut off. While workers are stopped the queue grows; started before or
// after users come back it makes a difference.
// What this fake leaves out: queue lengths, job contents.
//
// Facts: running, paused.
#include <fmt/format.h>

#include "services/record_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

model::KindSpec workers_spec() {
  const auto command = field("command", ValueType::string, "The command as people type it, or unknown.");
  return {"workers", "Background jobs, a scheduler, a queue.", false,
          {field("unit", ValueType::string, "Name of the unit."), field("queue", ValueType::string, "Name of the queue."),
           field("running", ValueType::boolean, "Whether they run before the deploy (default true).")},
          {{"stop", {field("drain", ValueType::any, "true: jobs under way end first; none or false: they are cut off."), command}, "Stops them."},
           {"start", {command}, "Starts them."}, {"pause", {command}, "Takes no new job."}, {"resume", {command}, "Takes jobs again."}}};
}

class WorkersKind : public RecordKind {
 public:
  WorkersKind() : RecordKind(workers_spec()) {}

  StatePtr initial(const Context& context, ServiceIndex self, std::vector<model::Mistake>&) const override {
    const bool running = context.plan().services[self].fields.flag("running", true);
    return Record().with("running", running ? "true" : "false").share();
  }

  Outcome apply(const Context&, const World& world, const Action& action) const override {
    const bool runs = action.verb == "start" || action.verb == "resume";
    return Outcome::done().set(action.service, record(world, action.service).with("running", runs ? "true" : "false"));
  }

  Undo undo(const Context&, const World& before, const Action& action) const override {
    const bool ran = record(before, action.service).get("running") == "true";
    return {Undo::Class::exact, "", {same_service(action, ran ? "start" : "stop", {})}};
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    const std::string held = "work of " + context.plan().services[action.service].name;
    const bool runs = action.verb == "start" || action.verb == "resume";
    (runs ? traits.releases : traits.acquires) = {held};
    if (action.verb == "stop" && !action.args.flag("drain")) traits.leaves = {"jobs under way are cut off"};
    return traits;
  }

  CheckResult check(const Context& context, const World& world, const model::Check& check) const override {
    const bool runs = record(world, check.services.front()).get("running") == "true";
    if (runs) return {CheckResult::Value::pass, ""};
    return {CheckResult::Value::fail, fmt::format("'{}' does not run", context.plan().services[check.services.front()].name)};
  }
};

}  // namespace

const Kind& kind_workers() {
  static const WorkersKind kKind;
  return kKind;
}

}  // namespace backout::services
