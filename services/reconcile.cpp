// Things that act by themselves: a GitOps controller, a generator, an autoscaler, a cron job.
//
// What the real thing does: every few minutes it compares what is with what some source says, and
// puts it back, until it is suspended. Whoever changes what it watches, and not the source, sees
// the change for a moment. Sources: argo-cd#5351 (rolled back in the cluster, git still says the
// bad version), Cloudflare 2025-11-18 (a query writes the bad file again). What this fake leaves
// out: the moment. It acts straight after each step, which is what lasts; the minutes in which a
// change is still seen are the better case. Nothing that a source does not speak of is removed.
#include "services/reconcile.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/mention.hpp"
#include "services/app_verbs.hpp"
#include "services/cdn.hpp"
#include "services/prune.hpp"
#include "services/record_kind.hpp"

namespace backout::services {

namespace {

/// What a source wants of one service: facts and their values.
using Wanted = std::vector<std::pair<std::string, std::string>>;

Wanted wanted_of(const Context& context, const World& world, const Reconciler& reconciler) {
  Wanted wanted;
  if (reconciler.facts != nullptr) {
    for (const model::Node::Entry& fact : reconciler.facts->entries)
      wanted.emplace_back(fact.key, fact.value.text);
    return wanted;
  }
  const auto* source = dynamic_cast<const Record*>(world.states[reconciler.from].get());
  if (source == nullptr) return wanted;
  if (context.plan().services[reconciler.from].kind == "git")
    return {{"version", source->get("remote")}};
  for (const auto& [key, value] : source->facts()) {
    if (key.starts_with("items.") || key.starts_with("flags.")) wanted.emplace_back(key, value);
  }
  return wanted;
}

/// Sets one fact of a service in the way that its kind does it.
void set_fact(const Context& context, const World& world, ServiceIndex what,
              const std::pair<std::string, std::string>& fact, Outcome& outcome) {
  const World now = with_changes(world, outcome.changes);
  const auto* record = dynamic_cast<const Record*>(now.states[what].get());
  if (record == nullptr || fact.second == "unknown") return;
  const Args& fields = context.plan().services[what].fields;
  // How many run is said by `instances` until somebody scales it.
  const bool as_declared = fact.first == "replicas" && !record->has("replicas");
  if ((as_declared ? fields.text_or("instances", "1") : record->get(fact.first)) == fact.second)
    return;
  if (is_app(context.kind(what).spec()) && (fact.first == "version" || fact.first == "replicas")) {
    const bool version = fact.first == "version";
    Action action{what, version ? "deploy" : "scale", {}, {}, "reconciliation"};
    if (version && record->get("running") != "true")
      return;  // it looks at the version, not at the number of pods
    action = with_arg(std::move(action), fact.first, fact.second);
    const Outcome rolled = context.kind(what).apply(context, now, action);
    for (const auto& [service, state] : rolled.changes) outcome.set(service, state);
    if (rolled.result == Outcome::Result::opaque && !rolled.changes.empty() && outcome.ok()) {
      outcome.result = rolled.result;
      outcome.message = rolled.message;
    }
    return;
  }
  outcome.set(what, record->with(fact.first, fact.second));
}

/// The first essential fact of `what` that the reconciler gave another value than the action had.
std::string overwritten(const Context& context, const World& before, const World& after,
                        ServiceIndex what) {
  const std::string prefix = context.plan().services[what].name + '.';
  for (const std::string& line : differences(context, before, after, {})) {
    if (line.starts_with(prefix)) return line;
  }
  return {};
}

bool writes(const Outcome& outcome, ServiceIndex service) {
  return std::ranges::any_of(outcome.changes,
                             [&](const auto& change) { return change.first == service; });
}

/// "'argo' puts it back (web.version: 2 -> 1), as 'manifests' says, every 3m".
std::string describe(const Plan& plan, const Reconciler& reconciler, const std::string& change) {
  const model::Service& self = plan.services[reconciler.self];
  const model::Node* node = self.fields.find("reconciles");
  const model::Node* every = node == nullptr ? nullptr : node->find("every");
  return fmt::format("'{}' puts it back{} ({}){}, until it is suspended", self.name,
                     every == nullptr ? "" : fmt::format(" within {}", every->text), change,
                     reconciler.from == model::kNone
                         ? ""
                         : fmt::format(", as '{}' says", plan.services[reconciler.from].name));
}

}  // namespace

std::vector<Reconciler> reconcilers(const Plan& plan) {
  std::vector<Reconciler> all;
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    if (features_of(*find_kind(plan.services[i].kind)).applies_git) {
      const ServiceIndex repo = plan.find_service(plan.services[i].fields.text("repo"));
      if (repo != model::kNone) all.push_back({i, in_waves(plan, i), repo, nullptr});
    }
    const model::Node* node = plan.services[i].fields.find("reconciles");
    if (node == nullptr || node->find("from") == nullptr) continue;
    Reconciler reconciler{i, {i}, model::kNone, nullptr};
    if (node->find("what") != nullptr)
      reconciler.what = named_services(plan, {node->entries}, "what");
    const model::Node& from = *node->find("from");
    if (from.type == model::Node::Type::map)
      reconciler.facts = &from;
    else
      reconciler.from = plan.find_service(from.text);
    if (reconciler.facts != nullptr || reconciler.from != model::kNone)
      all.push_back(std::move(reconciler));
  }
  return all;
}

