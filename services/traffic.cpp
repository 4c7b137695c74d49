// Who is at work in a world, and what that work does.
#include "services/traffic.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "services/app.hpp"
#include "services/cached.hpp"
#include "services/entries.hpp"
#include "services/postgres_literals.hpp"
#include "services/postgres_state.hpp"
#include "services/release.hpp"
#include "services/routing.hpp"
#include "services/sealed.hpp"
#include "services/unknown_args.hpp"

namespace backout::services {

namespace {

/// Whether nobody says which apps a barrier keeps work from.
bool is_unknown_front(const Context& context, ServiceIndex barrier) {
  return context.plan().services[barrier].fields.is_unknown("fronts");
}

/// Why nobody knows whether work reaches `app`; empty: it is known.
std::string perhaps_blocked(const Context& context, const World& world, ServiceIndex app) {
  const Plan& plan = context.plan();
  for (const ServiceIndex i : context.barriers()) {
    if (is_unknown_front(context, i) && !context.kind(i).blocks(context, world, i, app).empty())
      return fmt::format("whether '{}' hides '{}', the plan does not say (`fronts` of '{}')",
                         plan.services[i].name, plan.services[app].name, plan.services[i].name);
  }
  return {};
}

}  // namespace

std::string blocked(const Context& context, const World& world, ServiceIndex app) {
  for (const ServiceIndex i : context.barriers()) {
    if (is_unknown_front(context, i)) continue;
    if (std::string why = context.kind(i).blocks(context, world, i, app); !why.empty()) return why;
  }
  return {};
}

bool is_chosen(const Operation& operation, const std::string& column) {
  return std::ranges::any_of(placeholders(operation.sql),
                             [&](const auto& each) { return each.second == column; });
}

std::vector<ServiceIndex> kept_in(const Plan& plan, ServiceIndex store) {
  std::vector<ServiceIndex> found;
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    const Args& fields = plan.services[i].fields;
    const std::string& name = plan.services[store].name;
    if (fields.text("state_in") == name || fields.text("stored_in") == name) found.push_back(i);
  }
  return found;
}

void bring_back_kept(const Context& context, const World& world, ServiceIndex store,
                     Outcome& outcome) {
  for (const ServiceIndex i : kept_in(context.plan(), store)) {
    std::vector<model::Mistake> reported_before;
    Record next = static_cast<const Record&>(*context.kind(i).initial(context, i, reported_before));
    for (const auto& [key, value] : world.record(i).facts()) {
      if (key.starts_with("seen."))
        next = next.with(key, value);  // what readers have cached survives
    }
    outcome.set(i, next);
  }
}

namespace {

/// Whether work of a live version of an app is let in: a stopped intake keeps new work out, and
/// events about work under way still arrive.
bool lets_in(const Record& app, const Operation& operation) {
  return app.get("intake") != "stopped" || operation.type == Operation::Type::event;
}

/// Whether its intake is stopped, and no event comes that could write.
bool takes_nothing_in(const Context& context, const World& world, ServiceIndex app) {
  const model::Service& self = context.plan().services[app];
  if (!is_app(context.kind(app).spec()) || world.record(app).get("intake") != "stopped")
    return false;
  return std::ranges::none_of(
      context.kind(app).live_versions(context, world, app), [&](const std::string& name) {
        const model::Version* version = self.find_version(name);
        return version == nullptr || is_silent(*version) ||
               std::ranges::any_of(version->operations, [](const Operation& operation) {
                 return operation.type == Operation::Type::event;
               });
      });
}

}  // namespace

std::vector<ServiceIndex> writers(const Context& context, const World& world, ServiceIndex store) {
  std::vector<ServiceIndex> found = connected(context, world, store);
  std::erase_if(found, [&](ServiceIndex app) { return takes_nothing_in(context, world, app); });
  return found;
}

