// What belongs to one release of an app besides its code.
//
// What the real things do: Heroku, Cloudflare, Cloud Run, Lambda and their like keep the
// configuration with the release, and a rollback brings the old one back (heroku-pg#178: with the
// variable of an add-on that came later gone). `helm rollback` applies every object of the older
// release again, ConfigMaps too, but never custom resource definitions; `kubectl rollout undo`
// touches the workload alone. Helm merges three ways: what neither the release before nor the one
// that comes says, somebody else has added, and it stays (helm.sh, "Changes Since Helm 2",
// "Improved Upgrade Strategy: 3-way Strategic Merge Patches"). A new engine may rewrite its files
// at its start, and the old one then refuses them (OpenSearch#2405, redis#14064). What this fake
// leaves out: releases made by a change of configuration alone.
#include "services/release.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/mention.hpp"
#include "services/amend.hpp"
#include "services/config.hpp"
#include "services/features.hpp"
#include "services/hook.hpp"
#include "services/record_kind.hpp"

namespace backout::services {

namespace {

bool is_configuration(const Context& context, ServiceIndex service) {
  return features_of(context.kind(service)).is_configuration;
}

/// Configuration that the app reads or uses.
std::vector<ServiceIndex> configurations_of(const Context& context, ServiceIndex app) {
  std::vector<ServiceIndex> all = context.configurations(app);
  for (const ServiceIndex used : context.plan().services[app].uses) {
    const bool known = std::ranges::find(all, used) != all.end();
    if (!known && is_configuration(context, used)) all.push_back(used);
  }
  std::sort(all.begin(), all.end());
  return all;
}

/// Whether the plan says that a helm rollback of the app takes a change of `config` back.
bool is_undone_by_rollback(const Plan& plan, ServiceIndex config, ServiceIndex app) {
  return std::ranges::any_of(plan.steps, [&](const model::Step& step) {
    if (step.in_rollback || step.target != config || step.undo.type != model::UndoRef::Type::step)
      return false;
    const model::Step& undo = plan.steps[step.undo.step];
    return undo.target == app && undo.verb == kRollbackVerb;
  });
}

/// Whether `config` is an object of the chart: its place says so, or an undo does. helm leaves CRDs
/// alone.
bool is_of_chart(const Plan& plan, ServiceIndex config, ServiceIndex app) {
  const std::string place = plan.services[config].fields.text("location");
  if (model::mentions(place,
                      {"crd", "crds", "custom resource definition", "custom resource definitions"}))
    return false;
  return model::mentions(place, {"chart", "charts", "helm", "release", "releases"}) ||
         is_undone_by_rollback(plan, config, app);
}

bool keeps_configuration(const Context& context, ServiceIndex app) {
  return features_of(context.kind(app)).keeps_configuration(context.plan().services[app]);
}

std::string marker(const std::string& version) { return fmt::format("release_of.{}", version); }
std::string area_of_release(const Plan& plan, const std::string& version, ServiceIndex config) {
  return fmt::format("release_of.{}|{}", version, plan.services[config].name);
}

}  // namespace

std::vector<std::string> objects_of(const Context& context, ServiceIndex app,
                                    const model::Version& version) {
  std::vector<std::string> objects = version.extra.strings("objects");
  for (const Operation& operation : version.operations) {
    const bool of_chart = operation.type == Operation::Type::require &&
                          operation.on != model::kNone && is_configuration(context, operation.on) &&
                          operation.subject.starts_with("items.") &&
                          is_of_chart(context.plan(), operation.on, app);
    if (of_chart) objects.push_back(operation.subject.substr(6));
  }
  return objects;
}

std::vector<ServiceIndex> taken_along(const Context& context, ServiceIndex app, Brings brings) {
  const bool declared = context.plan().services[app].fields.has("takes_along");
  if (brings == Brings::nothing || (brings == Brings::declared && !declared)) return {};
  return ever_taken_along(context, app);
}

std::vector<ServiceIndex> ever_taken_along(const Context& context, ServiceIndex app) {
  const Plan& plan = context.plan();
  const model::Service& self = plan.services[app];
  std::vector<ServiceIndex> all;
  if (self.fields.has("takes_along")) {
    all = named_services(plan, self.fields, "takes_along");
    std::erase_if(all, [&](ServiceIndex each) { return !is_configuration(context, each); });
    return all;
  }
  const bool by_chart = features_of(context.kind(app)).applies_charts;
  if (!by_chart && !keeps_configuration(context, app)) return {};
  all = configurations_of(context, app);
  if (by_chart)
    std::erase_if(all, [&](ServiceIndex config) { return !is_of_chart(plan, config, app); });
  return all;
}

namespace {

/// Whether a map is unknown, or a value in it is.
bool leaves_open(const model::Node& map) {
  return map.is_unknown() || std::ranges::any_of(map.entries, [](const model::Node::Entry& entry) {
           return entry.value.is_unknown();
         });
}

}  // namespace

Record with_releases(const Context& context, ServiceIndex app, const Record& record) {
  const model::Service& self = context.plan().services[app];
  Amended next = record;
  for (const ServiceIndex config : ever_taken_along(context, app)) {
    std::vector<model::Mistake> reported_elsewhere;
    const StatePtr first = context.kind(config).initial(context, config, reported_elsewhere);
    for (const model::Version& version : self.versions) {
      const model::Node* said = version.extra.find("released_with");
      const model::Node* items =
          said == nullptr ? nullptr : said->find(context.plan().services[config].name);
      if (said != nullptr && (said->is_unknown() || (items != nullptr && leaves_open(*items))))
        continue;
      const std::string to = area_of_release(context.plan(), version.name, config);
      if (items != nullptr) {
        for (const model::Node::Entry& item : items->entries)
          next.with(to + '.' + item.key, item.value.text);
      } else if (version.name == self.start) {
        next = copy_area(static_cast<const Record&>(*first), "items", next, to);
      } else {
        continue;
      }
      next.with(marker(version.name), "known");
    }
  }
  return next;
}

Record noted_release(const Context& context, const World& world, ServiceIndex app,
                     const std::string& version, const Record& record) {
  Record next = record;
  for (const ServiceIndex config : ever_taken_along(context, app)) {
    next = copy_area(world.record(config), "items", next,
                     area_of_release(context.plan(), version, config))
               .with(marker(version), "known");
  }
  return next;
}

World with_frozen_configuration(const Context& context, const World& world, ServiceIndex app,
                                const std::string& version) {
  const Plan& plan = context.plan();
  const Record& record = world.record(app);
  const bool freezes = features_of(context.kind(app)).freezes_configuration &&
                       keeps_configuration(context, app) && record.has(marker(version)) &&
                       has_step(plan, app, kPublishVerb);
  if (!freezes) return world;
  Changes frozen;
  for (const ServiceIndex config : ever_taken_along(context, app)) {
    Record then =
        copy_area(record, area_of_release(plan, version, config), world.record(config), "items");
    for (const char* later : {"loaded", "cached"}) then = without_area(then, later);
    frozen.emplace_back(config, then.share());
  }
  return with_changes(world, frozen);
}

namespace {

/// `record`, of a chart, merged with the item lists of two of its releases: what the one that comes
/// says is so, what only the one before said is gone, and all else stays as it is.
Record merged(const Record& app, const std::string& before, const std::string& comes,
              const Record& record) {
  Amended next = record;
  for (const auto& [key, value] : app.facts()) {
    if (key.starts_with(before + '.')) next.without("items" + key.substr(before.size()));
  }
  for (const auto& [key, value] : app.facts()) {
    if (key.starts_with(comes + '.')) next.with("items" + key.substr(comes.size()), value);
  }
  return next;
}

}  // namespace

void bring_along(const Context& context, const World& world, ServiceIndex self,
                 const std::string& version, const std::vector<ServiceIndex>& along,
                 Outcome& outcome) {
  const Record& app = world.record(self);
  for (const ServiceIndex config : along) {
    if (!app.has(marker(version))) {
      outcome.result = Outcome::Result::opaque;
      outcome.message = fmt::format(
          "with what configuration '{}' was released, the plan does not say (`released_with`)",
          version);
      return;
    }
    const World now = with_changes(world, outcome.changes);
    const std::string comes = area_of_release(context.plan(), version, config);
    const bool merges = features_of(context.kind(self)).applies_charts &&
                        app.has(marker(app.get("version"))) && !app.has("release");
    const std::string before = area_of_release(context.plan(), app.get("version"), config);
    const Record next = merges ? merged(app, before, comes, now.record(config))
                               : copy_area(app, comes, now.record(config), "items");
    if (const auto less = if_less(context.plan().services[config], now.record(config), next)) {
      outcome = *less;
      return;
    }
    outcome.set(config, next);
  }
}

void start_up(const Context& context, const World& world, ServiceIndex app,
              const std::string& version, Outcome& outcome) {
  const model::Version* starts = context.plan().services[app].find_version(version);
  const model::Node* rewrites = starts == nullptr ? nullptr : starts->extra.find("rewrites");
  if (rewrites == nullptr) return;
  if (leaves_open(*rewrites) && outcome.ok()) {
    outcome.result = Outcome::Result::opaque;
    outcome.message =
        fmt::format("what '{}' rewrites when it starts, the plan does not say", version);
  }
  for (const model::Node::Entry& entry : rewrites->entries) {
    if (entry.value.is_unknown()) continue;
    const std::size_t dot = entry.key.find('.');
    const ServiceIndex service = context.plan().find_service(entry.key.substr(0, dot));
    if (dot == std::string::npos || service == model::kNone) continue;
    const World now = with_changes(world, outcome.changes);
    const auto* record = dynamic_cast<const Record*>(now.states[service].get());
    if (record == nullptr || record->get(entry.key.substr(dot + 1)) == entry.value.text) continue;
    outcome.set(service, record->with(entry.key.substr(dot + 1), entry.value.text));
  }
}

std::vector<std::string> paths_of_release(const Context& context, ServiceIndex app) {
  std::vector<std::string> paths;
  for (const ServiceIndex config : ever_taken_along(context, app))
    paths.push_back(resource(context, config));
  for (const model::Version& version : context.plan().services[app].versions) {
    const model::Node* rewrites = version.extra.find("rewrites");
    if (rewrites == nullptr) continue;
    for (const model::Node::Entry& entry : rewrites->entries) {
      if (context.plan().find_service(entry.key.substr(0, entry.key.find('.'))) != model::kNone)
        paths.push_back(entry.key);
    }
  }
  for (const auto& of_hooks : {needs_of_hooks(context, app), writes_of_hooks(context, app)})
    paths.insert(paths.end(), of_hooks.begin(), of_hooks.end());
  return paths;
}

void add_roll_out(const Context& context, ServiceIndex app, Footprint& print) {
  print.writes.push_back(resource(context, app));
  for (const std::string& path : paths_of_release(context, app)) {
    print.reads.push_back(path);
    print.writes.push_back(path);
  }
  for (const ServiceIndex config : context.configurations(app)) {
    print.reads.push_back(resource(context, config));
    print.writes.push_back(resource(context, config, "cached"));
    print.writes.push_back(resource(context, config, "loaded"));
  }
}

}  // namespace backout::services