std::vector<ServiceIndex> in_waves(const Plan& plan, ServiceIndex gitops) {
  const Args& fields = plan.services[gitops].fields;
  std::vector<ServiceIndex> apps = named_services(plan, fields, "apps");
  const std::vector<ServiceIndex> waves = named_services(plan, fields, "waves");
  const auto wave_of = [&](ServiceIndex app) { return std::ranges::find(waves, app); };
  std::erase_if(apps, [&](ServiceIndex app) { return wave_of(app) != waves.end(); });
  apps.insert(apps.end(), waves.begin(), waves.end());
  return apps;
}

std::string why_wave_stops(const Context& context, const World& world, ServiceIndex gitops,
                           ServiceIndex app, const std::string& version) {
  const Plan& plan = context.plan();
  const std::vector<ServiceIndex> waves =
      named_services(plan, plan.services[gitops].fields, "waves");
  if (std::ranges::find(waves, app) == waves.end() || app == waves.back()) return {};
  std::string why = why_unhealthy(context, world, app);
  if (world.record(app).get("version") != version)
    why = fmt::format("'{}' is not rolled out", plan.services[app].name);
  if (why.empty()) why = why_not_ready(context, world, app, version);
  return why.empty() ? why
                     : fmt::format(
                           "the sync stops at the wave of '{}', and the later ones stay as "
                           "they are: {}",
                           plan.services[app].name, why);
}

bool is_active(const World& world, const Reconciler& reconciler) {
  if (std::ranges::find(reconciler.what, reconciler.self) != reconciler.what.end()) return true;
  const auto* record = dynamic_cast<const Record*>(world.states[reconciler.self].get());
  if (record == nullptr) return true;
  return record->get("running") != "false" && record->get("suspended") != "true" &&
         record->get("paused") != "true";
}

namespace {

/// Whether it acts after this: a GitOps application that does not heal itself syncs when its branch
/// has changed, or when it is resumed, and leaves alone what others change on the spot.
bool acts_after(const Plan& plan, const Reconciler& reconciler, const Outcome& acted) {
  const Args& fields = plan.services[reconciler.self].fields;
  const bool flux = model::mentions(fields.text("provider"),
                                    {"flux"});  // it always puts back what it finds changed
  if (plan.services[reconciler.self].kind != "gitops" || fields.flag("self_heal", flux))
    return true;
  return writes(acted, reconciler.from) || writes(acted, reconciler.self);
}

}  // namespace