std::vector<ServiceIndex> connected(const Context& context, const World& world,
                                    ServiceIndex store) {
  const Plan& plan = context.plan();
  std::vector<ServiceIndex> found;
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    if (std::ranges::find(plan.services[i].uses, store) == plan.services[i].uses.end()) continue;
    const bool working =
        plan.services[i].kind == "workers"
            ? world.record(i).get("running") == "true" || world.record(i).has("under_way")
            : !context.kind(i).live_versions(context, world, i).empty() &&
                  blocked(context, world, i).empty();
    if (working) found.push_back(i);
  }
  return found;
}

namespace {

bool is_of_traffic(std::string_view key) {
  static constexpr std::array<std::string_view, 8> kKeys = {
      "operations", "accepts", "inserts", "reads", "requires", "writes", "puts", "takes"};
  return std::ranges::find(kKeys, key) != kKeys.end();
}

}  // namespace

bool is_said_unknown(const model::Version& version) {
  return std::ranges::any_of(version.extra.entries, [](const model::Node::Entry& each) {
    return is_of_traffic(each.key) && each.value.is_unknown();
  });
}

bool is_silent(const model::Version& version) {
  if (is_said_unknown(version)) return true;
  const bool none = std::ranges::any_of(version.extra.entries, [](const model::Node::Entry& each) {
    return is_of_traffic(each.key);
  });
  // What stands for what is not said of a cache or queue (model/load_versions.cpp) says nothing.
  return !none && std::ranges::all_of(version.operations, [](const Operation& each) {
    return each.subject.starts_with("unknown of ");
  });
}

bool is_store(const Context& context, ServiceIndex service) {
  const std::string& kind = context.kind(service).spec().name;
  static const std::vector<std::string> kStores = {"postgres", "mysql",  "mongodb",      "dynamodb",
                                                   "database", "sqlite", "vector_store", "webhook"};
  return has_entries(context.kind(service).spec()) ||
         std::ranges::find(kStores, kind) != kStores.end();
}

std::vector<ServiceIndex> changed_stores(const Context& context, const Action& action) {
  const Traits traits = traits_of(context, action);
  if (traits.read_only || !traits.takes_backup.empty()) return {};
  if (!traits.acquires.empty() || !traits.releases.empty()) return {};
  std::vector<ServiceIndex> found;
  const Footprint print = footprint_of(context, action);
  for (ServiceIndex i = 0; i < context.plan().services.size(); ++i) {
    const bool is_all = !is_store(context, i);
    const auto matters = [&](const std::string& path) {
      const std::string whole = resource(context, i);
      if (is_all && path.starts_with(whole + '.')) return true;
      return path == whole || path.starts_with(whole + ".tables") ||
             path.starts_with(whole + ".fields");
    };
    if (std::ranges::any_of(print.writes, matters)) found.push_back(i);
  }
  return found;
}

bool works_on(const Plan& plan, ServiceIndex app, ServiceIndex store) {
  const model::Service& service = plan.services[app];
  return std::ranges::find(service.uses, store) != service.uses.end() ||
         plan.services[store].fields.text("to") == service.name;
}

std::vector<LiveOperation> live_operations(const Context& context, const World& world) {
  std::vector<LiveOperation> all;
  const Plan& plan = context.plan();
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    if (plan.services[i].versions.empty() || !blocked(context, world, i).empty()) continue;
    for (const std::string& name : context.kind(i).live_versions(context, world, i)) {
      const model::Version* version = plan.services[i].find_version(name);
      // What is ill since the deploy does nothing. It was so before the rollback, which is not to
      // blame for it.
      if (version == nullptr ||
          (name == world.record(i).get("version") && is_ill_since_deploy(world, i)))
        continue;
      const Record& app = world.record(i);
      const std::string refusal =
          name == app.get("version") ? why_unhealthy(context, world, i) : std::string();
      for (const Operation& operation : version->operations) {
        if (lets_in(app, operation)) all.push_back({i, name, &operation, refusal});
      }
    }
  }
  return all;
}

