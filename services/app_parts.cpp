// The pieces of which a change of an app's version consists, and what may be wrong with what it
// starts. The model is described at the head of app.cpp.
#include <algorithm>

#include <fmt/format.h>

#include "services/app_verbs.hpp"
#include "services/hook.hpp"
#include "services/release.hpp"
#include "services/room.hpp"

namespace backout::services {

std::vector<Action> pods_in_turn(const Call& call) {
  if (!rolls_in_turn(call.context, call.world, call.action.service, call.arg(kDeployedVersion)))
    return {call.action};
  return {with_arg(call.action, kPart.name(), "half"), call.action};
}

namespace {

/// `parts`, and first the hook, where there is one that changes something.
std::vector<Action> hook_first(const Call& call, std::vector<Action> parts) {
  const ServiceIndex self = call.action.service;
  const Outcome hook = run_hook(call.context, call.world, self, call.arg(kDeployedVersion));
  if (!hook.ok() || hook.changes.empty() ||
      !call.context.kind(self).apply(call.context, call.world, call.action).ok())
    return parts;
  parts.insert(parts.begin(), with_arg(call.action, kPart.name(), kHookPart));
  return parts;
}

}  // namespace

std::vector<Action> in_turn(const Call& call) { return hook_first(call, pods_in_turn(call)); }

std::vector<Action> upgrade_parts(const Call& call, Outcome (*apply)(const Call&)) {
  if (!apply(call).ok()) return pods_in_turn(call);
  const ServiceIndex self = call.action.service;
  const std::string version = call.arg(kDeployedVersion);
  const bool two = rolls_in_turn(call.context, call.world, self, version) &&
                   !nothing_serves_between(call.context, call.world, self, version);
  return hook_first(call, {with_arg(call.action, kPart.name(), two ? "half" : "lock"),
                           with_arg(call.action, kPart.name(), "rest")});
}

namespace {

/// Whether the action puts another version into the place of the one that serves.
bool replaces_version(const Call& call) {
  const ServiceIndex self = call.action.service;
  if (!is_running(call.world, self)) return false;
  const Outcome outcome = call.context.kind(self).apply(call.context, call.world, call.action);
  if (!outcome.ok()) return false;
  const World after = with_changes(call.world, outcome.changes);
  return is_running(after, self) && after.record(self).get("version") != call.now.get("version");
}

}  // namespace

Changes harmed_app(const Call& call, Harm harm, const std::string& version) {
  const ServiceIndex self = call.action.service;
  if (harm == Harm::lingering) {
    if (!replaces_version(call)) return {};
    return {{self, call.now.with("lingering", call.now.get("version")).share()}};
  }
  if (harm == Harm::unhealthy)
    return unhealthy_if_started(call.context, call.world, call.action, {self});
  if (harm != Harm::gone || is_unknown_version(call.self, version) ||
      call.now.get("image." + version) == "gone")
    return {};
  return {{self, call.now.with("image." + version, "gone").share()}};
}

Changes harmed_deploy(const Call& call, Harm harm) {
  const bool from_source = kDeployedRef.in(call.action.args).starts_with("git:");
  return harmed_app(call, harm, from_source ? "" : call.arg(kDeployedVersion));
}

Changes harmed_way_back(const Call& call, Harm harm) {
  return harmed_app(call, harm, target_version(call.self, call.now, call.action));
}

}  // namespace backout::services