namespace {

/// The service that acts by itself, and of which the plan does not say on what or from where.
ServiceIndex acts_on_what_nobody_says(const Context& context, const World& world) {
  const Plan& plan = context.plan();
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    const model::Node* node = plan.services[i].fields.find("reconciles");
    if (node == nullptr || !is_active(world, {i, {}, model::kNone, nullptr})) continue;
    const auto is_open = [&](const char* part) {
      const model::Node* said = node->find(part);
      return said != nullptr &&
             (said->is_unknown() || std::ranges::any_of(said->entries, [](const auto& entry) {
                return entry.value.is_unknown();
              }));
    };
    if (node->is_unknown() || is_open("what") || is_open("from")) return i;
  }
  return model::kNone;
}

}  // namespace

void put_back(const Context& context, const World& world, const Action& action, Outcome& outcome) {
  if (!context.has_reconcilers() ||
      (kPart.is_given(action.args) && kPart.in(action.args) != "rest"))
    return;
  fill_caches(context, world, outcome);
  const ServiceIndex open = acts_on_what_nobody_says(context, with_changes(world, outcome.changes));
  if (open != model::kNone && outcome.ok() && !outcome.changes.empty()) {
    outcome.result = Outcome::Result::opaque;
    outcome.message =
        fmt::format("what '{}' puts back by itself, and from what, the plan does not say",
                    context.plan().services[open].name);
  }
  const std::vector<Reconciler> all = reconcilers(context.plan());
  const Outcome acted = outcome;
  const World done = with_changes(world, acted.changes);
  for (const Reconciler& reconciler : all) {
    if (!is_active(with_changes(world, outcome.changes), reconciler)) continue;
    if (!acts_after(context.plan(), reconciler, acted)) continue;
    const World source = with_changes(world, outcome.changes);
    for (const auto& fact : wanted_of(context, source, reconciler)) {
      for (const ServiceIndex what : reconciler.what) {
        set_fact(context, world, what, fact, outcome);
        if (features_of(context.kind(reconciler.self)).applies_git)
          leave_unpruned(context, world, reconciler.self, what, outcome);
        if (!why_wave_stops(context, with_changes(world, outcome.changes), reconciler.self, what,
                            fact.second)
                 .empty())
          break;
      }
    }
    const World now = with_changes(world, outcome.changes);
    for (const ServiceIndex what : reconciler.what) {
      if (!acted.ok() || !writes(acted, what) || outcome.result == Outcome::Result::noop) continue;
      const std::string change = overwritten(context, done, now, what);
      const bool undone = !change.empty() && overwritten(context, world, now, what).empty();
      if (!undone || what != action.service) continue;
      outcome.result = Outcome::Result::noop;
      outcome.message = describe(context.plan(), reconciler, change);
    }
  }
}

namespace {

/// What is put back, what its start and its hooks change, and where a sync waits for it (`waits`)
/// what says whether it is healthy.
void add_rolled(const Context& context, ServiceIndex what, bool waits, Footprint& print) {
  print.writes.push_back(resource(context, what));
  if (!is_app(context.kind(what).spec())) return;
  for (const std::string& path : paths_of_release(context, what)) {
    print.reads.push_back(path);
    print.writes.push_back(path);
  }
  if (!waits) return;
  for (const model::Version& version : context.plan().services[what].versions) {
    for (const Operation& operation : version.operations) {
      if (operation.on != model::kNone) print.reads.push_back(resource(context, operation.on));
    }
  }
}

}  // namespace

void add_reconciled(const Context& context, Footprint& print) {
  if (!context.has_reconcilers()) return;
  add_caches(context, print);
  for (bool grown = true; grown;) {
    grown = false;
    for (const Reconciler& each : reconcilers(context.plan())) {
      Footprint own{{resource(context, each.self)}, {}};
      if (each.from != model::kNone) own.reads.push_back(resource(context, each.from));
      const bool waits = context.plan().services[each.self].fields.has("waves");
      for (const ServiceIndex what : each.what) add_rolled(context, what, waits, own);
      if (!conflict(print, own)) continue;
      for (const auto& [from, to] :
           {std::pair{&own.reads, &print.reads}, std::pair{&own.writes, &print.writes}}) {
        for (const std::string& path : *from) {
          if (std::ranges::find(*to, path) != to->end()) continue;
          to->push_back(path);
          grown = true;
        }
      }
    }
  }
}

}  // namespace backout::services
