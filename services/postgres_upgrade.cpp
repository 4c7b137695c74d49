#include "services/postgres_upgrade.hpp"

#include <cstdlib>

#include <fmt/format.h>

#include "postgres/catalog/server_version.hpp"
#include "services/postgres_verbs.hpp"

namespace backout::services {

namespace pg = postgres;
using model::ValueType;

namespace {

constexpr const char* kUpgradeVerb = "upgrade";
constexpr TextArg kUpgradeMajor =
    TextArg("version", "The major version that runs then, newer or older.")
        .of(ValueType::integer)
        .required();
constexpr TextArg kUpgradeMethod =
    TextArg("method",
            "How: `copy`, `clone` and `dump` leave the old cluster as it was then; `link` and "
            "`in_place` (default; managed "
            "services) do not.")
        .among({"in_place", "link", "copy", "clone", "dump", "unknown"});
constexpr FlagArg kUpgradeEmpties{"empty",
                                  "It starts on an empty cluster: what was there is gone unless a "
                                  "dump is restored (default false)."};

/// Whether the cluster of before stays as it was, beside the new one.
bool keeps_the_old(const Action& action) {
  return is_one_of(kUpgradeMethod.in(action.args), {"copy", "clone", "dump"});
}

int number(const std::string& major) { return std::atoi(major.c_str()); }

/// Every database is of that major version from now on.
void set_major(PostgresState& state, const std::string& major) {
  state.engine = major;
  if (number(major) < pg::kOldestServer || number(major) > pg::kNewestServer) return;
  for (auto& [name, content] : state.databases) pg::set_server(content, number(major));
}

Outcome start_old_cluster(const Action& action, PostgresState state, const std::string& to) {
  if (state.old_engine.empty() && !state.old_cluster.empty())
    return Outcome::opaque(
        "which major version the old cluster is of, the plan does not say (`version`)");
  if (state.old_engine != to) {
    return Outcome::refused(
        fmt::format("The data directory was initialized by PostgreSQL version {}, which is not "
                    "compatible with this version {}",
                    state.engine, to));
  }
  state.databases = std::move(state.old_cluster);
  state.old_cluster.clear();
  state.old_engine.clear();
  state.engine = to;
  return Outcome::done().set(action.service, state.seal());
}

/// The old cluster of a `copy`, `clone` or `dump` stays as it was then, and serves again without
/// what was written since; that of a `link` or an upgrade in place is no more. Source: PostgreSQL
/// manual, "pg_upgrade", "Reverting to old cluster".
Outcome upgrade_postgres(const Call& call) {
  const Action& action = call.action;
  PostgresState state = postgres_state(call.world, action.service);
  const std::string to = kUpgradeMajor.in(action.args);
  if (number(to) == 0)
    return Outcome::opaque("which major version runs then, the plan does not say");
  if (kUpgradeEmpties.in(action.args)) {
    state.databases.clear();
    state.databases[state.live];
    state.old_cluster.clear();
    state.old_engine.clear();
    set_major(state, to);
    return Outcome::done().set(action.service, state.seal());
  }
  if (state.engine == to) return Outcome::done();
  if (!state.engine.empty() && number(to) < number(state.engine))
    return start_old_cluster(action, std::move(state), to);
  if (kUpgradeMethod.is_unknown(action.args))
    return Outcome::opaque("whether the old cluster stays, the plan does not say (`method`)");
  state.old_cluster.clear();
  state.old_engine.clear();
  if (keeps_the_old(action)) {
    state.old_engine = state.engine;
    state.old_cluster = state.databases;
  }
  set_major(state, to);
  return Outcome::done().set(action.service, state.seal());
}

Undo undo_of_upgrade(const Call& call) {
  const Action& action = call.action;
  const std::string& from = postgres_state(call.world, action.service).engine;
  const std::string to = kUpgradeMajor.in(action.args);
  if (kUpgradeEmpties.in(action.args))
    return {Undo::Class::none, "what was there is gone unless it was dumped before", {}};
  if (from == to) return {Undo::Class::exact, "", {}};
  if (from.empty() || kUpgradeMethod.is_unknown(action.args) || number(to) < number(from))
    return {};
  if (!keeps_the_old(action))
    return {Undo::Class::none, fmt::format("{} does not start on the files of {}", from, to), {}};
  return {Undo::Class::conditional,
          "nothing was written since: that is on the newer one alone",
          {same_service(action, kUpgradeVerb, {{kUpgradeMajor.name(), from}})}};
}

}  // namespace

std::string major_before(const Plan& plan, ServiceIndex self) {
  const model::Service& service = plan.services[self];
  return has_step(plan, self, kUpgradeVerb) && !service.fields.is_unknown("version")
             ? service.fields.text("version")
             : std::string();
}

VerbRow postgres_upgrade_row() {
  return {{kUpgradeVerb,
           {kUpgradeMajor, kUpgradeMethod, kUpgradeEmpties},
           "Runs another major version (pg_upgrade, or that of a managed service)."},
          upgrade_postgres,
          undo_of_upgrade,
          [](const Context& context, const Action& action, Traits& traits) {
            if (kUpgradeEmpties.in(action.args))
              traits.destroys = "what " + context.plan().services[action.service].name + " holds";
          }};
}

}  // namespace backout::services
