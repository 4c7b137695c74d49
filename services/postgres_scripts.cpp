// The verbs that run SQL of the plan: statements, migrations, the records of a migrations' tool.
#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "postgres/catalog/names.hpp"
#include "postgres/query/print.hpp"
#include "postgres/read/sql_reader.hpp"
#include "postgres/read/text.hpp"
#include "services/postgres_facts.hpp"
#include "services/postgres_migrations.hpp"
#include "services/postgres_verbs.hpp"

namespace backout::services {

namespace pg = backout::postgres;

namespace {

constexpr const char* kSql = "sql";
constexpr const char* kDown = "migrate_down";
constexpr FlagArg kSqlStops =
    FlagArg("on_error_stop",
            "psql stops and fails at the first error (default true; `psql -f` alone: false).")
        .or_else(true);
constexpr FlagArg kSqlWhole{"transaction", "All statements in one transaction (default false)."};
constexpr TextArg kSqlDatabase{"database", "Which database of the server (default: the live one)."};
constexpr TextArg kDownTo{"to", "Version to go down to."};
constexpr TextArg kDownFile = kSqlFile.saying("The down script.");
constexpr TextArg kDownScript{"script", "`missing` when there is none."};
constexpr FlagArg kDownStops = kSqlStops.saying("Stops at the first error (default true).");
constexpr TextArg kDownRecord{"record", "Version whose record is deleted whatever happens."};
constexpr TextArg kRecordInsert{"insert", "Version to record."};
constexpr TextArg kRecordDelete{"delete", "Version whose record is removed."};

Outcome outcome_of(const SqlRun& run, bool hides_failure) {
  Outcome outcome{
      run.result, run.result != Outcome::Result::refused || hides_failure, run.message, {}};
  return outcome;
}

/// A database of which the plan says nothing may hold anything: that a thing does not exist there,
/// nobody knows.
Outcome unless_unsaid(const Context& context, const Action& action, Outcome outcome) {
  const model::Args& fields = context.plan().services[action.service].fields;
  const bool is_said =
      std::ranges::any_of(std::array{"schema", "sql", "tables", "migrations"},
                          [&](const char* field) { return fields.find(field) != nullptr; });
  if (is_said || outcome.result != Outcome::Result::refused ||
      outcome.message.find("does not exist") == std::string::npos)
    return outcome;
  return Outcome::opaque(fmt::format("the plan says nothing of the schema of '{}'",
                                     context.plan().services[action.service].name));
}

/// Whether the statements are only such as change rows that are there, and the tables that they
/// name hold what other steps inserted, or the records of a migrations' tool: of those it is known
/// what is in them.
bool edits_records(const Context& context, ServiceIndex self, const PostgresState& state,
                   const std::string& sql) {
  const model::Node* short_forms = context.plan().services[self].fields.find("tables");
  const auto is_represented = [&](const std::string& table) {
    const model::Node* form = short_forms == nullptr ? nullptr : short_forms->find(table);
    return form != nullptr && form->find("rows") != nullptr;
  };
  const pg::Database* database = state.database();
  const pg::Script script = pg::Script::parse(sql);
  if (database == nullptr || script.mistake() || script.statements().empty()) return false;
  return std::ranges::all_of(script.statements(), [&](const pg::Script::Statement& statement) {
    const PgQuery__Node& node = *statement.tree;
    const PgQuery__RangeVar* range =
        node.node_case == PG_QUERY__NODE__NODE_DELETE_STMT   ? node.delete_stmt->relation
        : node.node_case == PG_QUERY__NODE__NODE_UPDATE_STMT ? node.update_stmt->relation
                                                             : nullptr;
    const auto id =
        range == nullptr ? pg::Checked<pg::ObjectId>(0) : pg::require_table(*database, *range);
    const auto* table = id && *id != 0 ? database->get<pg::Table>(*id) : nullptr;
    if (table == nullptr) return false;
    const pg::TableRows& rows = database->rows().of(table->id);
    const auto is_made = [&](const auto& row) {
      return state.made_by_steps.contains(row->identity);
    };
    return rows.doubt.empty() && !is_represented(fact_name(*database, *table)) &&
           (is_record_table(table->name) ? !rows.rows.empty()
                                         : std::ranges::any_of(rows.rows, is_made));
  });
}

Outcome run_down(const Call& call, PostgresState state) {
  const std::string sql = sql_of(call.context, call.action);
  const std::string record = call.arg(kDownRecord);
  const bool missing = call.arg(kDownScript) == "missing";
  pg::Database& database = state.databases.at(state.live);
  SqlRun run;
  if (missing) {
    run = {Outcome::Result::noop, "there is no down script: only a warning is printed"};
  } else if (sql.empty()) {
    return Outcome::opaque("what the down migration does, the plan does not say");
  } else {
    run = run_sql(database, sql,
                  call.arg(kDownStops) ? SqlRun::Mode::transaction : SqlRun::Mode::go_on,
                  call.action.label);
  }
  if (!record.empty()) {
    const SqlRun removed = run_sql(
        database,
        fmt::format("DELETE FROM schema_migrations WHERE version = {}", pg::quote_literal(record)),
        SqlRun::Mode::stop_at_first, call.action.label);
    if (removed.result == Outcome::Result::done && run.result != Outcome::Result::done) {
      run.message += fmt::format(
          "; the record of {} is removed all the same, so that it says that nothing is there to "
          "take back",
          record);
    }
  }
  Outcome outcome = outcome_of(run, !call.arg(kDownStops) || missing);
  return outcome.set(call.action.service, state.seal());
}

std::string record_sql(const Action& action) {
  if (kRecordDelete.is_given(action.args)) {
    return fmt::format("DELETE FROM schema_migrations WHERE version = {}",
                       pg::quote_literal(kRecordDelete.in(action.args)));
  }
  return fmt::format("INSERT INTO schema_migrations (version) VALUES ({})",
                     pg::quote_literal(kRecordInsert.in(action.args)));
}

/// What statements of a script destroy, from their kinds alone.
std::string destroyed_by(const std::string& sql) {
  const pg::Script script = pg::Script::parse(sql);
  for (const pg::Script::Statement& statement : script.statements()) {
    const PgQuery__Node& node = *statement.tree;
    if (node.node_case == PG_QUERY__NODE__NODE_TRUNCATE_STMT)
      return "the rows of the tables that it truncates";
    if (node.node_case == PG_QUERY__NODE__NODE_DELETE_STMT) return "rows";
    if (node.node_case == PG_QUERY__NODE__NODE_DROPDB_STMT) return "a database";
    if (node.node_case == PG_QUERY__NODE__NODE_DROP_STMT &&
        node.drop_stmt->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE)
      return "tables with their rows";
    if (node.node_case != PG_QUERY__NODE__NODE_ALTER_TABLE_STMT) continue;
    for (std::size_t i = 0; i < node.alter_table_stmt->n_cmds; ++i) {
      const PgQuery__Node* command = node.alter_table_stmt->cmds[i];
      if (command->node_case == PG_QUERY__NODE__NODE_ALTER_TABLE_CMD &&
          command->alter_table_cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn)
        return "a column with its values";
    }
  }
  return {};
}

bool drops_with_cascade(const std::string& sql) {
  const pg::Script script = pg::Script::parse(sql);
  return std::ranges::any_of(script.statements(), [](const pg::Script::Statement& statement) {
    return statement.tree->node_case == PG_QUERY__NODE__NODE_DROP_STMT &&
           statement.tree->drop_stmt->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
  });
}

void script_traits(const Context& context, const Action& action, Traits& traits) {
  const std::string sql = sql_of(context, action);
  traits.destroys = destroyed_by(sql);
  if (!kSqlStops.in(action.args))
    traits.hides_failure = "psql goes on after errors and exits 0 unless ON_ERROR_STOP is set";
  if (drops_with_cascade(sql))
    traits.leaves.push_back("CASCADE drops whatever depends on it, unseen");
  const pg::Script script = pg::Script::parse(sql);
  traits.read_only =
      !script.statements().empty() && std::ranges::all_of(script.statements(), only_reads);
}

void down_traits(const Context& context, const Action& action, Traits& traits) {
  script_traits(context, action, traits);
  if (kDownScript.in(action.args) != "missing") return;
  traits.misdirected = "there is no down script: nothing is taken back";
  if (kDownRecord.is_given(action.args)) traits.misdirected += ", and the record says that it was";
}

/// How the statements of `sql` are sent.
SqlRun::Mode mode_of_sql(const Action& action) {
  if (kSqlWhole.in(action.args)) return SqlRun::Mode::transaction;
  return kSqlStops.in(action.args) ? SqlRun::Mode::stop_at_first : SqlRun::Mode::go_on;
}

/// Each statement commits by itself.
std::vector<Action> statement_by_statement(const Call& call) {
  const Action& action = call.action;
  const pg::Script script = pg::Script::parse(sql_of(call.context, action));
  if (script.mistake() || script.statements().size() < 2) return {action};
  std::vector<Action> pieces;
  for (const pg::Script::Statement& statement : script.statements()) {
    if (statement.tree->node_case == PG_QUERY__NODE__NODE_TRANSACTION_STMT) return {action};
    Action piece =
        same_service(action, kSql,
                     {{kSqlText.name(),
                       script.text().substr(statement.begin, statement.end - statement.begin)}});
    for (const model::Node::Entry& entry : action.args.entries) {
      if (entry.key != kSqlText.name() && entry.key != kSqlFile.name())
        piece.args.entries.push_back(entry);
    }
    piece.label = action.label;
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

Outcome run_sql_verb(const Call& call) {
  const std::string sql = sql_of(call.context, call.action);
  return with_rows(
      call, sql,
      unless_unsaid(call.context, call.action,
                    run_statements(call, postgres_state(call.world, call.action.service), sql,
                                   mode_of_sql(call.action))));
}

Outcome change_records(const Call& call, PostgresState state) {
  return run_statements(call, std::move(state), record_sql(call.action),
                        SqlRun::Mode::stop_at_first);
}

/// Runs it in this mode, whether or not it stops at an error; nothing where it is not the live
/// database, or nobody knows the SQL.
RunsSql runs_in_mode(const Context& context, const Action& action, bool whole) {
  std::string sql = sql_of(context, action);
  if (sql.empty() || kSqlDatabase.is_given(action.args)) return {};
  const SqlRun::Mode mode = !kSqlStops.in(action.args)           ? SqlRun::Mode::go_on
                            : whole || kSqlWhole.in(action.args) ? SqlRun::Mode::transaction
                                                                 : SqlRun::Mode::stop_at_first;
  return [sql = std::move(sql), mode](pg::Database& database) {
    return run_sql(database, sql, mode, "").result == Outcome::Result::refused;
  };
}

RunsSql runs_migration(const Context& context, const Action& action) {
  return runs_in_mode(context, action, !commits_apart(context, action));
}
std::vector<Action> no_actions(const Action&) { return {}; }
std::vector<Action> undo_by_down(const Action& action) {
  return {same_service(action, std::string(model::kRevertMigration),
                       {{kMigrationId.name(), kMigrationId.in(action.args)}})};
}

}  // namespace

const SqlVerb* find_sql_verb(std::string_view verb) {
  static const std::array kAll = {
      SqlVerb{kSql, false,
              [](const Context& context, const Action& action) {
                return runs_in_mode(context, action, false);
              },
              sql_of, no_actions},
      SqlVerb{kDown, false,
              [](const Context& context, const Action& action) {
                return runs_in_mode(context, action, true);
              },
              sql_of, no_actions},
      SqlVerb{model::kApplyMigration, false, runs_migration, sql_of, undo_by_down},
      SqlVerb{model::kRevertMigration, false, runs_migration, sql_of, no_actions},
      SqlVerb{"migrate", true,
              [](const Context&, const Action& action) -> RunsSql {
                return [args = action.args](pg::Database& database) {
                  return run_sql(database, migrate_sql(database, args), SqlRun::Mode::transaction,
                                 "")
                             .result == Outcome::Result::refused;
                };
              },
              [](const Context&, const Action& action) {
                return migrate_sql(pg::Database(), action.args);
              },
              undo_of_migrate}};
  const auto found =
      std::ranges::find_if(kAll, [&](const SqlVerb& each) { return each.verb == verb; });
  return found == kAll.end() ? nullptr : &*found;
}

Action action_of_sql(ServiceIndex self, const std::string& sql) {
  return with_arg({self, kSql, {}, {}, "live work"}, kSqlText.name(), sql);
}

std::string sql_of(const Context& context, const Action& action) {
  if (is_migration(action)) return migration_sql(context, action);
  const std::string text = kSqlText.in(action.args);
  if (!text.empty()) return text;
  return kSqlFile.is_given(action.args)
             ? named_text(context.plan(), kSqlFile.in(action.args)).value_or("")
             : std::string();
}

std::optional<std::string> named_text(const model::Plan& plan, const std::string& name) {
  if (plan.files.contains(name)) return plan.file_text(name);
  const std::string folder = (std::filesystem::path(name) / "").lexically_normal().generic_string();
  std::map<std::string, std::string> found;
  for (const auto& [file, index] : plan.files) {
    const std::filesystem::path path = std::filesystem::path(file).lexically_normal();
    if ((path.has_parent_path() ? path.parent_path() / "" : std::filesystem::path("./"))
            .generic_string() == folder) {
      found.emplace(path.generic_string(), (*plan.sources)[index].text());
    }
  }
  if (found.empty()) return std::nullopt;
  std::string text;
  for (const auto& [file, sql] : found) text += sql + "\n";
  return text;
}

Outcome run_statements(const Call& call, PostgresState state, const std::string& sql,
                       SqlRun::Mode mode) {
  const std::string name = kSqlDatabase.in(call.action.args, state.live);
  const auto database = state.databases.find(name);
  if (database == state.databases.end())
    return Outcome::refused(fmt::format("database \"{}\" does not exist", name));
  if (sql.empty() || kSqlText.is_unknown(call.action.args))
    return Outcome::opaque("which statements it runs, the plan does not say");
  const SqlRun run = run_sql(database->second, sql, mode, call.action.label);
  Outcome outcome = outcome_of(run, !kSqlStops.in(call.action.args));
  return outcome.set(call.action.service, state.seal());
}

Outcome with_rows(const Call& call, const std::string& sql, Outcome outcome) {
  const PostgresState& before = postgres_state(call.world, call.action.service);
  if (outcome.result != Outcome::Result::done || outcome.changes.size() != 1) return outcome;
  PostgresState after = static_cast<const PostgresState&>(*outcome.changes.front().second);
  if (edits_records(call.context, call.action.service, before, sql) &&
      outcome.changes.front().second->equals(before)) {
    Outcome nothing = Outcome::done();
    nothing.result = Outcome::Result::noop;
    nothing.message = "no row is the one that it names";
    return nothing;
  }
  const std::size_t known = after.made_by_steps.size();
  note_rows_of_step(before, after);
  if (after.made_by_steps.size() == known) return outcome;
  outcome.changes.clear();
  return outcome.set(call.action.service, after.seal());
}

VerbRow postgres_sql_row() {
  return {{kSql, {kSqlText, kSqlFile, kSqlStops, kSqlWhole, kSqlDatabase}, "Runs SQL."},
          run_sql_verb,
          unknown_undo,
          script_traits,
          [](const Call& call) {
            return call.arg(kSqlWhole) ? std::vector<Action>{call.action}
                                       : statement_by_statement(call);
          }};
}

VerbRow postgres_down_row() {
  return {
      {kDown, {kDownTo, kDownFile, kDownScript, kDownStops, kDownRecord}, "Runs a down migration."},
      [](const Call& call) {
        return with_rows(call, sql_of(call.context, call.action), on_live_database(call, run_down));
      },
      unknown_undo,
      down_traits};
}

VerbRow postgres_migration_row(bool applies) {
  return {{std::string(applies ? model::kApplyMigration : model::kRevertMigration),
           {kMigrationId},
           applies ? "Runs the up of a migration." : "Runs the down of a migration."},
          [](const Call& call) {
            return with_rows(call, sql_of(call.context, call.action),
                             run_migration(call.context, call.world, call.action));
          },
          [](const Call& call) { return undo_of_migration(call.context, call.world, call.action); },
          script_traits,
          [](const Call& call) {
            return commits_apart(call.context, call.action) ? statement_by_statement(call)
                                                            : std::vector<Action>{call.action};
          }};
}

VerbRow postgres_record_row() {
  return {{"record", {kRecordInsert, kRecordDelete}, "Edits the migration history."},
          [](const Call& call) {
            return with_rows(call, record_sql(call.action), on_live_database(call, change_records));
          },
          unknown_undo,
          no_traits};
}

}  // namespace backout::services
