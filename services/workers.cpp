// Background workers: consumers of a queue, a scheduler.
//
// What the real thing does: runs jobs that read and write the services that it uses, deployed apart
// from the app: while one is of the new version and the other of the old, each meets what the other
// wrote. Stopped without draining, jobs under way are cut off, and a queue gives them to the next
// worker (Sidekiq, "Deployment"; Celery, "Stopping the worker"). Told to take no new ones
// (Sidekiq's TSTP signal, Celery's `cancel_consumer`, `queue.pause()` of BullMQ) they go on with
// the jobs under way, which are of the version that began them and write as before, until they have
// ended. Jobs that run apart from what starts them (Kubernetes Jobs, Airflow's executors, Nomad)
// neither a deploy nor a stop ends: they go on with the code that they began with (Astronomer,
// "Deploy rollbacks"). While workers are stopped the queue grows. What this fake leaves out: how
// many jobs, how long they take.
//
// Facts: running, under_way (paused, with jobs that have not ended; of jobs that run apart: the
// version of those that were not waited for), version, rolling (the version that replaces it);
// history is not essential.
#include <fmt/format.h>

#include <optional>

#include "services/versioned.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr std::int64_t kMostAtOnce = 1'000'000;

/// How many jobs may be under way; empty: the plan does not say.
std::string most_jobs(const model::Service& self) {
  const std::optional<std::int64_t> at_once = self.fields.integer("concurrency");
  if (!at_once || *at_once < 1 || *at_once > kMostAtOnce) return {};
  const std::int64_t instances = self.fields.integer("instances").value_or(1);
  return instances < 1 || instances > kMostAtOnce ? std::string()
                                                  : fmt::format("up to {} ", *at_once * instances);
}

bool runs_apart(const model::Service& self) { return self.fields.flag("runs_apart"); }

/// What becomes of jobs under way when their workers stop; empty when they end first, or begin
/// again without harm.
std::string cut_off(const model::Service& self, const Action& action) {
  if (self.fields.flag("repeatable")) return {};
  const std::optional<bool> ends = drains(action);
  if (!ends) return "whether jobs under way end first is not known";
  return *ends ? "" : most_jobs(self) + "jobs under way are cut off";
}

/// What goes on where nobody waits for it: the jobs that run now, and of jobs that run apart their
/// version.
std::string what_goes_on(const Call& call) {
  if (!runs_apart(call.self) || !call.now.has("version")) return "true";
  return call.now.get("running") == "true" ? call.now.get("version") : call.now.get(kUnderWay);
}

Outcome pause_work(const Call& call) {
  const std::optional<bool> ends = drains(call.action);
  const bool works = call.now.get("running") == "true" || call.now.has(kUnderWay);
  const Record next = call.now.with("running", "false").without(kUnderWay);
  if (!ends)
    return Outcome::opaque("whether jobs under way end first, the plan does not say")
        .set(call.action.service, next);
  return call.becomes(*ends || !works ? next : next.with(kUnderWay, what_goes_on(call)));
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
  const Record next = call.now.with("running", "true");
  const bool ends = !runs_apart(call.self) || call.now.get(kUnderWay) == call.now.get("version");
  return call.becomes(ends ? next.without(kUnderWay) : next);
}

Outcome stop_work(const Call& call) {
  if (runs_apart(call.self)) return pause_work(call);
  return call.becomes(call.now.with("running", "false").without(kUnderWay));
}

void tell_cut_off(const Context& context, const Action& action, Traits& traits) {
  const model::Service& self = context.plan().services[action.service];
  if (std::string cut = cut_off(self, action); !cut.empty()) traits.leaves = {std::move(cut)};
}

/// A deploy or rollback cuts off the jobs under way, unless it waits for their end (`drain`) or
/// they run apart.
VerbRow ending_jobs(VerbRow row) {
  row.spec.args.push_back(kDrain);
  row.traits = [traits = std::move(row.traits)](const Context& context, const Action& action,
                                                Traits& all) {
    traits(context, action, all);
    if (!runs_apart(context.plan().services[action.service])) tell_cut_off(context, action, all);
  };
  row.apply = [apply = std::move(row.apply)](const Call& call) {
    Outcome outcome = apply(call);
    const std::optional<bool> ends = drains(call.action);
    if (runs_apart(call.self) && !ends && outcome.ok()) {
      outcome.result = Outcome::Result::opaque;
      outcome.message = "whether jobs under way end first, the plan does not say";
    }
    if (ends.value_or(false)) return outcome;
    if (call.self.fields.is_unknown("runs_apart") && outcome.ok()) {
      outcome.result = Outcome::Result::opaque;
      outcome.message = "whether jobs under way go on, the plan does not say (`runs_apart`)";
    }
    if (!runs_apart(call.self) || !outcome.ok()) return outcome;
    const Record next = with_changes(call.world, outcome.changes).record(call.action.service);
    const bool works = call.now.get("running") == "true" || call.now.has(kUnderWay);
    const std::string goes_on = what_goes_on(call);
    if (!works || goes_on == next.get("version")) return outcome;
    return outcome.set(call.action.service, next.with(kUnderWay, goes_on));
  };
  row.undo = [undo = std::move(row.undo)](const Call& call) {
    Undo back = undo(call);
    if (runs_apart(call.self) && back.kind == Undo::Class::exact) {
      back.kind = Undo::Class::conditional;
      back.why = "jobs that run go on with the code that they began with";
    }
    return back;
  };
  return row;
}

std::vector<VerbRow> switch_rows() {
  return {
      {{"stop", {kDrain}, "Stops them."},
       stop_work,
       undo_switch,
       [](const Context& context, const Action& action, Traits& traits) {
         holds_work(context, action, traits);
         tell_cut_off(context, action, traits);
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
      field("concurrency", ValueType::integer, "How many jobs each takes at once."),
      field("runs_apart", ValueType::boolean,
            "Jobs run apart from what starts them: neither a deploy nor a stop ends them (default "
            "false)."),
      field("repeatable", ValueType::boolean,
            "Jobs that are cut off begin again without harm (default false)."),
      field("keeps", ValueType::integer, "How many versions are kept, the one that runs included."),
      field("history", ValueType::any, "Versions before the deploy, the oldest first."),
      field("location", ValueType::string, "Failure domain that they live in."),
      field("provider", ValueType::string, "Who runs them.")};
  row.verbs = switch_rows();
  row.verbs.push_back(ending_jobs(deploy_row("Runs a version.")));
  row.verbs.push_back(ending_jobs(rollback_row("Runs an earlier version again.")));
  row.aliases = {"worker"};
  row.incidental = version_areas();
  row.initial = [](const Context& context, ServiceIndex self, std::vector<model::Mistake>&) {
    const model::Service& service = context.plan().services[self];
    const bool running = service.fields.flag("running", true);
    return with_version(service, Record().with("running", running ? "true" : "false"));
  };
  row.live = [](const Plan& plan, ServiceIndex self, const Record& record) {
    const std::string& goes_on = record.get(kUnderWay);
    const bool apart = plan.services[self].find_version(goes_on) != nullptr;
    std::vector<std::string> all;
    if (record.get("running") == "true" || (!goes_on.empty() && !apart))
      all = versions_at_work(record);
    if (apart && !holds(all, goes_on)) all.push_back(goes_on);
    return all;
  };
  row.weigh = [](const Record& record, std::vector<Fact>& facts) {
    // Of jobs that run apart and end by themselves: what they write counts.
    for (Fact& fact : facts) {
      if (fact.path == kUnderWay && record.get(kUnderWay) != "true") fact.essential = false;
    }
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