namespace {

Outcome require(const Context& context, const World& world, const Operation& operation) {
  const State& state = *world.states[operation.on];
  const std::vector<Fact> facts = context.kind(operation.on).facts(context, operation.on, state);
  const std::string path = resource(context, operation.on, operation.subject);
  std::optional<std::string> value = seen(facts, operation.subject);
  if (!value)
    value = seen(facts, "schema." + operation.subject);  // as stores that speak no SQL call it
  if (!value) return Outcome::refused(fmt::format("it needs {}, which does not exist", path));
  if (operation.expect == "*" || operation.expect.empty()) return Outcome::done();
  if (*value == "unknown")
    return Outcome::opaque(
        fmt::format("it needs {} to be {}, and what it is is unknown", path, operation.expect));
  if (*value == operation.expect) return Outcome::done();
  if (std::ranges::find(operation.values, *value) != operation.values.end()) return Outcome::done();
  return Outcome::refused(
      fmt::format("it needs {} to be {}, and it is {}", path, operation.expect, *value));
}

}  // namespace

namespace {

/// Whether the operation reads entries in formats: `reads:` and `takes:` of a version.
bool reads_entries(const Context& context, const Operation& operation) {
  return operation.subject == kFormats && has_entries(context.kind(operation.on).spec());
}

/// Runs `operation` as the one who does it under the name `tag`.
Applied run_tagged(const Context& context, const World& world, const Operation& operation,
                   const std::string& tag) {
  if (operation.on == model::kNone)
    return {world, Outcome::opaque("which service it works on, the plan does not say")};
  const bool asks_fact =
      operation.type == Operation::Type::require && !reads_entries(context, operation);
  if (std::string why = why_not_sealed(context, world, operation.on); !asks_fact && !why.empty())
    return {world, Outcome::refused(std::move(why))};
  Outcome outcome = asks_fact ? require(context, world, operation)
                              : context.kind(operation.on).operate(context, world, operation, tag);
  note_seals(context, world, outcome);
  World next =
      outcome.result == Outcome::Result::refused ? world : with_changes(world, outcome.changes);
  return {std::move(next), std::move(outcome)};
}

std::string tag_of(const Context& context, const LiveOperation& live) {
  return fmt::format("{}.{}.{}", context.plan().services[live.app].name, live.version,
                     live.operation->name);
}

}  // namespace

namespace {

Applied run_as_said(const Context& context, const World& world, const LiveOperation& live) {
  const Operation& operation = *live.operation;
  const bool asks_configuration = operation.type == Operation::Type::require &&
                                  operation.on != model::kNone &&
                                  features_of(context.kind(operation.on)).is_configuration;
  if (asks_configuration && features_of(context.kind(live.app)).freezes_configuration) {
    const World seen_by_it = with_frozen_configuration(context, world, live.app, live.version);
    return {world, run_tagged(context, seen_by_it, operation, tag_of(context, live)).outcome};
  }
  return run_tagged(context, world, *live.operation, tag_of(context, live));
}

}  // namespace

Applied run_operation(const Context& context, const World& world, const LiveOperation& live) {
  if (!live.refusal.empty()) return {world, Outcome::refused(live.refusal)};
  Applied applied = run_as_said(context, world, live);
  const bool matters = !applied.outcome.ok() || !applied.outcome.changes.empty();
  if (std::string why = matters ? perhaps_blocked(context, world, live.app) : std::string();
      !why.empty())
    return {world, Outcome::opaque(std::move(why))};
  const HappensIn happens = [&](const Context& known, const World& in) {
    return &known.plan() == &context.plan() ? applied.outcome
                                            : run_as_said(known, in, live).outcome;
  };
  Outcome outcome = whatever_fields_say(context, world, {live.app, live.operation->on}, happens);
  if (outcome.result == applied.outcome.result) return applied;
  return {world, std::move(outcome)};
}

std::optional<Applied> run_in_ghost_world(const Context& context, const World& start,
                                          const LiveOperation& live) {
  const ServiceIndex worker = worker_before(context.plan(), live.app);
  const model::Service& app = context.plan().services[worker];
  const model::Version* first = app.find_version(app.start);
  if (first == nullptr || (worker == live.app && first->name == live.version)) return std::nullopt;
  for (const Operation& operation : first->operations) {
    if (operation.name == live.operation->name)
      return run_tagged(context, start, operation, tag_of(context, live));
  }
  return std::nullopt;
}

}  // namespace backout::services
