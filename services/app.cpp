// Apps and the platforms that run them.
//
// What the real things do: a deploy puts a version in front of users and keeps the earlier ones to
// go back to. The platforms differ in how they go back. Vercel's instant rollback pins production,
// so that later pushes are built but not served until somebody promotes, and its environment is
// that of the older build. Railway's CLI has no `rollback`; `run` runs on the caller's machine,
// `down` removes the deployment, `up` uploads the working directory. Fly has no `releases
// rollback`: an older image is deployed again. `kubectl rollout undo` without a revision toggles
// between the last two. Docker can remove a container before it knows that the image to start
// instead is there. Several instances are replaced in turn, so that for a while two versions serve.
// Sources: the platforms' manuals and sources as of November 2026; TAXONOMY classes CMD-1, TGT-1,
// TGT-2, STA-2.
//
// What this fake leaves out: builds, rollout strategies beyond "half, then all", capacity, health
// beyond running or not.
//
// Facts: running, version (essential while it runs), rolling (the version that replaces it), intake
// (open|stopped), pinned, container, replicas; history (versions served so far), image.<version>
// and environment are not essential.
#include "services/app.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace backout::services {

namespace {

const std::vector<std::string> kRollOuts = {"deploy", "set_image", "compose_up", "upgrade"};
const std::vector<std::string> kWaysBack = {"rollback", "redeploy", "promote", "rollout_undo"};
const std::vector<std::string> kLooks = {"probe", "rollout_status", "exec_probe"};

bool is_one_of(const std::string& verb, const std::vector<std::string>& verbs) {
  return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

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
  return app.with("version", version)
      .with("running", "true")
      .with("history", join_list(history))
      .without("rolling")
      .without("container")
      .without("environment");
}

/// Configuration that the app reads at its start is loaded.
void load_configuration(const Context& context, const World& world, ServiceIndex app,
                        Outcome& outcome) {
  for (const ServiceIndex i : configurations_of(context.plan(), app)) {
    if (context.plan().services[i].fields.flag("needs_restart")) {
      outcome.set(i, copy_area(world.record(i), "items", "loaded"));
    }
  }
}

/// Whether a start of the app would read configuration that was changed since it read it last.
bool has_stale_configuration(const Context& context, const World& world, ServiceIndex app) {
  return std::ranges::any_of(configurations_of(context.plan(), app), [&](ServiceIndex i) {
    const Record& config = world.record(i);
    return context.plan().services[i].fields.flag("needs_restart") &&
           !copy_area(config, "items", "loaded").equals(config);
  });
}

/// The version that an action goes (back) to: a named one, the one before, for a rebuild the one
/// that serves. A person who looks for the last good one finds the one before the deploy.
std::string target_version(const model::Service& service, const Record& app, const Action& action) {
  const std::string to =
      action.args.text_or("to", action.args.text_or("to_revision", action.args.text("revision")));
  if (to.empty() && action.verb == "redeploy") return app.get("version");
  if (to == "last_known_good") return service.start;
  return to.empty() || to == "previous" ? previous_version(app) : to;
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
        fmt::format("which version of '{}' '{}' is, the plan does not say", service.name, version));
  }
  Record next = serving(app, version);
  if (service.kind == "vercel" && action.verb == "rollback") {
    next = next.with("pinned", "true").with("environment", "of an older build");
  }
  if (action.verb == "promote") next = next.without("pinned");
  Outcome outcome = Outcome::done().set(action.service, next);
  load_configuration(context, world, action.service, outcome);
  return outcome;
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
  Outcome outcome = Outcome::done().set(action.service, serving(app, version));
  load_configuration(context, world, action.service, outcome);
  return outcome;
}

Outcome start(const Context& context, const World& world, const Action& action) {
  const Record& app = world.record(action.service);
  if (app.get("container") == "removed") return Outcome::refused("no such container");
  if (!app.has("version")) return Outcome::refused("nothing was ever deployed");
  Outcome outcome = Outcome::done().set(action.service, app.with("running", "true"));
  load_configuration(context, world, action.service, outcome);
  return outcome;
}

