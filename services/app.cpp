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
// beyond running and serving. An unhealthy app runs and answers every request and check with an
// error, until its process is another one, which `start` of an app that runs does not make. `rollout
// status` waits for pods that are ready, which is what they are at once without a readiness probe:
// it notices nothing. A sick version answers errors in every process, until another version serves.
//
// Facts: running, version (essential while it runs), rolling (the version that replaces it),
// lingering (the replaced version, of which an instance was left), unhealthy, intake
// (open|stopped), pinned, container, replicas; history (versions served so far), image.<version>,
// sick (the new version that answers errors) and environment are not essential.
#include "services/app.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "services/app_actions.hpp"
#include "services/release.hpp"

namespace backout::services {

namespace {

class AppKind : public RecordKind {
 public:
  explicit AppKind(const Platform& platform) : RecordKind(app_spec(platform)), platform_(platform) {}

  StatePtr initial(const Context& context, ServiceIndex self,
                   std::vector<model::Mistake>&) const override {
    const model::Service& service = context.plan().services[self];
    Record record =
        Record().with("running", service.start.empty() ? "false" : "true").with("intake", "open");
    if (!service.start.empty())
      record = record.with("version", service.start).with("history", join_list(history_before(service)));
    if (model::find_verb(spec(), "scale") != nullptr)
      record = record.with("replicas", service.fields.text_or("instances", "1"));
    for (const std::string& image : service.fields.strings("images"))
      record = record.with("image." + image, "present");
    return with_releases(context, self, record).share();
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    const VerbRow* row = find_row(platform_.rows, action.verb);
    return row != nullptr ? row->apply(call(context, world, action)) : run_on_app(context, world, action);
  }

  std::vector<Action> parts(const Context& context, const World& world,
                            const Action& action) const override {
    if (const VerbRow* row = find_row(platform_.rows, action.verb); row != nullptr && row->parts)
      return row->parts(call(context, world, action));
    const bool in_turn = is_roll_out(action.verb) &&
                         rolls_in_turn(context, world, action.service, action.args.text("version"));
    // helm notes that it is at work before it does anything.
    const bool locks = action.verb == "upgrade" && apply(context, world, action).ok();
    if (!in_turn && !locks) return {action};
    if (!locks) return {with_arg(action, "part", "half"), action};
    return {with_arg(action, "part", in_turn ? "half" : "lock"), with_arg(action, "part", "rest")};
  }

  Footprint footprint(const Context& context, const Action& action) const override {
    const std::string self = resource(context, action.service);
    if (is_look(action.verb)) return {{self}, {}};
    Footprint print{{self}, {self}};
    for (const std::string& path : paths_of_release(context, action.service)) {
      print.reads.push_back(path);
      print.writes.push_back(path);
    }
    for (const ServiceIndex i : context.configurations(action.service)) {
      print.reads.push_back(resource(context, i));
      print.writes.push_back(resource(context, i, "cached"));
      print.writes.push_back(resource(context, i, "loaded"));
    }
    std::sort(print.reads.begin(), print.reads.end());
    std::sort(print.writes.begin(), print.writes.end());
    return print;
  }

  Changes harmed(const Context& context, const World& world, const Action& action,
                 Harm harm) const override {
    const Record& app = record(world, action.service);
    if (harm == Harm::lingering) {
      if (!replaces_version(context, world, action)) return {};
      return {{action.service, app.with("lingering", app.get("version")).share()}};
    }
    if (harm == Harm::unhealthy) return unhealthy_if_started(context, world, action, {action.service});
    if (harm != Harm::gone) return {};
    const std::string version = image_of(context, world, action);
    if (version.empty() || app.get("image." + version) == "gone") return {};
    return {{action.service, app.with("image." + version, "gone").share()}};
  }

  Undo undo(const Context& context, const World& before, const Action& action) const override {
    const VerbRow* row = find_row(platform_.rows, action.verb);
    if (row != nullptr && row->undo) return row->undo(call(context, before, action));
    return undo_on_app(context, before, action);
  }

  Traits traits(const Context& context, const Action& action) const override;

  std::vector<Fact> facts(const Context& context, ServiceIndex self,
                          const State& state) const override {
    std::vector<Fact> all = RecordKind::facts(context, self, state);
    const bool running = static_cast<const Record&>(state).get("running") == "true";
    std::erase_if(all, [](const Fact& fact) { return fact.path == kUnhealthy && fact.value == kWhenStarted; });
    for (Fact& fact : all) {
      if (fact.path == "version" || fact.path == "rolling") fact.essential = running;
      // Whether users meet it, the search asks: a side without traffic may be as the deploy left it.
      if (fact.path == kUnhealthy && fact.value == kSinceDeploy) fact.essential = false;
    }
    return all;
  }

  std::vector<std::string> live_versions(const Context&, const World& world,
                                         ServiceIndex self) const override {
    const Record& app = record(world, self);
    if (app.get("running") != "true" || !app.has("version")) return {};
    std::vector<std::string> live = {app.get("version")};
    for (const char* other : {"rolling", "lingering"}) {
      if (app.has(other) && std::ranges::find(live, app.get(other)) == live.end())
        live.push_back(app.get(other));
    }
    return live;
  }

