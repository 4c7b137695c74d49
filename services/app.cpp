// Apps and the platforms that run them.
//
// What the real things do: a deploy puts a version in front of users and keeps the earlier ones to go back to. The
// platforms differ in how they go back. Vercel's instant rollback pins production, so that later pushes are built but
// not served until somebody promotes, and it does not bring environment variables back. Railway's CLI has no
// `rollback`; `run` runs on the caller's machine, `down` removes the deployment, `up` uploads the working directory.
// Fly has no `releases rollback`: an older image is deployed again. `kubectl rollout undo` without a revision toggles
// between the last two. Docker can remove a container before it knows that the image to start instead is there.
// Sources: the platforms' manuals and sources as of November 2026; TAXONOMY classes CMD-1, TGT-1, TGT-2, STA-2.
//
// What this fake leaves out: builds, rollout strategies beyond "at once", capacity, health beyond running or not.
//
// Facts: running, version, intake (open|stopped), pinned, environment (current|stale), container, image.<v>,
// replicas; history (versions served so far) is not essential.
#include "services/app.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "services/record_kind.hpp"

namespace backout::services {

using model::ValueType;

bool is_running(const World& world, ServiceIndex app) {
  const auto* record = dynamic_cast<const Record*>(world.states[app].get());
  return record != nullptr && record->get("running") == "true";
}

namespace {

bool is_unknown_version(const model::Service& service, const std::string& version) {
  return version.empty() || version == "unknown" || service.find_version(version) == nullptr;
}

/// The version before the one that serves, from the history; empty when there is none.
std::string previous_version(const Record& app) {
  const std::vector<std::string> history = split_list(app.get("history"));
  for (auto it = history.rbegin(); it != history.rend(); ++it) {
    if (*it != app.get("version")) return *it;
  }
  return {};
}

Record serving(const Record& app, const std::string& version) {
  std::vector<std::string> history = split_list(app.get("history"));
  if (history.empty() || history.back() != version) history.push_back(version);
  return app.with("version", version).with("running", "true").with("history", join_list(history));
}

/// Configuration that the app reads at its start is loaded.
void load_configuration(const Context& context, const World& world, ServiceIndex app, Outcome& outcome) {
  const Plan& plan = context.plan();
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    if (plan.services[i].kind != "config" || !plan.services[i].fields.flag("needs_restart")) continue;
    const std::vector<ServiceIndex> readers = named_services(plan, plan.services[i].fields, "read_by");
    if (std::ranges::find(readers, app) == readers.end()) continue;
    Record config = world.record(i);
    for (const auto& [key, value] : world.record(i).facts()) {
      if (key.starts_with("loaded.") && !config.has("items." + key.substr(7))) config = config.without(key);
      if (key.starts_with("items.")) config = config.with("loaded." + key.substr(6), value);
    }
    outcome.set(i, config);
  }
}

/// What a platform adds to the common app, as data.
struct Platform {
  std::string name;
  std::string help;
  std::vector<model::VerbSpec> verbs;
};

std::vector<model::FieldSpec> app_fields() {
  return {field("unit", ValueType::string, "Name of the unit, container or project."),
          field("url", ValueType::string, "Where it answers."),
          field("container", ValueType::string, "Name of the container."),
          field("namespace", ValueType::string, "Kubernetes namespace."),
          field("port", ValueType::integer, "Port that it listens on."),
          field("instances", ValueType::integer, "How many run (default 1)."),
          field("images", ValueType::strings, "Versions whose image is known to be on the host; default: unknown."),
          field("retention", ValueType::duration, "How long the platform keeps earlier versions."),
          field("deploys_on", ValueType::map, "{service: a git service, branch: name}: a push there deploys it."),
          field("behind", ValueType::services, "Balancers or maintenance switches in front of it."),
          field("provider", ValueType::string, "Who runs it.")};
}

std::vector<model::VerbSpec> common_verbs() {
  const model::FieldSpec command = field("command", ValueType::string, "The command as people type it, or unknown.");
  return {
      {"deploy", {field("version", ValueType::version, "The version to serve.", true),
                  field("ref", ValueType::string, "Git ref, image or digest that is deployed."),
                  field("image", ValueType::string, "Image that is deployed."), command},
       "Builds and serves a version."},
      {"restart", {command}, "Stops and starts it; configuration is read again."},
      {"stop", {command, field("drain", ValueType::boolean, "Finishes work under way first.")}, "Stops it."},
      {"start", {command}, "Starts what was stopped."},
      {"stop_intake", {command, field("how", ValueType::string, "Flag, route, maintenance page.")},
       "Takes no new work; work under way ends."},
      {"resume_intake", {command}, "Takes new work again."},
      {"probe", {field("path", ValueType::string, "Path that is asked."),
                 field("expect", ValueType::any, "Answer that passes; without one every answer passes."),
                 field("version", ValueType::version, "Version that must answer."),
                 field("fail_on_error", ValueType::boolean, "An error answer fails it (`curl -f`)."),
                 field("retries", ValueType::integer, "How often it is tried."),
                 field("send", ValueType::any, "Body that is sent."),
                 field("cleanup", ValueType::boolean, "What it writes is removed."), command},
       "Asks it something and looks at the answer."},
  };
}

model::VerbSpec going_back(std::string verb, std::string help) {
  return {std::move(verb),
          {field("to", ValueType::string, "Version, `previous`, or a deployment that is known to be good."),
           field("command", ValueType::string, "The command as people type it, or unknown.")},
          std::move(help)};
}

model::KindSpec app_spec(const Platform& platform) {
  model::KindSpec spec{platform.name, platform.help, true, app_fields(), common_verbs()};
  spec.verbs.insert(spec.verbs.end(), platform.verbs.begin(), platform.verbs.end());
  return spec;
}

class AppKind : public RecordKind {
 public:
  explicit AppKind(const Platform& platform) : RecordKind(app_spec(platform)) {}

