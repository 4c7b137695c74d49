// What the actions on an app change. The model is described at the head of app.cpp.
#include <algorithm>

#include <fmt/format.h>

#include "services/app_verbs.hpp"
#include "services/config.hpp"
#include "services/release.hpp"

namespace backout::services {

namespace {

/// The version before the one that serves, from the history; empty when there is none.
std::string previous_version(const Record& app) {
  const std::vector<std::string> history = split_list(app.get("history"));
  for (auto it = history.rbegin(); it != history.rend(); ++it) {
    if (*it != app.get("version")) return *it;
  }
  return {};
}

/// `app` with this version in the place of the one before, but for an instance of it that lingers.
/// Instances of versions that were replaced earlier end.
Record serving(const model::Service& service, const Record& app, const std::string& version) {
  const bool lingers = app.get("lingering") == app.get("version");
  const Record healed = app.get(kSick) == version ? app : app.without(kSick);
  return started(lingers ? healed : healed.without("lingering"))
      .with("version", version)
      .with("history", history_with(service, app, version))
      .without("rolling")
      .without("container")
      .without("environment");
}

/// Configuration that the app reads at its start is loaded, and what it changes at its start is
/// changed.
void load_configuration(const Context& context, const World& world, ServiceIndex app,
                        Outcome& outcome) {
  const World now = with_changes(world, outcome.changes);
  for (const ServiceIndex i : context.configurations(app)) {
    const Record next = reloaded(context, i, now.record(i));
    if (!next.equals(now.record(i))) outcome.set(i, next);
  }
  if (is_running(now, app)) start_up(context, world, app, now.record(app).get("version"), outcome);
}

/// `serving`, with the configuration that the release has.
Record released(const Context& context, const World& world, ServiceIndex app,
                const std::string& version) {
  return noted_release(context, world, app, version,
                       serving(context.plan().services[app], world.record(app), version));
}

/// An object of `version`'s chart that helm looks for and does not find: the release that stopped
/// half way left it out (helm#10219). Empty: there is none, or no upgrade stopped.
std::string missing_object(const Context& context, ServiceIndex self, const Record& app,
                           const std::string& version) {
  const model::Service& service = context.plan().services[self];
  const model::Version* target = service.find_version(version);
  const model::Version* stopped = service.find_version(app.get("release"));
  if (target == nullptr || stopped == nullptr) return {};
  const std::vector<std::string> left = objects_of(context, self, *stopped);
  if (left.empty()) return {};
  for (const std::string& object : objects_of(context, self, *target)) {
    if (std::ranges::find(left, object) == left.end()) return object;
  }
  return {};
}

/// The version that a way back serves.
std::string version_of(const Call& call, const WayBack& way) {
  if (way.builds_anew && target_word(call.action).empty()) return call.now.get("version");
  return target_version(call.self, call.now, call.action);
}

}  // namespace

Record started(const Record& app) {
  if (app.get("replicas") == "0") return app.with("running", "false").without(kUnhealthy);
  const Record running = app.with("running", "true");
  return app.get(kUnhealthy) == kWhenStarted ? running.with(kUnhealthy, "true")
                                             : running.without(kUnhealthy);
}

Record stopped(const Record& app) {
  return app.with("running", "false").without("lingering").without(kUnhealthy);
}

bool is_unknown_version(const model::Service& service, const std::string& version) {
  return version.empty() || version == "unknown" || service.find_version(version) == nullptr;
}

std::string target_version(const model::Service& service, const Record& app, const Action& action) {
  const std::string to = target_word(action);
  if (to == "last_known_good") return service.start;
  if (service.find_version(to) == nullptr) {
    if (const std::string version = version_of_revision(service, app, to); !version.empty())
      return version;
  }
  return to.empty() || to == "previous" ? previous_version(app) : to;
}

Outcome serve_again(const Context& context, const World& world, const Action& action,
                    const std::string& version, const WayBack& way) {
  Record next =
      serving(context.plan().services[action.service], world.record(action.service), version);
  if (way.is_rollback) next = next.without("release");
  if (way.pins) next = next.with("pinned", "true").with("environment", "of an older build");
  if (way.lifts_pin) next = next.without("pinned");
  Outcome outcome = Outcome::done().set(action.service, next);
  bring_along(context, world, action.service, version,
              taken_along(context, action.service, way.brings), outcome);
  if (way.brings != Brings::nothing && outcome.ok() &&
      context.plan().services[action.service].fields.is_unknown("takes_along")) {
    outcome.result = Outcome::Result::opaque;
    outcome.message =
        "which configuration goes back with it, the plan does not say (`takes_along`)";
  }
  load_configuration(context, world, action.service, outcome);
  return outcome;
}

Outcome go_back(const Call& call, const WayBack& way) {
  const std::string version = version_of(call, way);
  if (version.empty()) {
    return Outcome::opaque(fmt::format("what '{}' served before '{}', the plan does not say",
                                       call.self.name, call.now.get("version")));
  }
  if (is_unknown_version(call.self, version)) {
    return Outcome::opaque(
        fmt::format("which version of '{}' '{}' is, the plan does not say (`history`)",
                    call.self.name, version));
  }
  if (const std::string why = why_not_kept(call.self, call.now, version);
      !why.empty() && (call.now.get("image." + version) != "gone" || !way.builds_anew))
    return Outcome::refused(why);
  if (way.is_rollback) {
    if (const std::string missing =
            missing_object(call.context, call.action.service, call.now, version);
        !missing.empty())
      return Outcome::refused(fmt::format("no object with the name \"{}\" found", missing));
  }
  if (!way.is_rollback || !runs_with_rollback(call.self, version))
    return serve_again(call.context, call.world, call.action, version, way);
  const Outcome outcome = run_hook(call.context, call.world, call.action.service, version);
  if (outcome.result == Outcome::Result::refused) return outcome;
  return behind_hook(outcome, serve_again(call.context, with_changes(call.world, outcome.changes),
                                          call.action, version, way));
}

Outcome serve_image(const Call& call, const std::string& version) {
  Outcome outcome = Outcome::done().set(
      call.action.service, released(call.context, call.world, call.action.service, version));
  load_configuration(call.context, call.world, call.action.service, outcome);
  return outcome;
}

Outcome start_or_restart(const Call& call, bool anew) {
  if (call.now.get("container") == "removed") return Outcome::refused("no such container");
  if (!call.now.has("version")) return Outcome::refused("nothing was ever deployed");
  Record next = call.now;
  if (anew)
    next = started(call.now.without("lingering"));
  else if (call.now.get("running") != "true")
    next = started(call.now);  // what runs gets no other process
  Outcome outcome = Outcome::done().set(call.action.service, next);
  load_configuration(call.context, call.world, call.action.service, outcome);
  return outcome;
}

Outcome deploy_in_parts(const Call& call, const Record& under_way, Hooks hooks) {
  const std::string version = call.arg(kDeployedVersion);
  const std::string part = call.arg(kPart);
  const ServiceIndex self = call.action.service;
  if (part.empty() || part == "rest") {
    Outcome outcome = roll_out(call.context, call.world, self, version, hooks);
    if (outcome.ok() && call.now.has("release")) {
      const World after = with_changes(call.world, outcome.changes);
      outcome.set(self, after.record(self).without("release"));
    }
    return outcome;
  }
  Outcome outcome =
      part == kHookPart ? run_hook(call.context, call.world, self, version) : Outcome::done();
  outcome.set(self, under_way);
  if (part == "half") replace_one(call.context, call.world, self, version, outcome, hooks);
  return outcome;
}

Outcome deploy_version(const Call& call) { return deploy_in_parts(call, call.now, Hooks::run); }
Outcome change_pods(const Call& call) { return deploy_in_parts(call, call.now, Hooks::none); }

Outcome helm_upgrade(const Call& call) {
  if (call.arg(kPart).empty() && call.now.has("release")) {
    return Outcome::refused(
        "another operation (install/upgrade/rollback) is in progress: an upgrade stopped half way, "
        "and only a rollback "
        "ends it");
  }
  return deploy_in_parts(call, call.now.with("release", call.arg(kDeployedVersion)), Hooks::run);
}

Outcome scale_pods(const Call& call) {
  const std::string replicas = call.arg(kReplicas);
  const Record scaled = call.now.with("replicas", replicas);
  if (replicas == "0") return call.becomes(stopped(scaled));
  return call.becomes(call.now.get("running") == "true" ? scaled : started(scaled));
}

Outcome remove_container(const Call& call) {
  return call.becomes(stopped(call.now).with("container", "removed"));
}

std::string why_not_ready(const Context& context, const World& world, ServiceIndex app,
                          const std::string& version) {
  const model::Version* target = context.plan().services[app].find_version(version);
  if (target == nullptr) return {};
  const World behind = with_changes(world, run_hook(context, world, app, version).changes);
  const World begun = with_changes(
      behind, {{app, serving(context.plan().services[app], world.record(app), version).share()}});
  Outcome started = Outcome::done();
  start_up(context, begun, app, version, started);  // what it makes of its stores it has then
  const World after = with_changes(begun, started.changes);
  for (const Operation& operation : target->operations) {
    if (operation.type != Operation::Type::require || operation.on == model::kNone) continue;
    const Applied applied = run_operation(context, after, {app, version, &operation, {}});
    if (applied.outcome.result == Outcome::Result::refused) return applied.outcome.message;
  }
  return {};
}

Outcome roll_out(const Context& context, const World& world, ServiceIndex self,
                 const std::string& version, Hooks hooks) {
  const Record& app = world.record(self);
  const model::Service& service = context.plan().services[self];
  if (is_unknown_version(service, version)) {
    return Outcome::opaque(
        fmt::format("which version of '{}' it serves, the plan does not say", service.name));
  }
  if (const std::string why = why_not_kept(service, app, version);
      app.get("image." + version) == "gone" && !why.empty())
    return Outcome::refused(fmt::format("no such image: {}", version));
  if (app.get("pinned") == "true") {
    // What the build would serve is served: it is the pin that serves it.
    if (app.get("version") == version) return Outcome::done();
    return Outcome::noop(
        "production is pinned since the rollback: the build is not served until somebody promotes "
        "it");
  }
  if (are_pods_stuck(context, world, self)) return pods_stay(world, self, version);
  Outcome outcome = hooks == Hooks::run ? run_hook(context, world, self, version) : Outcome::done();
  if (outcome.result == Outcome::Result::refused) return outcome;
  outcome.set(self, released(context, with_changes(world, outcome.changes), self, version));
  load_configuration(context, world, self, outcome);
  return outcome;
}

void replace_one(const Context& context, const World& world, ServiceIndex app,
                 const std::string& version, Outcome& outcome, Hooks hooks) {
  if (hooks == Hooks::run) {
    const Outcome hook = run_hook(context, with_changes(world, outcome.changes), app, version);
    if (hook.result == Outcome::Result::refused) return;
    for (const auto& [service, state] : hook.changes) outcome.set(service, state);
  }
  const World now = with_changes(world, outcome.changes);
  outcome.set(app, now.record(app).with("rolling", version));
  start_up(context, world, app, version, outcome);
}

bool rolls_in_turn(const Context& context, const World& world, ServiceIndex self,
                   const std::string& version) {
  const model::Service& service = context.plan().services[self];
  const Record& app = world.record(self);
  const std::int64_t instances = features_of(context.kind(self)).counts_replicas
                                     ? (app.get("replicas") == "1" ? 1 : 2)
                                     : service.fields.integer("instances").value_or(1);
  return app.get("running") == "true" && !is_unknown_version(service, version) &&
         app.get("version") != version && app.get("pinned") != "true" && instances > 1;
}

}  // namespace backout::services
