#include "services/postgres_migrations.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "postgres/catalog/assume.hpp"
#include "services/postgres_state.hpp"
#include "services/postgres_verbs.hpp"
#include "services/record_kind.hpp"

namespace backout::services {

namespace pg = backout::postgres;

namespace {

/// A migration asks for a handful of roles and extensions.
constexpr int kMostAssumptions = 16;

const model::Migration* migration_of(const Context& context, const Action& action) {
  const model::ServiceMigrations* migrations = context.plan().find_migrations(action.service);
  if (migrations == nullptr) return nullptr;
  const std::size_t at = migrations->find(kMigrationId.in(action.args));
  return at < migrations->set.migrations.size() ? &migrations->set.migrations[at] : nullptr;
}

bool applies(const Action& action) { return action.verb == model::kApplyMigration; }

const std::optional<model::SqlText>* script_of(const Context& context, const Action& action) {
  const model::Migration* migration = migration_of(context, action);
  return migration == nullptr ? nullptr : applies(action) ? &migration->up : &migration->down;
}

/// The first refusal of a script, and where.
struct Refusal {
  pg::ExecResult result;
  model::Span span;
};

/// Runs what is known to have run: how its tool sent it no longer matters.
std::optional<Refusal> run_up(pg::Database& database, const model::SqlText& up) {
  const pg::Script script = pg::Script::parse(up.text);
  if (script.mistake())
    return Refusal{{pg::ExecStatus::refused, "", script.mistake()->message},
                   up.span_of(script.mistake()->offset, script.mistake()->offset + 1)};
  const pg::RunResult run = database.run(script, pg::RunMode::statement_by_statement);
  if (!run.refused()) return std::nullopt;
  const pg::Script::Statement& statement = script.statements()[run.failures.front().statement];
  return Refusal{run.failures.front().result, up.span_of(statement.begin, statement.end)};
}

/// The same on a database that gets what is taken for granted, and so does `also`.
std::optional<Refusal> run_up_with_assumptions(pg::Database& database, const model::SqlText& up,
                                               pg::Database* also) {
  for (int assumed = 0;; ++assumed) {
    pg::Database after = database;
    auto refused = run_up(after, up);
    if (!refused || assumed == kMostAssumptions ||
        !pg::assume(database, refused->result.sqlstate, refused->result.message)) {
      if (!refused) database = std::move(after);
      return refused;
    }
    if (also != nullptr) pg::assume(*also, refused->result.sqlstate, refused->result.message);
  }
}

}  // namespace

pg::RunMode run_mode(const pg::Script& script, model::Transaction mode) {
  const bool alone = mode == model::Transaction::implicit && script.statements().size() == 1;
  if (mode == model::Transaction::none || alone) return pg::RunMode::statement_by_statement;
  return mode == model::Transaction::implicit ? pg::RunMode::one_query
                                              : pg::RunMode::one_transaction;
}

bool is_migration(const Action& action) {
  return applies(action) || action.verb == model::kRevertMigration;
}

std::string migration_sql(const Context& context, const Action& action) {
  const std::optional<model::SqlText>* script = script_of(context, action);
  return script == nullptr || !*script ? std::string() : (*script)->text;
}

bool commits_apart(const Context& context, const Action& action) {
  const model::Migration* migration = migration_of(context, action);
  return migration != nullptr &&
         (applies(action) ? migration->up_mode : migration->down_mode) == model::Transaction::none;
}

Outcome run_migration(const Context& context, const World& world, const Action& action) {
  const model::Migration* migration = migration_of(context, action);
  if (migration == nullptr) return Outcome::opaque("which migration it is, the plan does not say");
  const std::optional<model::SqlText>& sql = applies(action) ? migration->up : migration->down;
  if (!sql)
    return Outcome::refused(
        fmt::format("'{}' has no {}", migration->id, applies(action) ? "up" : "down"));
  PostgresState state = static_cast<const PostgresState&>(*world.states[action.service]);
  const auto database = state.databases.find(state.live);
  if (database == state.databases.end())
    return Outcome::refused(fmt::format("database \"{}\" does not exist", state.live));
  const pg::Script script = pg::Script::parse(sql->text);
  if (script.mistake()) {
    const std::string& why = script.mistake()->message;
    return script.mistake()->sqlstate.empty() ? Outcome::opaque(why) : Outcome::refused(why);
  }
  const pg::RunResult run = database->second.run(
      script, run_mode(script, applies(action) ? migration->up_mode : migration->down_mode));
  name_rows(database->second, action.label);
  Outcome outcome;
  if (run.refused()) {
    outcome = Outcome::refused(run.failures.front().result.message);
  } else if (!run.opaque.empty()) {
    outcome = Outcome::opaque(run.opaque.front().result.message);
  }
  return outcome.set(action.service, state.seal());
}

Undo undo_of_migration(const Context& context, const World& before, const Action& action) {
  using Class = Undo::Class;
  const model::Migration* migration = migration_of(context, action);
  if (migration == nullptr || !applies(action)) return {};
  if (!migration->down) return {Class::none, "it has no down", {}};
  Action down = same_service(action, std::string(model::kRevertMigration),
                             {{kMigrationId.name(), kMigrationId.in(action.args)}});
  const Applied after = run(context, before, action);
  const Applied back = run(context, after.world, down);
  const bool known = after.outcome.ok() && back.outcome.ok();
  const std::vector<std::string> left = differences(context, before, back.world, {});
  if (known && left.empty()) return {Class::exact, "", {std::move(down)}};
  return {known ? Class::lossy : Class::unknown,
          known ? "the old state: " + left.front() : "",
          {std::move(down)}};
}

void run_applied_migrations(const Context& context, ServiceIndex self, pg::Database& database,
                            std::vector<model::Mistake>& mistakes) {
  const model::ServiceMigrations* migrations = context.plan().find_migrations(self);
  if (migrations == nullptr) return;
  const auto& all = migrations->set.migrations;
  for (std::size_t at = 0; at < migrations->applied; ++at) {
    const auto refused =
        all[at].up ? run_up_with_assumptions(database, *all[at].up, nullptr) : std::nullopt;
    if (!refused) continue;
    mistakes.push_back({refused->span,
                        fmt::format("the state of '{}' before the deploy cannot be made: {}",
                                    context.plan().services[self].name, refused->result.message),
                        "`schema:` can say in place of the migrations what the database holds"});
    return;
  }
}

void assume_for_migrations(const Context& context, ServiceIndex self, pg::Database& database) {
  const model::ServiceMigrations* migrations = context.plan().find_migrations(self);
  if (migrations == nullptr) return;
  const auto& all = migrations->set.migrations;
  pg::Database trial = database;
  for (std::size_t at = migrations->applied; at < all.size(); ++at) {
    if (all[at].up && run_up_with_assumptions(trial, *all[at].up, &database)) return;
  }
}

}  // namespace backout::services