Outcome up(const Context& context, const World& world, const Action& action) {
  const Record& app = world.record(action.service);
  const std::string version = action.args.text("version");
  if (is_unknown_version(context.plan().services[action.service], version)) {
    return Outcome::opaque("it uploads whatever is in the working directory")
        .set(action.service, app.with("running", "true").without("container"));
  }
  Outcome outcome = Outcome::done().set(action.service, serving(app, version));
  load_configuration(context, world, action.service, outcome);
  return outcome;
}

/// What changes the app's own record and nothing else; nullopt for other verbs.
std::optional<Record> simple_change(const Record& app, const Action& action) {
  const std::string& verb = action.verb;
  if (verb == "stop") return app.with("running", "false");
  if (verb == "stop_intake") return app.with("intake", "stopped");
  if (verb == "resume_intake") return app.with("intake", "open");
  if (verb == "pull") return app.with("image." + action.args.text("version"), "present");
  if (verb == "scale") {
    const std::string replicas = action.args.text("replicas");
    return app.with("replicas", replicas).with("running", replicas == "0" ? "false" : "true");
  }
  if (verb == "down" || verb == "remove" || verb == "compose_down") {
    return app.with("running", "false").with("container", "removed");
  }
  return std::nullopt;
}

class AppKind : public RecordKind {
 public:
  explicit AppKind(const Platform& platform) : RecordKind(app_spec(platform)) {}

  StatePtr initial(const Context& context, ServiceIndex self,
                   std::vector<model::Mistake>&) const override {
    const model::Service& service = context.plan().services[self];
    Record record =
        Record().with("running", service.start.empty() ? "false" : "true").with("intake", "open");
    if (!service.start.empty())
      record = record.with("version", service.start).with("history", service.start);
    if (service.kind == "kubernetes")
      record = record.with("replicas", service.fields.text_or("instances", "1"));
    for (const std::string& image : service.fields.strings("images"))
      record = record.with("image." + image, "present");
    return record.share();
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    const Record& app = record(world, action.service);
    const std::string& verb = action.verb;
    if (verb == "rollout_status") return Outcome::done();
    if (verb == "probe" || verb == "exec_probe")
      return probe(context, world, action.service, action.args);
    if (is_one_of(verb, kRollOuts)) return roll_out_part(context, world, action);
    if (is_one_of(verb, kWaysBack)) return go_back(context, world, action);
    if (verb == "start" || verb == "restart") return start(context, world, action);
    if (verb == "run") return run_container(context, world, action);
    if (verb == "up") return up(context, world, action);
    if (verb == "remove" && app.get("running") == "true")
      return Outcome::refused("cannot remove a running container");
    if (verb == "pull" && app.get("image." + action.args.text("version")) == "gone") {
      return Outcome::refused("manifest unknown");
    }
    if (const auto next = simple_change(app, action))
      return Outcome::done().set(action.service, *next);
    return Outcome::opaque(
        fmt::format("what '{}' changes is not declared; type it as actions", verb));
  }

  std::vector<Action> parts(const Context& context, const World& world,
                            const Action& action) const override {
    const model::Service& service = context.plan().services[action.service];
    const Record& app = record(world, action.service);
    const std::string version = action.args.text("version");
    const bool in_turn = is_one_of(action.verb, kRollOuts) && app.get("running") == "true" &&
                         !is_unknown_version(service, version) && app.get("version") != version &&
                         app.get("pinned") != "true" && instances(service, app) > 1;
    if (!in_turn) return {action};
    return {with_arg(action, "part", "half"), action};
  }

  Footprint footprint(const Context& context, const Action& action) const override {
    const std::string self = resource(context, action.service);
    if (is_one_of(action.verb, kLooks)) return {{self}, {}};
    Footprint print{{self}, {self}};
    for (const ServiceIndex i : configurations_of(context.plan(), action.service)) {
      print.reads.push_back(resource(context, i));
      print.writes.push_back(resource(context, i, "loaded"));
    }
    std::sort(print.reads.begin(), print.reads.end());
    std::sort(print.writes.begin(), print.writes.end());
    return print;
  }

  Undo undo(const Context& context, const World& before, const Action& action) const override;
  Traits traits(const Context& context, const Action& action) const override;

