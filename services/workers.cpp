// Background workers: consumers of a queue, a scheduler.
//
// What the real thing does: runs jobs that read and write the services that it uses, deployed apart
// from the app: while one is of the new version and the other of the old, each meets what the other
// wrote. Stopped without draining, jobs under way are cut off, and a queue gives them to the next
// worker (Sidekiq, "Deployment"; Celery, "Stopping the worker"). Told to take no new ones
// (Sidekiq's TSTP signal, Celery's `cancel_consumer`, `queue.pause()` of BullMQ) they go on with
// the jobs under way, which are of the version that began them and write as before, until they have
// ended. While workers are stopped the queue grows. What this fake leaves out: how many jobs, how
// long they take.
//
// Facts: running, under_way (paused, with jobs that have not ended), version, rolling (the version
// that replaces it); history is not essential.
#include <fmt/format.h>

#include <optional>

#include "services/versioned.hpp"

namespace backout::services {

using model::ValueType;

namespace {

/// What becomes of jobs under way when their workers stop; empty when they end first.
std::string cut_off(const Action& action) {
  const std::optional<bool> ends = drains(action);
  if (!ends) return "whether jobs under way end first is not known";
  return *ends ? "" : "jobs under way are cut off";
}

Outcome pause_work(const Call& call) {
  const std::optional<bool> ends = drains(call.action);
  const bool works = call.now.get("running") == "true" || call.now.has(kUnderWay);
  const Record next = call.now.with("running", "false").without(kUnderWay);
  if (!ends)
    return Outcome::opaque("whether jobs under way end first, the plan does not say")
        .set(call.action.service, next);
  return call.becomes(*ends || !works ? next : next.with(kUnderWay, "true"));
}

Undo undo_pause_of_work(const Call& call) {
  if (call.now.get("running") == "true") return call.back("start");
  return pause_work(call).ok() && !call.now.has(kUnderWay) ? nothing_to_undo() : Undo{};
}

std::string work_of(const Context& context, const Action& action) {
  return "work of " + context.plan().services[action.service].name;
}
void holds_work(const Context& context, const Action& action, Traits& traits) {
  traits.acquires = {work_of(context, action)};
}
void lets_work_go_on(const Context& context, const Action& action, Traits& traits) {
  traits.releases = {work_of(context, action)};
}

Undo undo_switch(const Call& call) {
  if (call.now.has(kUnderWay)) return {};
  return call.back(call.now.get("running") == "true" ? "start" : "stop");
}

Outcome start_work(const Call& call) {
  return call.becomes(call.now.with("running", "true").without(kUnderWay));
}

std::vector<VerbRow> switch_rows() {
  return {
      {{"stop", {kDrain}, "Stops them."},
       [](const Call& call) {
         return call.becomes(call.now.with("running", "false").without(kUnderWay));
       },
       undo_switch,
       [](const Context& context, const Action& action, Traits& traits) {
         holds_work(context, action, traits);
         if (std::string cut = cut_off(action); !cut.empty()) traits.leaves = {std::move(cut)};
       }},
      {{"start", {}, "Starts them."}, start_work, undo_switch, lets_work_go_on},
      {{"pause",
        {kDrain.saying(
            "true or a duration: it ends when the jobs under way have ended; else they go on.")},
        "Takes no new job; jobs under way go on until they end."},
       pause_work,
       undo_pause_of_work,
       holds_work},
      {{"resume", {}, "Takes jobs again."}, start_work, undo_switch, lets_work_go_on}};
}

CheckResult check_work(const Context& context, const World& world, const model::Check& check) {
  const ServiceIndex self = check.services.front();
  if (world.record(self).get("running") == "true") return {CheckResult::Value::pass, ""};
  return {CheckResult::Value::fail,
          fmt::format("'{}' does not run", context.plan().services[self].name)};
}

KindRow workers_row() {
  KindRow row;
  row.name = "workers";
  row.help = "Background jobs, a scheduler, a queue.";
  row.has_versions = true;
  row.fields = {
      field("unit", ValueType::string, "Name of the unit."),
      field("queue", ValueType::string, "Name of the queue."),
      field("running", ValueType::boolean, "Whether they run before the deploy (default true)."),
      field("instances", ValueType::any, "How many; more than 1 are replaced in turn."),
      field("concurrency", ValueType::integer, "How many jobs at once."),
      field("keeps", ValueType::integer, "How many versions are kept, the one that runs included."),
      field("history", ValueType::any, "Versions before the deploy, the oldest first."),
      field("location", ValueType::string, "Failure domain that they live in."),
      field("provider", ValueType::string, "Who runs them.")};
  row.verbs = switch_rows();
  row.verbs.push_back(deploy_row("Runs a version."));
  row.verbs.push_back(rollback_row("Runs an earlier version again."));
  row.aliases = {"worker"};
  row.incidental = version_areas();
  row.initial = [](const Context& context, ServiceIndex self, std::vector<model::Mistake>&) {
    const model::Service& service = context.plan().services[self];
    const bool running = service.fields.flag("running", true);
    return with_version(service, Record().with("running", running ? "true" : "false"));
  };
  row.live = [](const Plan&, ServiceIndex, const Record& record) {
    return record.get("running") == "true" || record.has(kUnderWay) ? versions_at_work(record)
                                                                    : std::vector<std::string>{};
  };
  row.check = check_work;
  return row;
}

}  // namespace

const Kind& kind_workers() {
  static const std::unique_ptr<const Kind> kKind = make_kind(workers_row());
  return *kKind;
}

}  // namespace backout::services
