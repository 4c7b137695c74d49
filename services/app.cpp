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
// error, until its process is another one, which `start` of an app that runs does not make.
// `rollout status` waits for pods that are ready, which is what they are at once without a
// readiness probe: it notices nothing. A sick version answers errors in every process, until
// another version serves.
//
// Facts: running, version (essential while it runs), rolling (the version that replaces it),
// lingering (the replaced version, of which an instance was left), unhealthy, intake
// (open|stopped), pinned, container, replicas; history (versions served so far), image.<version>,
// sick (the new version that answers errors) and environment are not essential.
#include "services/app.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "services/app_verbs.hpp"
#include "services/prune.hpp"
#include "services/release.hpp"
#include "services/room.hpp"
#include "services/routing.hpp"
#include "services/store.hpp"

namespace backout::services {

using model::ValueType;

namespace {

std::vector<model::FieldSpec> app_fields() {
  return {
      field("unit", ValueType::string, "Name of the unit or project."),
      field("url", ValueType::string, "Where it answers."),
      field("container", ValueType::string, "Name of the container."),
      field("image", ValueType::string, "Image that runs before the deploy."),
      field("namespace", ValueType::string, "Kubernetes namespace."),
      field("port", ValueType::integer, "Port that it listens on."),
      field("instances", ValueType::integer,
            "How many run (default 1); more than one are replaced in turn."),
      field("images", ValueType::strings, "Versions whose image is known to be on the host."),
      field("retention", ValueType::duration, "How long the platform keeps earlier versions."),
      field("keeps", ValueType::integer,
            "How many versions it keeps, the one that serves included."),
      field("history", ValueType::any,
            "Versions served before the deploy: a list, the oldest first (revision 1), or "
            "revision: version."),
      field(
          "takes_along", ValueType::services,
          "Configuration that a rollback puts back to what it was when the version was released."),
      field("deploys_on", ValueType::map,
            "{service: a git service, branch: name}: a push there deploys it."),
      field("behind", ValueType::services,
            "Maintenance switches that hide it, as their `fronts` say; what routes to it says so "
            "itself (`sides`)."),
      field("bears", ValueType::integer, "Share of its usual requests, in percent, that it bears."),
      retries_field(),
      stateful_field(),
      field("location", ValueType::string, "Failure domain that it lives in."),
      field("provider", ValueType::string, "Who runs it.")};
}

std::vector<model::FieldSpec> version_fields() {
  return {
      field("answers", ValueType::map,
            "path: status. What it answers where that is not 200; `*` at the end of a path stands "
            "for any rest."),
      field("rewrites", ValueType::map,
            "service.fact: value. What it changes when it starts, like the format of its files."),
      field("released_with", ValueType::map,
            "config service: {item: value}. The configuration that a rollback to it takes along."),
      field(kHook, ValueType::map,
            "{needs, sets, with_rollback}: what runs before it is rolled out (a job, a release "
            "phase): which service.fact must have which value, what it changes, and whether a "
            "rollback to it runs it, too (default false)."),
      field(
          "objects", ValueType::strings,
          "What it consists of besides itself, where its platform knows: objects of a chart or of "
          "manifests in git, services of a compose file.")};
}

void check_instances(const Plan& plan, ServiceIndex self, std::vector<model::Mistake>& mistakes) {
  const model::Node* said = plan.services[self].fields.find("instances");
  if (said == nullptr || said->is_unknown() || said->as_integer().value_or(1) > 0) return;
  mistakes.push_back({said->span, "'instances' is 1 or more",
                      "what does not run before the deploy is stopped or scaled to 0 by a step"});
}

Record initial_app(const Context& context, ServiceIndex self, bool counts) {
  const model::Service& service = context.plan().services[self];
  Record record =
      Record().with("running", service.start.empty() ? "false" : "true").with("intake", "open");
  if (!service.start.empty())
    record =
        record.with("version", service.start).with("history", join_list(history_before(service)));
  if (counts) record = record.with("replicas", service.fields.text_or("instances", "1"));
  for (const std::string& image : service.fields.strings("images"))
    record = record.with("image." + image, "present");
  return with_releases(context, self, with_contents(service, record));
}

/// It changes itself, what belongs to its release, and what its start loads.
Footprint touched(const Context& context, const Action& action) {
  Footprint print = itself_and(context, action, {});
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

/// What does not run serves no version, and does not serve badly.
void weigh_app(const Record& app, std::vector<Fact>& all) {
  const bool running = app.get("running") == "true";
  std::erase_if(
      all, [](const Fact& fact) { return fact.path == kUnhealthy && fact.value == kWhenStarted; });
  for (Fact& fact : all) {
    if (fact.path == "version" || fact.path == "rolling") fact.essential = running;
    // Whether users meet it, the search asks: a side without traffic may be as the deploy left it.
    if (fact.path == kUnhealthy && fact.value == kSinceDeploy) fact.essential = false;
  }
}

std::vector<std::string> live(const Plan&, ServiceIndex, const Record& app) {
  if (app.get("running") != "true" || !app.has("version")) return {};
  std::vector<std::string> all = {app.get("version")};
  for (const char* other : {"rolling", "lingering"}) {
    if (app.has(other) && std::ranges::find(all, app.get(other)) == all.end())
      all.push_back(app.get(other));
  }
  return all;
}

/// The verbs of every app, but for those that the platform does in another way, and its own.
std::vector<VerbRow> with_common_rows(std::vector<VerbRow> own) {
  std::vector<VerbRow> rows = common_rows();
  std::erase_if(rows, [&](const VerbRow& row) { return find_row(own, row.spec.name) != nullptr; });
  std::ranges::move(own, std::back_inserter(rows));
  for (VerbRow& row : rows) {
    row.traits = [traits = std::move(row.traits)](const Context& context, const Action& action,
                                                  Traits& all) {
      traits(context, action, all);
      image_traits(context, action, all);
    };
    row = ending_first(std::move(row));
  }
  return rows;
}

}  // namespace

bool is_app(const model::KindSpec& kind) {
  return kind.has_versions && model::find_verb(kind, "probe") != nullptr;
}

bool is_running(const World& world, ServiceIndex app) {
  const auto* record = dynamic_cast<const Record*>(world.states[app].get());
  return record != nullptr && record->get("running") == "true";
}

std::string why_unhealthy(const Context& context, const World& world, ServiceIndex app) {
  const Record& record = world.record(app);
  if (const std::string version = sick_version(world, app);
      !version.empty() && version == record.get("version")) {
    return fmt::format("'{}' answers errors: its new version {} is sick",
                       context.plan().services[app].name, version);
  }
  const std::string& state = record.get(kUnhealthy);
  if (state != "true" && state != kSinceDeploy) return {};
  return fmt::format("'{}' runs and does not serve", context.plan().services[app].name);
}

std::string sick_version(const World& world, ServiceIndex app) {
  return world.record(app).get(kSick);
}

std::optional<Record> sick(const Context& context, const World& world, ServiceIndex app) {
  const model::Service& service = context.plan().services[app];
  // Who cannot be asked answers no errors: workers, clients.
  if (!is_app(context.kind(app).spec()) || !is_running(world, app)) return std::nullopt;
  const Record& record = world.record(app);
  const std::string& version = record.get("version");
  if (version.empty() || version == service.start || !why_unhealthy(context, world, app).empty())
    return std::nullopt;
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
    if (!context.kind(app).spec().has_versions || world.record(app).get(kUnhealthy) != "true")
      continue;
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

std::unique_ptr<const Kind> make_app(Platform platform) {
  KindRow row;
  row.name = std::move(platform.name);
  row.help = std::move(platform.help);
  row.has_versions = true;
  row.fields = app_fields();
  std::ranges::move(platform.fields, std::back_inserter(row.fields));
  row.version_fields = version_fields();
  row.verbs = with_common_rows(std::move(platform.rows));
  row.aliases = std::move(platform.aliases);
  row.incidental = {"history", "image", "environment", "release_of", kSick};
  std::ranges::move(platform.incidental, std::back_inserter(row.incidental));
  row.features = std::move(platform.features);
  const bool counts = find_row(row.verbs, "scale") != nullptr;
  row.initial = [counts](const Context& context, ServiceIndex self,
                         std::vector<model::Mistake>& mistakes) {
    check_hooks(context, self, !features_of(context.kind(self)).runs_no_hooks, mistakes);
    check_instances(context.plan(), self, mistakes);
    return initial_app(context, self, counts);
  };
  row.data = [](const Plan&, ServiceIndex, const Record& app) {
    return area_data(app, "contents");
  };
  row.footprint = touched;
  row.weigh = weigh_app;
  row.live = live;
  row.harmed = [](const Context& context, const World& world, const Action& action, Harm harm) {
    return harmed_app({context, world, action, world.record(action.service),
                       context.plan().services[action.service]},
                      harm, "");
  };
  row.check = [](const Context& context, const World& world, const model::Check& check) {
    return ask(context, world, check.services.front(), check.args);
  };
  return make_kind(std::move(row));
}

}  // namespace backout::services