  CheckResult check(const Context& context, const World& world,
                    const model::Check& check) const override {
    return ask(context, world, check.services.front(), check.args);
  }

 protected:
  std::vector<std::string> incidental() const override {
    std::vector<std::string> areas = {"history", "image", "environment", "release_of", kSick};
    areas.insert(areas.end(), platform_.incidental.begin(), platform_.incidental.end());
    return areas;
  }

 private:
  Call call(const Context& context, const World& world, const Action& action) const {
    return {context, world, action, world.record(action.service), context.plan().services[action.service]};
  }

  /// Whether the action puts another version into the place of the one that serves.
  bool replaces_version(const Context& context, const World& world, const Action& action) const {
    if (!is_running(world, action.service)) return false;
    const Outcome outcome = apply(context, world, action);
    if (!outcome.ok()) return false;
    const World after = with_changes(world, outcome.changes);
    return is_running(after, action.service) &&
           after.record(action.service).get("version") != world.record(action.service).get("version");
  }

  Platform platform_;
};

Traits AppKind::traits(const Context& context, const Action& action) const {
  Traits traits;
  const std::string& verb = action.verb;
  const std::string& name = context.plan().services[action.service].name;
  if (is_look(verb)) {
    traits.read_only = true;
    traits.via = {action.service};
    if (verb != "rollout_status") traits.hides_failure = why_probe_cannot_fail(action.args);
    return traits;
  }
  add_platform_traits(context, action, traits);
  if (is_roll_out(verb) || is_container_start(context, action)) {
    traits.changes_version = true;
    const std::string word = action.args.text_or("ref", action.args.text("image"));
    const model::Version* version = context.plan().services[action.service].find_version(action.args.text("version"));
    traits.unpinned_target = moving_tag(word.empty() && version != nullptr ? version->artefact : word);
  }
  if (verb == "stop") traits.acquires.push_back("run of " + name);
  if (verb == "stop_intake") traits.acquires.push_back("intake of " + name);
  if (verb == "resume_intake") traits.releases.push_back("intake of " + name);
  if (verb == "start" || verb == "restart" || traits.changes_version) {
    traits.releases.push_back("run of " + name);
    traits.releases.push_back("stale configuration of " + name);
  }
  const VerbRow* row = find_row(platform_.rows, verb);
  if (row != nullptr && row->traits) row->traits(context, action, traits);
  return traits;
}

}  // namespace

bool is_app(const model::KindSpec& kind) { return kind.has_versions && model::find_verb(kind, "probe") != nullptr; }

bool is_running(const World& world, ServiceIndex app) {
  const auto* record = dynamic_cast<const Record*>(world.states[app].get());
  return record != nullptr && record->get("running") == "true";
}

std::string why_unhealthy(const Context& context, const World& world, ServiceIndex app) {
  const Record& record = world.record(app);
  if (const std::string version = sick_version(world, app); !version.empty() && version == record.get("version")) {
    return fmt::format("'{}' answers errors: its new version {} is sick", context.plan().services[app].name, version);
  }
  const std::string& state = record.get(kUnhealthy);
  if (state != "true" && state != kSinceDeploy) return {};
  return fmt::format("'{}' runs and does not serve", context.plan().services[app].name);
}

std::string sick_version(const World& world, ServiceIndex app) { return world.record(app).get(kSick); }

std::optional<Record> sick(const Context& context, const World& world, ServiceIndex app) {
  const model::Service& service = context.plan().services[app];
  // Who cannot be asked answers no errors: workers, clients.
  if (!is_app(context.kind(app).spec()) || !is_running(world, app)) return std::nullopt;
  const Record& record = world.record(app);
  const std::string& version = record.get("version");
  if (version.empty() || version == service.start || !why_unhealthy(context, world, app).empty()) return std::nullopt;
  return record.with(kSick, version);
}

bool is_ill_since_deploy(const World& world, ServiceIndex app) {
  const Record& record = world.record(app);
  return record.get(kUnhealthy) == kSinceDeploy ||
         (record.has(kSick) && record.get(kSick) == record.get("version"));
}

Changes ill_since_deploy(const Context& context, const World& world) {
  Changes ill;
  for (ServiceIndex app = 0; app < world.states.size(); ++app) {
    if (!context.kind(app).spec().has_versions || world.record(app).get(kUnhealthy) != "true") continue;
    ill.emplace_back(app, world.record(app).with(kUnhealthy, kSinceDeploy).share());
  }
  return ill;
}

Record unhealthy(const Record& app) { return app.with(kUnhealthy, "true"); }

Changes unhealthy_if_started(const Context& context, const World& world, const Action& action,
                             const std::vector<ServiceIndex>& apps) {
  Changes marked;
  for (const ServiceIndex app : apps) {
    marked.emplace_back(app, world.record(app).with(kUnhealthy, kWhenStarted).share());
  }
  const World after = run(context, with_changes(world, marked), action).world;
  std::erase_if(marked, [&](const auto& change) {
    return after.record(change.first).get(kUnhealthy) != "true";
  });
  return marked;
}

std::unique_ptr<const Kind> make_app(const Platform& platform) {
  return std::make_unique<const AppKind>(platform);
}

}  // namespace backout::services
