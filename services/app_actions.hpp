#pragma once
// The parts of the app kind: what its actions change, and how each is taken back.

#include <string>
#include <vector>

#include "services/app.hpp"

namespace backout::services {

/// The fact of an app that runs and does not serve ("true"), and its value while that is still to
/// come: nobody sees it then.
inline constexpr const char* kUnhealthy = "unhealthy";
inline constexpr const char* kWhenStarted = "when started";
/// Its value when that befell a step of the deploy: a rollback finds it so.
inline constexpr const char* kSinceDeploy = "since the deploy";
/// The fact of an app whose new version answers errors: that version, whose processes are all alike.
inline constexpr const char* kSick = "sick";

/// Verbs that serve a named version; those that go back to one; those that only look.
bool is_roll_out(const std::string& verb);
bool is_way_back(const std::string& verb);
bool is_look(const std::string& verb);
/// Docker's `run`; Railway's runs a command instead.
bool is_container_start(const Context& context, const Action& action);

/// Whether the plan does not say what `version` of the app is.
bool is_unknown_version(const model::Service& service, const std::string& version);

/// The version whose kept image (build, deployment) the action serves; empty when it builds from source or serves none.
std::string image_of(const Context& context, const World& world, const Action& action);

/// The version that an action goes (back) to: a named one, the one before, for a rebuild the one that serves. Empty:
/// nobody knows.
std::string target_version(const model::Service& service, const Record& app, const Action& action);
/// `version`, which served before, serves again, with what belongs to its release.
Outcome serve_again(const Context& context, const World& world, const Action& action, const std::string& version);
/// What takes a change of the version back: the one that serves before it is deployed again.
Undo undo_of_serving(const Context& context, const World& before, const Action& action);
/// Verbs of platforms.
model::VerbSpec going_back(std::string verb, std::string help);
/// A verb that serves a version, by another name than deploy.
model::VerbSpec serving_verb(std::string verb, std::string help);
/// Why `version` would not become ready in this world: what it requires of other services is not so. Empty: it would.
std::string why_not_ready(const Context& context, const World& world, ServiceIndex app, const std::string& version);

/// What any action on an app does.
/// Whether a removal of a container stops it first: `force`, or a command with -f.
bool is_forced(const Action& action);

Outcome run_on_app(const Context& context, const World& world, const Action& action);
/// How it is taken back.
Undo undo_on_app(const Context& context, const World& before, const Action& action);

}  // namespace backout::services