  std::vector<Fact> facts(const Context& context, ServiceIndex self,
                          const State& state) const override {
    std::vector<Fact> all = RecordKind::facts(context, self, state);
    const bool running = static_cast<const Record&>(state).get("running") == "true";
    for (Fact& fact : all) {
      if (fact.path == "version" || fact.path == "rolling") fact.essential = running;
    }
    return all;
  }

  std::vector<std::string> live_versions(const Context&, const World& world,
                                         ServiceIndex self) const override {
    const Record& app = record(world, self);
    if (app.get("running") != "true" || !app.has("version")) return {};
    if (app.has("rolling")) return {app.get("version"), app.get("rolling")};
    return {app.get("version")};
  }

  CheckResult check(const Context& context, const World& world,
                    const model::Check& check) const override {
    return ask(context, world, check.services.front(), check.args);
  }

 protected:
  std::vector<std::string> incidental() const override {
    return {"history", "image", "environment"};
  }

 private:
  static std::int64_t instances(const model::Service& service, const Record& app) {
    const model::Node* declared = service.fields.find("instances");
    if (service.kind == "kubernetes") return app.get("replicas") == "1" ? 1 : 2;
    return declared == nullptr ? 1 : declared->as_integer().value_or(1);
  }

  static Outcome roll_out_part(const Context& context, const World& world, const Action& action) {
    const std::string version = action.args.text("version");
    if (action.args.text("part") != "half")
      return roll_out(context, world, action.service, version);
    return Outcome::done().set(action.service,
                               world.record(action.service).with("rolling", version));
  }

  static Undo undo_of_version_change(const Context& context, const Record& app,
                                     const Action& action);
  static Undo undo_of_removal(const Record& app, const Action& action);
  static std::optional<Undo> undo_of_switch(const Record& app, const Action& action);
};

/// What takes a change of the version back: the version before is served again, or nothing is where
/// nothing was.
Undo AppKind::undo_of_version_change(const Context& context, const Record& app,
                                     const Action& action) {
  const std::string& platform = context.plan().services[action.service].kind;
  const std::string& version = app.get("version");
  if (app.get("running") != "true") {
    Undo undo{Undo::Class::exact, "", {same_service(action, "stop", {})}};
    if (app.get("container") != "removed") return undo;
    if (platform == "docker") undo.actions.push_back(same_service(action, "remove", {}));
    if (platform == "railway") undo.actions = {same_service(action, "down", {})};
    return undo;
  }
  if (is_unknown_version(context.plan().services[action.service], version)) return {};
  // While production is pinned only another rollback, or a promotion, changes what is served.
  if (app.has("pinned"))
    return {Undo::Class::exact, "", {same_service(action, "rollback", {{"to", version}})}};
  if (platform == "vercel" && action.verb == "rollback") {
    return {Undo::Class::exact, "", {same_service(action, "promote", {{"to", version}})}};
  }
  return {Undo::Class::exact, "", {same_service(action, "deploy", {{"version", version}})}};
}

Undo AppKind::undo_of_removal(const Record& app, const Action& action) {
  if (app.get("container") == "removed") return {Undo::Class::exact, "", {}};
  if (!app.has("version")) return {Undo::Class::none, "which version it was, nobody recorded", {}};
  const std::string verb = action.verb == "down"     ? "deploy"
                           : action.verb == "remove" ? "run"
                                                     : "compose_up";
  Undo undo{Undo::Class::lossy,
            "what the container kept on its own disk",
            {same_service(action, verb, {{"version", app.get("version")}})}};
  if (app.get("running") != "true") undo.actions.push_back(same_service(action, "stop", {}));
  return undo;
}

/// Verbs that turn something on or off.
std::optional<Undo> AppKind::undo_of_switch(const Record& app, const Action& action) {
  const std::string& verb = action.verb;
  const auto back = [&](const char* other) {
    return Undo{Undo::Class::exact, "", {same_service(action, other, {})}};
  };
  const Undo nothing{Undo::Class::exact, "", {}};
  const bool ran = app.get("running") == "true";
  const bool open = app.get("intake") == "open";
  if (verb == "stop") return ran ? back("start") : nothing;
  if (verb == "start" || verb == "restart") return ran ? nothing : back("stop");
  if (verb == "stop_intake") return open ? back("resume_intake") : nothing;
  if (verb == "resume_intake") return open ? nothing : back("stop_intake");
  if (verb != "scale") return std::nullopt;
  Undo undo{
      Undo::Class::exact, "", {same_service(action, "scale", {{"replicas", app.get("replicas")}})}};
  if (!ran && app.get("replicas") != "0") undo.actions.push_back(same_service(action, "stop", {}));
  return undo;
}