  StatePtr initial(const Context& context, ServiceIndex self, std::vector<model::Mistake>&) const override {
    const model::Service& service = context.plan().services[self];
    Record record;
    record = record.with("running", service.start.empty() ? "false" : "true").with("intake", "open");
    if (!service.start.empty()) record = record.with("version", service.start).with("history", service.start);
    for (const std::string& image : service.fields.strings("images")) record = record.with("image." + image, "present");
    return record.share();
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    const Record& app = record(world, action.service);
    const std::string& verb = action.verb;
    if (verb == "probe" || verb == "rollout_status" || verb == "exec_probe" || verb == "apply") return Outcome::done();
    if (verb == "deploy" || verb == "set_image" || verb == "compose_up" || verb == "upgrade") {
      return roll_out(context, world, action.service, action.args.text("version"));
    }
    if (verb == "stop") return set(action, app.with("running", "false"));
    if (verb == "start" || verb == "restart") return start(context, world, action);
    if (verb == "stop_intake") return set(action, app.with("intake", "stopped"));
    if (verb == "resume_intake") return set(action, app.with("intake", "open"));
    if (verb == "scale") {
      const std::string replicas = action.args.text("replicas");
      return set(action, app.with("replicas", replicas).with("running", replicas == "0" ? "false" : "true"));
    }
    return apply_platform(context, world, action);
  }

  Footprint footprint(const Context& context, const Action& action) const override {
    if (traits(context, action).read_only) return {{resource(context, action.service)}, {}};
    Footprint print{{resource(context, action.service)}, {resource(context, action.service)}};
    const Plan& plan = context.plan();
    for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
      const std::vector<ServiceIndex> readers = named_services(plan, plan.services[i].fields, "read_by");
      if (plan.services[i].kind == "config" && std::ranges::find(readers, action.service) != readers.end()) {
        print.reads.push_back(resource(context, i));
        print.writes.push_back(resource(context, i, "loaded"));
      }
    }
    std::sort(print.reads.begin(), print.reads.end());
    std::sort(print.writes.begin(), print.writes.end());
    return print;
  }

  Undo undo(const Context&, const World& before, const Action& action) const override {
    const Record& app = record(before, action.service);
    const std::string& verb = action.verb;
    if (verb == "deploy" || verb == "set_image" || verb == "redeploy" || verb == "promote" || verb == "upgrade") {
      if (!app.has("version")) return {Undo::Class::exact, "", {same_service(action, "stop", {})}};
      return {Undo::Class::exact, "", {same_service(action, "deploy", {{"version", app.get("version")}})}};
    }
    if (verb == "stop") return {Undo::Class::exact, "", {same_service(action, "start", {})}};
    if (verb == "start") return {Undo::Class::exact, "", {same_service(action, "stop", {})}};
    if (verb == "stop_intake") return {Undo::Class::exact, "", {same_service(action, "resume_intake", {})}};
    if (verb == "resume_intake") return {Undo::Class::exact, "", {same_service(action, "stop_intake", {})}};
    if (verb == "restart" || verb == "probe") return {Undo::Class::exact, "", {}};
    if (verb == "scale" && app.has("replicas")) {
      return {Undo::Class::exact, "", {same_service(action, "scale", {{"replicas", app.get("replicas")}})}};
    }
    return {};
  }

