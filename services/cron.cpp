// A job that runs by the clock: cron, a CronJob of Kubernetes, a systemd timer, a scheduler's task.
//
// What the real thing does: at its times it runs the code of its own version, whatever the app has:
// deployed with another step than the app, forgotten as easily. Suspended, missed runs are made up
// for or not, by its settings
// (`startingDeadlineSeconds`, `concurrencyPolicy`; systemd `Persistent=`). A run that is under way
// goes on, with the code that it began with (Kubernetes "CronJob", "Schedule suspension"), unless
// whoever suspends it waits for its end (`drain`). What this fake leaves out: the moments. Whatever
// it does may happen between any two steps; when it is resumed, the run of before has ended.
//
// Facts: suspended, version; history and under_way (the version of a run that goes on while it is
// suspended) are not essential.
#include <fmt/format.h>

#include "services/versioned.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kCronDrain = kDrain.saying(
    "true or a duration: it ends when the run under way has ended; else that goes on.");

std::string runs_of(const Context& context, const Action& action) {
  return "runs of " + context.plan().services[action.service].name;
}

bool is_suspended(const Call& call) { return call.now.get("suspended") == "true"; }

Outcome suspend(const Call& call) {
  const Record next = call.now.with("suspended", "true").without(kUnderWay);
  const std::optional<bool> ends = drains(call.action);
  if (!ends)
    return Outcome::opaque("whether a run under way ends first, the plan does not say")
        .set(call.action.service, next);
  const std::string& version =
      is_suspended(call) ? call.now.get(kUnderWay) : call.now.get("version");
  return call.becomes(*ends || version.empty() ? next : next.with(kUnderWay, version));
}

VerbRow suspend_row() {
  return {
      {"suspend",
       {kCronDrain},
       "It runs no more; a run under way goes on, unless it waits for its end."},
      suspend,
      [](const Call& call) { return is_suspended(call) ? nothing_to_undo() : call.back("resume"); },
      [](const Context& context, const Action& action, Traits& traits) {
        traits.acquires = {runs_of(context, action)};
      }};
}

VerbRow resume_row() {
  return {{"resume", {}, "It runs by the clock again."},
          [](const Call& call) {
            return call.becomes(call.now.with("suspended", "false").without(kUnderWay));
          },
          // A run that was under way when it was suspended is not begun again.
          [](const Call& call) {
            return is_suspended(call) ? call.back("suspend", {{kCronDrain.name(), "true"}})
                                      : call.back("resume");
          },
          [](const Context& context, const Action& action, Traits& traits) {
            traits.releases = {runs_of(context, action)};
          }};
}

/// A deploy or rollback counts for the next run: the one that goes on is of the version that it
/// began with.
VerbRow for_next_run(VerbRow row) {
  row.apply = [apply = row.apply](const Call& call) {
    Outcome outcome = apply(call);
    const std::string& version = call.now.get(kUnderWay);
    if (version.empty() || !outcome.ok()) return outcome;
    return outcome.set(call.action.service, with_changes(call.world, outcome.changes)
                                                .record(call.action.service)
                                                .with(kUnderWay, version));
  };
  return row;
}

KindRow cron_row() {
  KindRow row;
  row.name = "cron";
  row.help = "A job that runs by the clock, of a version of its own.";
  row.has_versions = true;
  row.fields = {field("schedule", ValueType::string, "When it runs."),
                field("suspended", ValueType::boolean,
                      "Whether it is suspended before the deploy (default false)."),
                field("history", ValueType::any, "Versions before the deploy, the oldest first."),
                field("provider", ValueType::string, "Who runs it."),
                field("location", ValueType::string, "Failure domain that it lives in.")};
  row.verbs = {suspend_row(), resume_row(),
               for_next_run(deploy_row("Its next run is of another version.")),
               for_next_run(rollback_row("Its next run is of an earlier version again."))};
  row.aliases = {"cronjob", "timer"};
  row.incidental = version_areas();
  row.incidental.emplace_back(kUnderWay);
  row.initial = [](const Context& context, ServiceIndex self, std::vector<model::Mistake>&) {
    const model::Service& service = context.plan().services[self];
    const bool suspended = service.fields.flag("suspended");
    return with_version(service, Record().with("suspended", suspended ? "true" : "false"));
  };
  row.live = [](const Plan&, ServiceIndex, const Record& record) {
    if (record.get("suspended") != "true") return versions_at_work(record);
    return record.has(kUnderWay) ? std::vector<std::string>{record.get(kUnderWay)}
                                 : std::vector<std::string>{};
  };
  return row;
}

}  // namespace

const Kind& kind_cron() {
  static const std::unique_ptr<const Kind> kKind = make_kind(cron_row());
  return *kKind;
}

}  // namespace backout::services
