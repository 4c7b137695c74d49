// Processes under pm2.
//
// What the real thing does: `pm2 save` writes down which processes run; after a reboot of the
// machine that list starts, and not what ran last. A restart keeps the environment of the first
// start unless it is told `--update-env`. Source: pm2.keymetrics.io, "Startup Script Generator",
// "Environment Variables". What this fake leaves out: clusters, log files, ecosystem files.
//
// Facts: saved (the version that a reboot starts); those of an app.
#include <fmt/format.h>

#include "services/app_verbs.hpp"

namespace backout::services {

namespace {

Record with_saved(const Call& call) {
  const std::string& version = call.now.get("version");
  return version == call.self.start ? call.now.without("saved") : call.now.with("saved", version);
}

/// What a reboot of the machine starts: the saved list, or what was saved before the deploy.
Outcome reboot(const Call& call) {
  const std::string version = call.now.has("saved") ? call.now.get("saved") : call.self.start;
  return roll_out(call.context, call.world, call.action.service, version);
}

std::vector<VerbRow> verbs_of_pm2() {
  return {rollback_row_of_app("Serves an earlier version again."),
          {{"save", {}, "Writes down what runs now: a reboot starts that."},
           [](const Call& call) { return call.becomes(with_saved(call)); },
           [](const Call& call) {
             return with_saved(call).equals(call.now)
                        ? nothing_to_undo()
                        : no_undo("the list before it is overwritten");
           },
           no_traits},
          {{"reboot", {}, "The machine starts again, with the saved list."},
           reboot,
           unknown_undo,
           [](const Context& context, const Action& action, Traits& traits) {
             traits.changes_version = true;
             starts(context, action, traits);
           }}};
}

}  // namespace

const Kind& kind_pm2() {
  static const std::unique_ptr<const Kind> kKind =
      make_app({.name = "pm2",
                .help = "Processes under pm2, and the list that a reboot starts.",
                .rows = verbs_of_pm2()});
  return *kKind;
}

}  // namespace backout::services