  Traits traits(const Context& context, const Action& action) const override;

  std::vector<std::string> live_versions(const Context&, const World& world, ServiceIndex self) const override {
    const Record& app = record(world, self);
    if (app.get("running") != "true" || !app.has("version")) return {};
    return {app.get("version")};
  }

  CheckResult check(const Context&, const World& world, const model::Check& check) const override {
    const ServiceIndex self = check.services.front();
    const Record& app = record(world, self);
    const std::string wanted = check.args.text("version");
    const bool running = app.get("running") == "true";
    if (!running && (check.args.has("expect") || check.args.flag("fail_on_error") || !wanted.empty())) {
      return {CheckResult::Value::fail, "nothing answers"};
    }
    if (wanted.empty() || wanted == "unknown" || wanted == app.get("version")) return {CheckResult::Value::pass, ""};
    return {CheckResult::Value::fail, fmt::format("{} answers, not {}", app.get("version"), wanted)};
  }

 protected:
  std::vector<std::string> incidental() const override { return {"history", "image"}; }
  static Outcome set(const Action& action, const Record& record) { return Outcome::done().set(action.service, record); }

 private:
  static Outcome start(const Context& context, const World& world, const Action& action) {
    const Record& app = world.record(action.service);
    if (app.get("container") == "removed") return Outcome::refused("no such container");
    Outcome outcome = set(action, app.with("running", "true"));
    load_configuration(context, world, action.service, outcome);
    return outcome;
  }
  static Outcome apply_platform(const Context& context, const World& world, const Action& action);
};

/// The version that an action goes (back) to: a named one, or the one before.
std::string target_version(const Record& app, const Action& action) {
  const std::string to = action.args.text_or("to", action.args.text_or("to_revision", action.args.text("revision")));
  return to.empty() || to == "previous" || to == "last_known_good" ? previous_version(app) : to;
}

Outcome go_back(const Context& context, const World& world, const Action& action) {
  const Record& app = world.record(action.service);
  const std::string version = target_version(app, action);
  if (version.empty()) return Outcome::refused("there is no earlier version");
  if (is_unknown_version(context.plan().services[action.service], version)) {
    return Outcome::opaque(fmt::format("what '{}' is, the plan does not say", version));
  }
  Outcome outcome = Outcome::done().set(action.service, serving(app, version));
  load_configuration(context, world, action.service, outcome);
  return outcome;
}

Outcome run_container(const Context& context, const World& world, const Action& action) {
  const Record& app = world.record(action.service);
  const std::string version = action.args.text("version");
  if (app.get("running") == "true") return Outcome::refused("the container name is already in use");
  if (app.has("image." + version) && app.get("image." + version) != "present") {
    return Outcome::refused(fmt::format("no such image: {}", version));
  }
  if (is_unknown_version(context.plan().services[action.service], version)) {
    return Outcome::opaque("which version it starts, the plan does not say");
  }
  Outcome outcome = Outcome::done().set(action.service, serving(app, version).without("container"));
  load_configuration(context, world, action.service, outcome);
  return outcome;
}

