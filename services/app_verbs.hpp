#pragma once
// The verbs of apps, and the pieces of which platforms make theirs. The model is described at the
// head of app.cpp.

#include <string>
#include <vector>

#include "services/app.hpp"
#include "services/release.hpp"

namespace backout::services {

/// The fact of an app that runs and does not serve ("true"), and its value while that is still to
/// come: nobody sees it then.
inline constexpr const char* kUnhealthy = "unhealthy";
inline constexpr const char* kWhenStarted = "when started";
/// Its value when that befell a step of the deploy: a rollback finds it so.
inline constexpr const char* kSinceDeploy = "since the deploy";
/// The fact of an app whose new version answers errors: that version, whose processes are all
/// alike.
inline constexpr const char* kSick = "sick";

// Arguments that several platforms have, besides those of record_kind.hpp and app.hpp.
inline constexpr TextArg kToRevision{"to_revision", "Revision; without one it toggles."};
inline constexpr TextArg kRevision{"revision", "Revision; without one the one before."};
inline constexpr TextArg kReplicas =
    TextArg("replicas", "How many pods.").of(model::ValueType::integer).required();
inline constexpr FlagArg kWait{"wait", "Waits until it is ready."};
inline constexpr FlagArg kAtomic{"atomic", "Takes itself back on failure."};

/// How a version that served before serves again.
struct WayBack {
  Brings brings = Brings::nothing;
  bool is_rollback =
      false;  ///< it ends an upgrade that stopped half way, and looks for its objects
  bool builds_anew = false;  ///< from its source: no image need be kept, and without a name it is
                             ///< the one that serves
  bool pins = false;         ///< nothing that is deployed later serves until somebody promotes it
  bool lifts_pin = false;
};
inline constexpr WayBack kRollback{.brings = Brings::all, .is_rollback = true};
inline constexpr WayBack kRedeploy{.builds_anew = true};

/// Whether the plan does not say what `version` of the app is.
bool is_unknown_version(const model::Service& service, const std::string& version);
/// The version that an action goes (back) to: a named one, or the one before. Empty: nobody knows.
std::string target_version(const model::Service& service, const Record& app, const Action& action);

/// `app` with a new process, unless it was scaled to no instances; `app` without any.
Record started(const Record& app);
Record stopped(const Record& app);
/// `version`, which served before, serves again, with what belongs to its release.
Outcome serve_again(const Context& context, const World& world, const Action& action,
                    const std::string& version, const WayBack& way);
/// The same for the version that the action goes back to, if that is known and still kept.
Outcome go_back(const Call& call, const WayBack& way);
/// `anew`: what runs gets another process.
Outcome start_or_restart(const Call& call, bool anew);
/// `version` is started, whatever is kept.
Outcome serve_image(const Call& call, const std::string& version);
/// A deploy of `version`, or the part of one that the action is; `under_way`: the app while it is
/// not done.
Outcome deploy_in_parts(const Call& call, const Record& under_way, Hooks hooks);
Outcome deploy_version(const Call& call);
/// The same by another template of its pods alone: no hook runs.
Outcome change_pods(const Call& call);
/// helm's upgrade, which notes that it is at work before it does anything.
Outcome helm_upgrade(const Call& call);
Outcome scale_pods(const Call& call);
/// Whether a pod that is not ready keeps those of a StatefulSet from being replaced, whoever asks
/// for it; and what is so then: the template goes to `wanted` alone.
bool are_pods_stuck(const Context& context, const World& world, ServiceIndex app);
Outcome pods_stay(const World& world, ServiceIndex app, const std::string& wanted);
/// Its container is gone with its process.
Outcome remove_container(const Call& call);
/// Why `version` would not become ready in this world: what it requires of other services is not
/// so. Empty: it would.
std::string why_not_ready(const Context& context, const World& world, ServiceIndex app,
                          const std::string& version);

/// The parts of a change of pods, of a deploy, and of an upgrade that `apply` does.
std::vector<Action> pods_in_turn(const Call& call);
std::vector<Action> in_turn(const Call& call);
std::vector<Action> upgrade_parts(const Call& call, Outcome (*apply)(const Call&));

/// What takes a change of the version back: the one that serves before it is deployed again. Of
/// `undo_of_serving` that is so only while it is kept.
Undo undo_of_new_version(const Call& call);
Undo undo_of_way_back(const Call& call, const WayBack& way);
Undo undo_of_serving(const Context& context, const World& before, const Action& action);
Undo undo_of_what_serves(const Call& call);
/// The undo of what changed no version: `undo`, unless it reads configuration on the way that was
/// changed meanwhile.
Undo as_configured(const Call& call, Undo undo);
Undo undo_of_scale(const Call& call);
/// What makes a removed container again by `verb`; `may_be_plain`: one that keeps nothing is the
/// same then.
Undo undo_of_removal(const Call& call, const char* verb, bool may_be_plain);

/// Kind::harmed of an app, of which the action starts an image of `version` (empty: of none).
Changes harmed_app(const Call& call, Harm harm, const std::string& version);
/// The same of a deploy, and of a way back.
Changes harmed_deploy(const Call& call, Harm harm);
Changes harmed_way_back(const Call& call, Harm harm);

/// The word for the version that an action goes back to.
std::string target_word(const Action& action);
/// What a deploy does besides: another version runs, and what was stopped runs.
void deploy_traits(const Context& context, const Action& action, Traits& traits);
/// It goes back to a version; what it then starts.
void target_traits(const Context& context, const Action& action, const WayBack& way,
                   Traits& traits);
/// It goes back to a revision, whose image may be another one by now.
void back_to_revision(const Context& context, const Action& action, const WayBack& way,
                      Traits& traits);
void starts(const Context& context, const Action& action, Traits& traits);
void stops(const Context& context, const Action& action, Traits& traits);
/// It starts or stops pods: `replicas` says which.
void scale_traits(const Context& context, const Action& action, Traits& traits);
/// Configuration that goes back with the code, unless the plan says what it was.
void configuration_traits(const Context& context, const Action& action, Brings brings,
                          Traits& traits);
/// A version that the service does not list among those whose image is there.
void image_traits(const Context& context, const Action& action, Traits& traits);

/// The row of what touches nothing beside the template of an app's pods.
inline VerbRow within_template(VerbRow row) {
  row.within_template = true;
  return row;
}

/// Rows of several platforms.
VerbRow probe_row(std::string verb, std::string help);
/// A verb that serves a version, by another name than deploy: its arguments.
model::VerbSpec serving_verb(std::string verb, std::string help);
/// The row of a verb that goes back; `besides`: what the platform's way is known to leave, to miss
/// or to get wrong.
VerbRow way_back_row(std::string verb, std::string help, WayBack way, TellTraits besides = {});
inline VerbRow rollback_row_of_app(std::string help) {
  return way_back_row(kRollbackVerb, std::move(help), kRollback);
}
inline VerbRow redeploy_row(std::string help) {
  return way_back_row("redeploy", std::move(help), kRedeploy);
}
/// A verb that the platform does not have: refused.
VerbRow missing_row(std::string verb, std::string refusal, std::string misdirected);
/// What a look reads.
Footprint reads_itself(const Context& context, const Action& action);
/// The verbs of every app.
std::vector<VerbRow> common_rows();

}  // namespace backout::services
