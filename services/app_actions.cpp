// What the actions on an app change. The model is described at the head of app.cpp.
#include "services/app_actions.hpp"

#include <algorithm>

#include <fmt/format.h>

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

/// `app` with a new process, unless it was scaled to no instances.
Record started(const Record& app) {
  if (app.get("replicas") == "0") return app.with("running", "false").without(kUnhealthy);
  const Record running = app.with("running", "true");
  return app.get(kUnhealthy) == kWhenStarted ? running.with(kUnhealthy, "true") : running.without(kUnhealthy);
}

/// `app` without any process.
Record stopped(const Record& app) {
  return app.with("running", "false").without("lingering").without(kUnhealthy);
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

/// Configuration that the app reads at its start is loaded, and what it changes at its start is changed.
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
Record released(const Context& context, const World& world, ServiceIndex app, const std::string& version) {
  return noted_release(context, world, app, version, serving(context.plan().services[app], world.record(app), version));
}

/// An object of `version`'s chart that helm looks for and does not find: the release that stopped half way left it out
/// (helm#10219). Empty: there is none, or no upgrade stopped.
std::string missing_object(const Context& context, ServiceIndex self, const Record& app, const std::string& version) {
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

Outcome go_back(const Context& context, const World& world, const Action& action) {
  const Record& app = world.record(action.service);
  const model::Service& service = context.plan().services[action.service];
  if (action.verb == "rollback" && service.kind == "railway") {
    return Outcome::refused("error: unrecognized subcommand 'rollback'");
  }
  if (action.verb == "rollback" && service.kind == "fly")
    return Outcome::refused("unknown command \"rollback\"");
  const std::string version = target_version(service, app, action);
  if (version.empty()) {
    return Outcome::opaque(fmt::format("what '{}' served before '{}', the plan does not say",
                                       service.name, app.get("version")));
  }
  if (is_unknown_version(service, version)) {
    return Outcome::opaque(
        fmt::format("which version of '{}' '{}' is, the plan does not say (`history`)", service.name, version));
  }
  if (const std::string why = why_not_kept(service, app, version);
      !why.empty() && (app.get("image." + version) != "gone" || version == image_of(context, world, action)))
    return Outcome::refused(why);
  if (const std::string missing = missing_object(context, action.service, app, version); action.verb == "rollback" && !missing.empty())
    return Outcome::refused(fmt::format("no object with the name \"{}\" found", missing));
  return serve_again(context, world, action, version);
}

Outcome run_container(const Context& context, const World& world, const Action& action) {
  const Record& app = world.record(action.service);
  const model::Service& service = context.plan().services[action.service];
  if (service.kind == "railway") {
    if (action.args.text_or("where", "local") == "local") {
      return Outcome::noop("the command ran on this machine, not in the service");
    }
    return Outcome::opaque("what the command changes is not declared; type it as actions");
  }
  const std::string version = action.args.text("version");
  if (app.get("running") == "true") return Outcome::refused("the container name is already in use");
  if (app.get("image." + version) == "gone")
    return Outcome::refused(fmt::format("no such image: {}", version));
  if (is_unknown_version(service, version))
    return Outcome::opaque("which version it starts, the plan does not say");
  Outcome outcome = Outcome::done().set(action.service, released(context, world, action.service, version));
  load_configuration(context, world, action.service, outcome);
  return outcome;
}

Outcome start(const Context& context, const World& world, const Action& action) {
  const Record& app = world.record(action.service);
  if (app.get("container") == "removed") return Outcome::refused("no such container");
  if (!app.has("version")) return Outcome::refused("nothing was ever deployed");
  Record next = app;
  if (action.verb == "restart") next = started(app.without("lingering"));
  else if (app.get("running") != "true") next = started(app);  // what runs gets no other process
  Outcome outcome = Outcome::done().set(action.service, next);
  load_configuration(context, world, action.service, outcome);
  return outcome;
}

Outcome up(const Context& context, const World& world, const Action& action) {
  const Record& app = world.record(action.service);
  const std::string version = action.args.text("version");
  if (is_unknown_version(context.plan().services[action.service], version)) {
    return Outcome::opaque("it uploads whatever is in the working directory")
        .set(action.service, started(app).with("running", "true").without("container"));
  }
  Outcome outcome = Outcome::done().set(action.service, released(context, world, action.service, version));
  load_configuration(context, world, action.service, outcome);
  return outcome;
}

/// What changes the app's own record and nothing else; nullopt for other verbs.
std::optional<Record> simple_change(const Record& app, const Action& action) {
  const std::string& verb = action.verb;
  if (verb == "stop") return stopped(app);
  if (verb == "stop_intake") return app.with("intake", "stopped");
  if (verb == "resume_intake") return app.with("intake", "open");
  if (verb == "pull") return app.with("image." + action.args.text("version"), "present");
  if (verb == "scale") {
    const std::string replicas = action.args.text("replicas");
    const Record scaled = app.with("replicas", replicas);
    if (replicas == "0") return stopped(scaled);
    return app.get("running") == "true" ? scaled : started(scaled);
  }
  if (verb == "down" || verb == "remove" || verb == "compose_down") {
    return stopped(app).with("container", "removed");
  }
  return std::nullopt;
}

Outcome roll_out_part(const Context& context, const World& world, const Action& action) {
  const std::string version = action.args.text("version");
  const std::string part = action.args.text("part");
  const Record& app = world.record(action.service);
  if (action.verb == "upgrade" && part.empty() && app.has("release")) {
    return Outcome::refused(
        "another operation (install/upgrade/rollback) is in progress: an upgrade stopped half way, and only a rollback "
        "ends it");
  }
  if (part.empty() || part == "rest") {
    Outcome outcome = roll_out(context, world, action.service, version);
    if (outcome.ok() && app.has("release")) {
      const World after = with_changes(world, outcome.changes);
      outcome.set(action.service, after.record(action.service).without("release"));
    }
    return outcome;
  }
  Outcome outcome = Outcome::done();
  outcome.set(action.service, action.verb == "upgrade" ? app.with("release", version) : app);
  if (part == "half") replace_one(context, world, action.service, version, outcome);
  return outcome;
}

}  // namespace

bool is_roll_out(const std::string& verb) {
  return is_one_of(verb, {"deploy", "set_image", "compose_up", "upgrade"});
}

bool is_way_back(const std::string& verb) {
  return is_one_of(verb, {"rollback", "redeploy", "promote", "rollout_undo"});
}

bool is_look(const std::string& verb) {
  return is_one_of(verb, {"probe", "rollout_status", "exec_probe"});
}

bool is_container_start(const Context& context, const Action& action) {
  return action.verb == "run" && context.plan().services[action.service].kind == "docker";
}

bool is_unknown_version(const model::Service& service, const std::string& version) {
  return version.empty() || version == "unknown" || service.find_version(version) == nullptr;
}

std::string target_version(const model::Service& service, const Record& app, const Action& action) {
  const std::string to =
      action.args.text_or("to", action.args.text_or("to_revision", action.args.text("revision")));
  if (to.empty() && action.verb == "redeploy") return app.get("version");
  if (to == "last_known_good") return service.start;
  if (service.find_version(to) == nullptr) {
    if (const std::string version = version_of_revision(service, app, to); !version.empty()) return version;
  }
  return to.empty() || to == "previous" ? previous_version(app) : to;
}

Outcome serve_again(const Context& context, const World& world, const Action& action, const std::string& version) {
  const model::Service& service = context.plan().services[action.service];
  Record next = serving(context.plan().services[action.service], world.record(action.service), version);
  if (action.verb == "rollback") next = next.without("release");
  if (service.kind == "vercel" && action.verb == "rollback") {
    next = next.with("pinned", "true").with("environment", "of an older build");
  }
  if (action.verb == "promote") next = next.without("pinned");
  Outcome outcome = Outcome::done().set(action.service, next);
  bring_along(context, world, action, version, outcome);
  load_configuration(context, world, action.service, outcome);
  return outcome;
}

std::string why_not_ready(const Context& context, const World& world, ServiceIndex app, const std::string& version) {
  const model::Version* target = context.plan().services[app].find_version(version);
  if (target == nullptr) return {};
  const World begun = with_changes(world, {{app, serving(context.plan().services[app], world.record(app), version).share()}});
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
                 const std::string& version) {
  const Record& app = world.record(self);
  const model::Service& service = context.plan().services[self];
  if (is_unknown_version(service, version)) {
    return Outcome::opaque(
        fmt::format("which version of '{}' it serves, the plan does not say", service.name));
  }
  if (const std::string why = why_not_kept(service, app, version); app.get("image." + version) == "gone" && !why.empty())
    return Outcome::refused(fmt::format("no such image: {}", version));
  if (app.get("pinned") == "true") {
    // What the build would serve is served: it is the pin that serves it.
    if (app.get("version") == version) return Outcome::done();
    return Outcome::noop(
        "production is pinned since the rollback: the build is not served until somebody promotes "
        "it");
  }
  Outcome outcome = Outcome::done().set(self, released(context, world, self, version));
  load_configuration(context, world, self, outcome);
  return outcome;
}

void replace_one(const Context& context, const World& world, ServiceIndex app, const std::string& version,
                 Outcome& outcome) {
  const World now = with_changes(world, outcome.changes);
  outcome.set(app, now.record(app).with("rolling", version));
  start_up(context, world, app, version, outcome);
}

bool rolls_in_turn(const Context& context, const World& world, ServiceIndex self, const std::string& version) {
  const model::Service& service = context.plan().services[self];
  const Record& app = world.record(self);
  const model::Node* declared = service.fields.find("instances");
  const std::int64_t instances = service.kind == "kubernetes" ? (app.get("replicas") == "1" ? 1 : 2)
                                 : declared == nullptr        ? 1
                                                              : declared->as_integer().value_or(1);
  return app.get("running") == "true" && !is_unknown_version(service, version) && app.get("version") != version &&
         app.get("pinned") != "true" && instances > 1;
}

std::string image_of(const Context& context, const World& world, const Action& action) {
  const model::Service& service = context.plan().services[action.service];
  const Record& app = world.record(action.service);
  std::string version;
  if (is_roll_out(action.verb) || is_container_start(context, action)) {
    if (!action.args.text("ref").starts_with("git:")) version = action.args.text("version");
  } else if (is_way_back(action.verb) && action.verb != "redeploy") {
    version = target_version(service, app, action);
  }
  return is_unknown_version(service, version) ? std::string() : version;
}

bool is_forced(const Action& action) {
  const std::string padded = action.args.text("command") + ' ';
  const auto says = [&](const char* word) { return padded.find(word) != std::string::npos; };
  return action.args.flag("force") || says(" -f ") || says(" --force ") || says(" -fv ") || says(" -vf ");
}

Outcome run_on_app(const Context& context, const World& world, const Action& action) {
  const Record& app = world.record(action.service);
  const std::string& verb = action.verb;
  if (verb == "rollout_status") return Outcome::done();
  if (is_look(verb)) return probe(context, world, action.service, action.args);
  if (is_roll_out(verb)) return roll_out_part(context, world, action);
  if (is_way_back(verb)) return go_back(context, world, action);
  if (verb == "start" || verb == "restart") return start(context, world, action);
  if (verb == "run") return run_container(context, world, action);
  if (verb == "up") return up(context, world, action);
  if (verb == "remove" && app.get("running") == "true" && !is_forced(action)) {
    return Outcome::refused("cannot remove a running container");
  }
  if (verb == "pull" && app.get("image." + action.args.text("version")) == "gone") {
    return Outcome::refused("manifest unknown");
  }
  if (const auto next = simple_change(app, action)) {
    return Outcome::done().set(action.service, *next);
  }
  if (verb != "apply") unhandled(context.kind(action.service).spec(), action, "apply");
  return Outcome::opaque(
      fmt::format("what '{}' changes is not declared; type it as actions", verb));
}

}  // namespace backout::services