Outcome AppKind::apply_platform(const Context& context, const World& world, const Action& action) {
  const Record& app = world.record(action.service);
  const std::string& verb = action.verb;
  const std::string& platform = context.plan().services[action.service].kind;
  if (verb == "rollback" && platform == "railway") return Outcome::refused("error: unrecognized subcommand 'rollback'");
  if (verb == "rollback" && platform == "fly") return Outcome::refused("fly has no `releases rollback`");
  if (verb == "rollback" && platform == "vercel") {
    Outcome outcome = go_back(context, world, action);
    if (!outcome.ok()) return outcome;
    const Record served = *static_cast<const Record*>(outcome.changes.front().second.get());
    return outcome.set(action.service, served.with("pinned", "true").with("environment", "stale"));
  }
  if (verb == "promote") {
    Outcome outcome = go_back(context, world, action);
    if (!outcome.ok()) return outcome;
    const Record served = *static_cast<const Record*>(outcome.changes.front().second.get());
    return outcome.set(action.service, served.without("pinned").without("environment"));
  }
  if (verb == "rollback" || verb == "redeploy" || verb == "rollout_undo") return go_back(context, world, action);
  if (verb == "run" && platform == "railway") return Outcome::noop("the command ran on this machine, not in the service");
  if (verb == "down" || verb == "remove" || verb == "compose_down") {
    if (verb == "remove" && app.get("running") == "true") return Outcome::refused("cannot remove a running container");
    return set(action, app.with("running", "false").with("container", "removed"));
  }
  if (verb == "up") {
    const std::string version = action.args.text("version");
    if (is_unknown_version(context.plan().services[action.service], version)) {
      return Outcome::opaque("it uploads whatever is in the working directory").set(action.service, app.with("running", "true").without("container"));
    }
    return set(action, serving(app, version).without("container"));
  }
  if (verb == "pull") {
    if (app.get("image." + action.args.text("version")) == "gone") return Outcome::refused("manifest unknown");
    return set(action, app.with("image." + action.args.text("version"), "present"));
  }
  if (verb == "run") return run_container(context, world, action);
  return Outcome::opaque(fmt::format("'{}' has no model", verb));
}

/// What the way back of a platform is known to leave or to miss.
void platform_traits(const Context& context, const Action& action, Traits& traits) {
  const std::string& platform = context.plan().services[action.service].kind;
  const std::string& verb = action.verb;
  const std::string& name = context.plan().services[action.service].name;
  const bool goes_back = verb == "rollback" || verb == "redeploy" || verb == "promote" || verb == "rollout_undo";
  if (goes_back) {
    const std::string to = action.args.text_or("to", action.args.text_or("to_revision", action.args.text("revision")));
    traits.changes_version = true;
    traits.unpinned_target = to.empty() ? moving_target("previous") : to == "unknown" ? "nothing records which version to go back to" : moving_target(to);
    if (to.empty() || to == "previous") traits.not_repeatable = "a second run goes back to the version that the first one left";
  }
  if (platform == "vercel" && verb == "rollback") {
    traits.acquires.push_back("pin of " + name);
    traits.leaves = {"environment variables stay those of the newer deployment", "cron jobs go back to the older one",
                     "later pushes are built but not served until somebody promotes one"};
  }
  if (platform == "vercel" && verb == "promote") traits.releases.push_back("pin of " + name);
  if (verb == "rollout_undo" || (platform == "kubernetes" && verb == "rollback")) {
    traits.leaves = {"ConfigMaps, Secrets and the number of replicas stay as they are"};
  }
  if (platform == "railway" && verb == "rollback") traits.misdirected = "`railway` has no `rollback` command";
  if (platform == "fly" && verb == "rollback") traits.misdirected = "`fly releases` has no `rollback`: deploy the older image";
  if (platform == "railway" && verb == "run") traits.misdirected = "`railway run` runs on this machine, not in the service";
  if (verb == "up" && action.args.text_or("from", "cwd") == "cwd") {
    traits.unpinned_target = "it uploads the working directory, whatever is in it";
    traits.changes_version = true;
  }
  if (verb == "down") traits.destroys = "the deployment and its container, with what it kept on local disk";
}

Traits AppKind::traits(const Context& context, const Action& action) const {
  Traits traits;
  const std::string& verb = action.verb;
  const model::Service& service = context.plan().services[action.service];
  if (verb == "probe" || verb == "rollout_status" || verb == "exec_probe") {
    traits.read_only = true;
    traits.via = {action.service};
    return traits;
  }
  platform_traits(context, action, traits);
  if (verb == "deploy" || verb == "set_image" || verb == "upgrade" || verb == "run" || verb == "compose_up") {
    traits.changes_version = traits.misdirected.empty();
    const std::string ref = action.args.text("ref");
    const std::string branch = ref.starts_with("git:") ? ref.substr(4) : ref;
    if (!branch.empty()) traits.unpinned_target = moving_target(branch);
  }
  if (verb == "stop" || verb == "stop_intake") traits.acquires = {(verb == "stop" ? "run of " : "intake of ") + service.name};
  if (verb == "start" || verb == "restart" || traits.changes_version) traits.releases.push_back("run of " + service.name);
  if (verb == "resume_intake") traits.releases.push_back("intake of " + service.name);
  if (verb == "remove" || verb == "compose_down") traits.destroys = "the running container";
  if (verb == "restart" || traits.changes_version) traits.releases.push_back("stale configuration of " + service.name);
  return traits;
}

