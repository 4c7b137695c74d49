#pragma once
// What runs before a version is rolled out, and what the rollout waits for: a job of Helm or Argo
// CD, a release phase, a deploy command.

#include <string>
#include <vector>

#include "services/service.hpp"

namespace backout::services {

/// Whether a rollout runs the hook of its version. What changes pods alone does not.
enum class Hooks { run, none };

/// The fields of it in a version: `hook: {needs: {...}, sets: {...}, with_rollback: ...}`.
inline constexpr const char* kHook = "hook";
/// The part of a deploy in which the hook has run, and nothing more.
inline constexpr const char* kHookPart = "hook";

/// What the hook of `version` changes; refused where what it needs is not so, unless it has nothing
/// left to change.
Outcome run_hook(const Context& context, const World& world, ServiceIndex app,
                 const std::string& version);
/// What `then` does in the world that the hook has left, and what the hook did.
Outcome behind_hook(const Outcome& hook, Outcome then);
/// Whether a rollback to `version` runs it, too (`with_rollback`).
bool runs_with_rollback(const model::Service& app, const std::string& version);

/// The resource paths that hooks of the app read, and those that they write.
std::vector<std::string> needs_of_hooks(const Context& context, ServiceIndex app);
std::vector<std::string> writes_of_hooks(const Context& context, ServiceIndex app);

/// Hooks of services that the plan does not have, and of an app whose platform runs none.
void check_hooks(const Context& context, ServiceIndex app, bool runs_any,
                 std::vector<model::Mistake>& mistakes);

}  // namespace backout::services
