// A job that runs by the clock: cron, a CronJob of Kubernetes, a systemd timer, a scheduler's task.
//
// What the real thing does: at its times it runs the code of its own version, whatever the app has: deployed with another
// step than the app, forgotten as easily. Suspended, missed runs are made up for or not, by its settings
// (`startingDeadlineSeconds`, `concurrencyPolicy`; systemd `Persistent=`). A run that is under way goes on. What this
// fake leaves out: the moments. Whatever it does may happen between any two steps.
//
// Facts: suspended, version; history is not essential.
#include <fmt/format.h>

#include "services/versioned.hpp"

namespace backout::services {

using model::ValueType;

namespace {

VerbRow switch_row(std::string verb, std::string help, bool runs) {
  return {{std::move(verb), {}, std::move(help)},
          [runs](const Call& call) { return call.becomes(call.now.with("suspended", runs ? "false" : "true")); },
          [](const Call& call) { return call.back(call.now.get("suspended") == "true" ? "suspend" : "resume"); },
          [runs](const Context& context, const Action& action, Traits& traits) {
            const std::string held = "runs of " + context.plan().services[action.service].name;
            (runs ? traits.releases : traits.acquires) = {held};
          }};
}

KindRow cron_row() {
  KindRow row;
  row.name = "cron";
  row.help = "A job that runs by the clock, of a version of its own.";
  row.has_versions = true;
  row.fields = {field("schedule", ValueType::string, "When it runs."),
                field("suspended", ValueType::boolean, "Whether it is suspended before the deploy (default false)."),
                field("history", ValueType::any, "Versions before the deploy, the oldest first."),
                field("provider", ValueType::string, "Who runs it."),
                field("location", ValueType::string, "Failure domain that it lives in.")};
  row.verbs = {switch_row("suspend", "It runs no more; a run under way goes on.", false),
               switch_row("resume", "It runs by the clock again.", true),
               deploy_row("Its next run is of another version."),
               rollback_row("Its next run is of an earlier version again.")};
  row.aliases = {"cronjob", "timer"};
  row.incidental = version_areas();
  row.initial = [](const Context& context, ServiceIndex self, std::vector<model::Mistake>&) {
    const model::Service& service = context.plan().services[self];
    const bool suspended = service.fields.flag("suspended");
    return with_version(service, Record().with("suspended", suspended ? "true" : "false"));
  };
  row.live = [](const Plan&, ServiceIndex, const Record& record) {
    return record.get("suspended") == "true" ? std::vector<std::string>{} : versions_at_work(record);
  };
  return row;
}

}  // namespace

const Kind& kind_cron() {
  static const std::unique_ptr<const Kind> kKind = make_kind(cron_row());
  return *kKind;
}

}  // namespace backout::services
