// A deployment group of AWS CodeDeploy.
//
// What the real thing does: a rollback is a new deployment of an older revision, with its hooks.
// Before anything else it runs the ApplicationStop hook of the revision that is installed: a hook
// that fails there stops every further deployment, the rollback too, until it is told to ignore
// that. Files that are there and that the revision did not install make it fail. Sources:
// CodeDeploy user guide, "Redeploy and roll back a deployment", "AppSpec hooks",
// "ignoreApplicationStopFailures", "Rollback behavior with existing content". What this fake leaves
// out: single instances, traffic shifting, alarms.
//
// Facts: those of an app.
#include <fmt/format.h>

#include "services/app_verbs.hpp"
#include "services/features.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr FlagArg kIgnoreStopFailures{"ignore_stop_failures",
                                      "Goes on when ApplicationStop fails (default false)."};

std::string why_stop_fails(const Call& call) {
  if (call.arg(kIgnoreStopFailures)) return {};
  const std::vector<std::string> failing = call.self.fields.strings("stop_hook_fails");
  if (std::ranges::find(failing, call.now.get("version")) == failing.end()) return {};
  return fmt::format("LifecycleEvent - ApplicationStop: the hook of '{}' failed",
                     call.now.get("version"));
}

Outcome deploy_revision(const Call& call) {
  if (std::string why = why_stop_fails(call); !why.empty()) return Outcome::refused(why);
  return roll_out(call.context, call.world, call.action.service, call.arg(kDeployedVersion));
}

/// `besides`: what it does as every deploy, or every redeploy, does.
VerbRow deployment_row(std::string verb, std::string help, TellTraits besides) {
  return {
      {std::move(verb),
       {kDeployedVersion.saying("The revision."), kDeployedImage.saying("Where it is kept."),
        kIgnoreStopFailures},
       std::move(help)},
      deploy_revision,
      [](const Call& call) {
        if (!call.self.fields.strings("stop_hook_fails").empty()) return Undo{};
        return undo_of_what_serves(call);
      },
      [besides = std::move(besides)](const Context& context, const Action& action, Traits& traits) {
        besides(context, action, traits);
        traits.unpinned_target = moving_artefact(context, action);
      }};
}

constexpr const char* kConfiguration = "configuration";

/// CodeDeployDefault.AllAtOnce, HalfAtATime and OneAtATime: what is not being deployed to serves.
std::optional<Room> room_of_group(const model::Service& self, std::int64_t instances) {
  const std::string how = self.fields.text(kConfiguration);
  if (how == "all_at_once") return Room{0, false};
  if (how == "half_at_a_time") return Room{(instances + 1) / 2, false};
  if (how == "one_at_a_time") return Room{instances - 1, false};
  return std::nullopt;
}

std::vector<VerbRow> verbs_of_codedeploy() {
  VerbRow row = deployment_row("deploy", "A deployment of a revision.", deploy_traits);
  row.parts = in_turn;
  row.harmed = harmed_deploy;
  return {std::move(row),
          deployment_row("redeploy", "A deployment of an older revision: what a rollback is.",
                         [](const Context& context, const Action& action, Traits& traits) {
                           target_traits(context, action, kRedeploy, traits);
                           starts(context, action, traits);
                         })};
}

}  // namespace

const Kind& kind_codedeploy() {
  static const std::unique_ptr<const Kind> kKind = make_app(
      {.name = "codedeploy",
       .help = "A deployment group of AWS CodeDeploy.",
       .rows = verbs_of_codedeploy(),
       .fields = {field("stop_hook_fails", ValueType::strings,
                        "Revisions whose ApplicationStop hook fails."),
                  choice(kConfiguration, {"one_at_a_time", "half_at_a_time", "all_at_once"},
                         "How many instances are deployed to at once; said, what is left "
                         "of them has to bear the users meanwhile.")},
       .features = {.room = room_of_group, .drives_others = true}});
  return *kKind;
}

}  // namespace backout::services