const model::FieldSpec kVersion = field("version", ValueType::version, "The version.", true);
const model::FieldSpec kCommand = field("command", ValueType::string, "The command as people type it, or unknown.");

}  // namespace

Outcome roll_out(const Context& context, const World& world, ServiceIndex self, const std::string& version) {
  const Record& app = world.record(self);
  if (is_unknown_version(context.plan().services[self], version)) {
    return Outcome::opaque(fmt::format("which version of '{}' it serves, the plan does not say", context.plan().services[self].name));
  }
  if (app.get("pinned") == "true") {
    return Outcome::noop("production is pinned since the rollback: the build is not served until somebody promotes it");
  }
  Outcome outcome = Outcome::done().set(self, serving(app, version).without("container").without("environment"));
  load_configuration(context, world, self, outcome);
  return outcome;
}

#define BACKOUT_PLATFORM(name, help, ...)                                    \
  const Kind& kind_##name() {                                                \
    static const AppKind kKind(Platform{#name, help, {__VA_ARGS__}});        \
    return kKind;                                                            \
  }

BACKOUT_PLATFORM(app, "An app on any platform.", going_back("rollback", "Serves an earlier version again."),
                 going_back("redeploy", "Serves an earlier version again."))
BACKOUT_PLATFORM(systemd, "A systemd unit or a pm2 process.", going_back("rollback", "Serves an earlier version again."))
BACKOUT_PLATFORM(vercel, "A project on Vercel.", going_back("rollback", "Instant rollback: pins production."),
                 going_back("promote", "Serves a deployment and lifts the pin."), going_back("redeploy", "Builds and serves it again."))
BACKOUT_PLATFORM(render, "A service on Render.", going_back("rollback", "Serves an earlier deploy again."),
                 going_back("redeploy", "Builds and serves an earlier commit."))
BACKOUT_PLATFORM(railway, "A service on Railway.", going_back("rollback", "No such command: refused."),
                 going_back("redeploy", "Serves an earlier deployment again (dashboard)."),
                 {"run", {kCommand, choice("where", {"local", "ssh"}, "Where it runs; `railway run` is local.")}, "Runs a command with the service's variables, on this machine."},
                 {"down", {kCommand}, "Removes the deployment."},
                 {"up", {choice("from", {"cwd", "ref"}, "What is uploaded (default cwd)."), field("version", ValueType::version, "The version that this is, if known."), kCommand}, "Uploads and serves the working directory."})
BACKOUT_PLATFORM(fly, "An app on Fly.io.", going_back("rollback", "No such command: refused."))
BACKOUT_PLATFORM(docker, "A container of Docker or Compose.",
                 {"pull", {kVersion, kCommand}, "Fetches an image."}, {"remove", {kCommand}, "Removes the stopped container."},
                 {"run", {kVersion, field("image", ValueType::string, "The image."), field("env_file", ValueType::string, "File with its variables."), kCommand}, "Starts a container from an image."},
                 {"compose_up", {kVersion, kCommand}, "docker compose up."}, {"compose_down", {kCommand}, "docker compose down."})
BACKOUT_PLATFORM(kubernetes, "A Deployment of Kubernetes or a Helm release.",
                 {"set_image", {kVersion, kCommand}, "Changes the image of the pod template."},
                 {"rollout_undo", {field("to_revision", ValueType::string, "Revision; without one it toggles."), kCommand}, "kubectl rollout undo."},
                 {"rollout_status", {kCommand}, "Waits until the rollout ends."},
                 {"scale", {field("replicas", ValueType::integer, "How many pods.", true), kCommand}, "Changes the number of pods."},
                 {"apply", {field("what", ValueType::strings, "Objects that are applied."), kCommand}, "Applies other objects."},
                 {"exec_probe", {field("pod", ValueType::string, "Which pod is asked."), field("path", ValueType::string, "Path."), field("expect", ValueType::any, "Answer that passes."), field("fail_on_error", ValueType::boolean, "An error answer fails it."), kCommand}, "Asks from inside one pod."},
                 {"upgrade", {kVersion, field("atomic", ValueType::boolean, "Takes itself back on failure."), kCommand}, "helm upgrade."},
                 {"rollback", {field("revision", ValueType::string, "Revision; without one the one before."), field("wait", ValueType::boolean, "Waits until it is ready."), kCommand}, "helm rollback."})

}  // namespace backout::services
