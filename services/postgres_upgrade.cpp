#include "services/postgres_upgrade.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "postgres/catalog/server_version.hpp"

namespace backout::services {

namespace pg = postgres;
using model::ValueType;

namespace {

/// Whether the cluster of before stays as it was, beside the new one.
bool keeps_the_old(const Action& action) {
  return is_one_of(action.args.text("method"), {"copy", "clone", "dump"});
}

int number(const std::string& major) { return std::atoi(major.c_str()); }

/// Every database is of that major version from now on.
void set_major(PostgresState& state, const std::string& major) {
  state.engine = major;
  if (number(major) < pg::kOldestServer || number(major) > pg::kNewestServer) return;
  for (auto& [name, content] : state.databases) pg::set_server(content, number(major));
}

Outcome go_back(const Action& action, PostgresState state, const std::string& to) {
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

}  // namespace

model::VerbSpec postgres_upgrade_verb() {
  return {"upgrade",
          {field("version", ValueType::integer, "The major version that runs then, newer or older.",
                 true),
           choice("method", {"in_place", "link", "copy", "clone", "dump", "unknown"},
                  "How: `copy`, `clone` and `dump` leave the old cluster as it was then; `link` "
                  "and `in_place` (default; managed services) do not."),
           field("empty", ValueType::boolean,
                 "It starts on an empty cluster: what was there is gone unless a dump is restored "
                 "(default false)."),
           command_field()},
          "Runs another major version (pg_upgrade, or that of a managed service)."};
}

std::string major_before(const Plan& plan, ServiceIndex self) {
  const bool changes = std::ranges::any_of(plan.steps, [&](const model::Step& step) {
    return step.target == self && step.verb == "upgrade";
  });
  const model::Service& service = plan.services[self];
  return changes && !service.fields.is_unknown("version") ? service.fields.text("version")
                                                          : std::string();
}

Outcome upgrade_postgres(const Action& action, PostgresState state) {
  const std::string to = action.args.text("version");
  if (number(to) == 0)
    return Outcome::opaque("which major version runs then, the plan does not say");
  if (action.args.flag("empty")) {
    state.databases.clear();
    state.databases[state.live];
    state.old_cluster.clear();
    state.old_engine.clear();
    set_major(state, to);
    return Outcome::done().set(action.service, state.seal());
  }
  if (state.engine == to) return Outcome::done();
  if (!state.engine.empty() && number(to) < number(state.engine))
    return go_back(action, std::move(state), to);
  if (action.args.is_unknown("method"))
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

Undo undo_of_upgrade(const PostgresState& before, const Action& action) {
  const std::string& from = before.engine;
  const std::string to = action.args.text("version");
  if (action.args.flag("empty"))
    return {Undo::Class::none, "what was there is gone unless it was dumped before", {}};
  if (from == to) return {Undo::Class::exact, "", {}};
  if (from.empty() || action.args.is_unknown("method") || number(to) < number(from)) return {};
  if (!keeps_the_old(action))
    return {Undo::Class::none, fmt::format("{} does not start on the files of {}", from, to), {}};
  return {Undo::Class::conditional,
          "nothing was written since: that is on the newer one alone",
          {same_service(action, "upgrade", {{"version", from}})}};
}

}  // namespace backout::services
