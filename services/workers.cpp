// Background workers and schedulers, with their queue.
//
// What the real thing does: runs jobs that read and write the services that it uses, whatever
// version the app has. Stopped without draining, jobs under way are cut off. While workers are
// stopped the queue grows. What this fake leaves out: queue lengths, job contents.
//
// Facts: running.
#include <fmt/format.h>

#include "services/record_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

model::KindSpec workers_spec() {
  const auto drain = field("drain", ValueType::any,
                           "true or a duration: jobs under way end first; else they are cut off.");
  return {
      "workers",
      "Background jobs, a scheduler, a queue.",
      false,
      {field("unit", ValueType::string, "Name of the unit."),
       field("queue", ValueType::string, "Name of the queue."),
       field("running", ValueType::boolean, "Whether they run before the deploy (default true)."),
       field("provider", ValueType::string, "Who runs them.")},
      {{"stop", {drain, command_field()}, "Stops them."},
       {"start", {command_field()}, "Starts them."},
       {"pause", {command_field()}, "Takes no new job; jobs under way end."},
       {"resume", {command_field()}, "Takes jobs again."}},
      {},
      {"worker"}};
}

/// Whether the plan says that jobs under way do not end first.
bool cuts_off(const Action& action) {
  const std::string drain = action.args.text("drain");
  return action.verb == "stop" && (drain == "false" || drain == "none");
}

class WorkersKind : public RecordKind {
 public:
  WorkersKind() : RecordKind(workers_spec()) {}

  StatePtr initial(const Context& context, ServiceIndex self,
                   std::vector<model::Mistake>&) const override {
    const bool running = context.plan().services[self].fields.flag("running", true);
    return Record().with("running", running ? "true" : "false").share();
  }

  Outcome apply(const Context&, const World& world, const Action& action) const override {
    const bool runs = is_one_of(action.verb, {"start", "resume"});
    if (!runs && !is_one_of(action.verb, {"stop", "pause"})) unhandled(spec(), action, "apply");
    const Record& workers = record(world, action.service);
    return Outcome::done().set(action.service, workers.with("running", runs ? "true" : "false"));
  }

  Undo undo(const Context&, const World& before, const Action& action) const override {
    const bool ran = record(before, action.service).get("running") == "true";
    if (!is_one_of(action.verb, {"start", "resume", "stop", "pause"})) return {};
    return {Undo::Class::exact, "", {same_service(action, ran ? "start" : "stop", {})}};
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    const std::string held = "work of " + context.plan().services[action.service].name;
    const bool runs = action.verb == "start" || action.verb == "resume";
    (runs ? traits.releases : traits.acquires) = {held};
    if (cuts_off(action)) traits.leaves = {"jobs under way are cut off"};
    return traits;
  }

  CheckResult check(const Context& context, const World& world,
                    const model::Check& check) const override {
    const ServiceIndex self = check.services.front();
    if (record(world, self).get("running") == "true") return {CheckResult::Value::pass, ""};
    return {CheckResult::Value::fail,
            fmt::format("'{}' does not run", context.plan().services[self].name)};
  }
};

}  // namespace

const Kind& kind_workers() {
  static const WorkersKind kKind;
  return kKind;
}

}  // namespace backout::services