Undo AppKind::undo(const Context& context, const World& before, const Action& action) const {
  const Record& app = record(before, action.service);
  const std::string& verb = action.verb;
  if (is_one_of(verb, kLooks) || verb == "pull") return {Undo::Class::exact, "", {}};
  Undo undo;
  const bool changes_version =
      is_one_of(verb, kRollOuts) || is_one_of(verb, kWaysBack) || verb == "up" ||
      (verb == "run" && context.plan().services[action.service].kind == "docker");
  if (changes_version) undo = undo_of_version_change(context, app, action);
  if (verb == "down" || verb == "remove" || verb == "compose_down")
    undo = undo_of_removal(app, action);
  if (const auto other = undo_of_switch(app, action)) undo = *other;
  if (undo.kind == Undo::Class::exact && has_stale_configuration(context, before, action.service)) {
    undo.kind = Undo::Class::conditional;
    undo.why = "configuration that was changed since it was read last is read on the way";
  }
  return undo;
}

Traits AppKind::traits(const Context& context, const Action& action) const {
  Traits traits;
  const std::string& verb = action.verb;
  const std::string& name = context.plan().services[action.service].name;
  if (is_one_of(verb, kLooks)) {
    traits.read_only = true;
    traits.via = {action.service};
    if (verb != "rollout_status") traits.hides_failure = why_probe_cannot_fail(action.args);
    return traits;
  }
  add_platform_traits(context, action, traits);
  const bool starts_version =
      verb == "run" && context.plan().services[action.service].kind == "docker";
  if (is_one_of(verb, kRollOuts) || starts_version) {
    traits.changes_version = true;
    traits.unpinned_target = moving_target(action.args.text_or("ref", action.args.text("image")));
  }
  if (verb == "stop") traits.acquires.push_back("run of " + name);
  if (verb == "stop_intake") traits.acquires.push_back("intake of " + name);
  if (verb == "resume_intake") traits.releases.push_back("intake of " + name);
  if (verb == "start" || verb == "restart" || traits.changes_version) {
    traits.releases.push_back("run of " + name);
    traits.releases.push_back("stale configuration of " + name);
  }
  return traits;
}

}  // namespace

bool is_running(const World& world, ServiceIndex app) {
  const auto* record = dynamic_cast<const Record*>(world.states[app].get());
  return record != nullptr && record->get("running") == "true";
}

std::vector<ServiceIndex> configurations_of(const Plan& plan, ServiceIndex app) {
  std::vector<ServiceIndex> found;
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    if (plan.services[i].kind != "config") continue;
    const std::vector<ServiceIndex> readers =
        named_services(plan, plan.services[i].fields, "read_by");
    if (std::ranges::find(readers, app) != readers.end()) found.push_back(i);
  }
  return found;
}

Outcome roll_out(const Context& context, const World& world, ServiceIndex self,
                 const std::string& version) {
  const Record& app = world.record(self);
  const model::Service& service = context.plan().services[self];
  if (is_unknown_version(service, version)) {
    return Outcome::opaque(
        fmt::format("which version of '{}' it serves, the plan does not say", service.name));
  }
  if (app.get("image." + version) == "gone")
    return Outcome::refused(fmt::format("no such image: {}", version));
  if (app.get("pinned") == "true") {
    return Outcome::noop(
        "production is pinned since the rollback: the build is not served until somebody promotes "
        "it");
  }
  Outcome outcome = Outcome::done().set(self, serving(app, version));
  load_configuration(context, world, self, outcome);
  return outcome;
}

std::unique_ptr<const Kind> make_app(const Platform& platform) {
  return std::make_unique<const AppKind>(platform);
}

}  // namespace backout::services
