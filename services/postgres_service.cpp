// PostgreSQL, as the service of a plan: the engine in postgres/ executes the SQL, this file is
// about what surrounds it: dumps and restores, databases that are renamed, sessions, psql's exit
// status.
//
// What the real thing does (measured, EXPERIMENTS X6-X14): pg_restore refuses a plain dump ("Please
// use psql"), and a script that goes on swaps an empty database in. `--clean` drops what the dump
// has and leaves what came later; a later foreign key on a restored table makes the whole restore
// fail. A damaged dump is restored up to the damage, unless all is one transaction. A database
// cannot be renamed while a session is open. `psql -f` exits 0 after errors unless ON_ERROR_STOP is
// set. SET NOT NULL refuses when a row holds NULL.
//
// What this fake leaves out: locks, vacuum, replication, statement times. Rows are representatives:
// a table holds a few rows that stand for many.
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "model/flow.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/catalog/server_version.hpp"
#include "postgres/query/expression.hpp"
#include "postgres/query/print.hpp"
#include "postgres/read/sql_reader.hpp"
#include "postgres/read/text.hpp"
#include "postgres/read/tree_walk.hpp"
#include "postgres/witness/fitting.hpp"
#include "postgres/witness/generate.hpp"
#include "services/postgres_guards.hpp"
#include "services/postgres_migrations.hpp"
#include "services/postgres_sql.hpp"
#include "services/postgres_state.hpp"
#include "services/postgres_upgrade.hpp"
#include "services/postgres_witnesses.hpp"
#include "services/record_kind.hpp"
#include "services/sweeping.hpp"
#include "services/traffic.hpp"

namespace backout::services {

namespace pg = backout::postgres;

namespace {

constexpr std::size_t kMostRows = 2;  ///< representatives that stand for `rows: N`

const PostgresState& state_of(const World& world, ServiceIndex self) {
  return static_cast<const PostgresState&>(*world.states[self]);
}

/// "table.column" with an optional type behind it.
struct ColumnName {
  std::string table;
  std::string column;
  std::string type;
};

ColumnName column_name(const std::string& text) {
  const std::size_t blank = text.find(' ');
  const std::string name = text.substr(0, blank);
  const std::size_t dot = name.rfind('.');
  return {dot == std::string::npos ? "" : name.substr(0, dot), name.substr(dot + 1),
          blank == std::string::npos ? "text" : text.substr(blank + 1)};
}

std::string index_name(const ColumnName& name) {
  const std::size_t dot = name.table.rfind('.');
  return pg::make_object_name(name.table.substr(dot == std::string::npos ? 0 : dot + 1),
                              name.column, "idx");
}

/// The statement that drops NOT NULL and the unique constraints of a column, as far as they are
/// there.
std::string drop_constraints_sql(const pg::Database& database, const ColumnName& name) {
  std::string sql =
      fmt::format("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL;", name.table, name.column);
  database.for_each([&](const pg::Object& object) {
    const auto* constraint = database.get<pg::Constraint>(object.id);
    const auto* table =
        constraint == nullptr ? nullptr : database.get<pg::Table>(constraint->parent);
    if (table == nullptr || constraint->type != 'u' ||
        (fact_name(database, *table) != name.table && table->name != name.table))
      return;
    if (std::ranges::find(constraint->columns, table->find(name.column)) ==
        constraint->columns.end())
      return;
    sql += fmt::format("ALTER TABLE {} DROP CONSTRAINT {};", name.table,
                       pg::quote_identifier(constraint->name));
  });
  return sql;
}

/// `migrate` in SQL.
std::string migrate_sql(const pg::Database& database, const Args& args) {
  std::string sql;
  const auto each = [&](const char* arg,
                        const std::function<std::string(const ColumnName&)>& make) {
    for (const std::string& text : args.strings(arg)) sql += make(column_name(text)) + ";\n";
  };
  if (args.has("create_table")) {
    std::string columns;
    if (const model::Node* list = args.find("columns")) {
      for (const model::Node::Entry& column : list->entries) {
        columns += fmt::format("{}{} {}", columns.empty() ? "" : ", ",
                               pg::quote_identifier(column.key), column.value.text);
      }
    }
    sql += fmt::format("CREATE TABLE {} ({});\n", args.text("create_table"), columns);
  }
  if (args.has("add_column")) {
    // The type may hold commas and blanks: it is one text, not a list.
    const ColumnName name = column_name(args.text("add_column"));
    sql += fmt::format("ALTER TABLE {} ADD COLUMN {} {};\n", name.table, name.column, name.type);
  }
  each("backfill", [&](const ColumnName& name) {
    return fmt::format("UPDATE {0} SET {1} = ({2}) WHERE {1} IS NULL", name.table, name.column,
                       args.text_or("value", "'backfilled'"));
  });
  each("unique", [](const ColumnName& name) {
    return fmt::format("ALTER TABLE {} ADD UNIQUE ({})", name.table, name.column);
  });
  each("set_not_null", [](const ColumnName& name) {
    return fmt::format("ALTER TABLE {} ALTER COLUMN {} SET NOT NULL", name.table, name.column);
  });
  each("drop_not_null", [](const ColumnName& name) {
    return fmt::format("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL", name.table, name.column);
  });
  each("index", [](const ColumnName& name) {
    return fmt::format("CREATE INDEX {} ON {} ({})", index_name(name), name.table, name.column);
  });
  each("drop_constraints",
       [&](const ColumnName& name) { return drop_constraints_sql(database, name); });
  each("clear", [](const ColumnName& name) {
    return fmt::format("UPDATE {} SET {} = NULL", name.table, name.column);
  });
  each("drop_column", [&](const ColumnName& name) {
    return fmt::format("ALTER TABLE {} DROP COLUMN {}{}", name.table, name.column,
                       args.flag("cascade") ? " CASCADE" : "");
  });
  if (args.has("drop_table"))
    sql += fmt::format("DROP TABLE {}{};\n", args.text("drop_table"),
                       args.flag("cascade") ? " CASCADE" : "");
  return sql;
}

Outcome outcome_of(const SqlRun& run, bool hides_failure) {
  Outcome outcome{
      run.result, run.result != Outcome::Result::refused || hides_failure, run.message, {}};
  return outcome;
}

/// The SQL of a file that the plan names, or of the .sql files of a folder, in the order of their
/// names; nullopt for `unknown` and `missing`.
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

class PostgresKind : public Kind {
 public:
  const model::KindSpec& spec() const override {
    static const model::KindSpec kSpec = postgres_spec();
    return kSpec;
  }

  StatePtr initial(const Context& context, ServiceIndex self,
                   std::vector<model::Mistake>& mistakes) const override;
  Outcome apply(const Context& context, const World& world, const Action& action) const override;
  std::vector<Action> parts(const Context& context, const World& world,
                            const Action& action) const override;
  Footprint footprint(const Context& context, const Action& action) const override;
  Undo undo(const Context& context, const World& before, const Action& action) const override;
  Traits traits(const Context& context, const Action& action) const override;
  Changes harmed(const Context& context, const World& world, const Action& action,
                 Harm harm) const override;

  std::vector<Fact> facts(const Context&, ServiceIndex, const State& state) const override {
    return static_cast<const PostgresState&>(state).facts();
  }
  std::vector<Datum> data(const Context&, ServiceIndex, const State& state) const override {
    return static_cast<const PostgresState&>(state).data();
  }
  Outcome operate(const Context& context, const World& world, const Operation& operation,
                  const std::string& tag) const override;
  CheckResult check(const Context& context, const World& world,
                    const model::Check& check) const override;

 private:
  /// Whether a step of the deploy makes tables, which a restore of an older dump leaves.
  static bool deploy_makes_tables(const Context& context, ServiceIndex self);
  Outcome apply_plain(const Context& context, const World& world, const Action& action) const;
  /// What the plan's steps run on the database `self`.
  SqlCourse course_of(const Context& context, ServiceIndex self) const;
  /// How an action runs its SQL; nothing when it runs none.
  static RunsSql runner_of(const Context& context, const Action& action);

  static std::string sql_of(const Context& context, const Action& action) {
    if (is_migration(action)) return migration_sql(context, action);
    const std::string text = action.args.text("text");
    if (!text.empty()) return text;
    return action.args.has("file")
               ? named_text(context.plan(), action.args.text("file")).value_or("")
               : std::string();
  }
};

/// CREATE TABLE and a few rows for each entry of `tables`.
std::string short_form_sql(const model::Node& tables) {
  std::string sql;
  for (const model::Node::Entry& table : tables.entries) {
    const std::size_t dot = table.key.find('.');
    if (dot != std::string::npos)
      sql += fmt::format("CREATE SCHEMA IF NOT EXISTS {};\n", table.key.substr(0, dot));
    std::string columns;
    if (const model::Node* list = table.value.find("columns")) {
      for (const model::Node::Entry& column : list->entries) {
        columns += fmt::format("{}{} {}", columns.empty() ? "" : ", ",
                               pg::quote_identifier(column.key), column.value.text);
      }
    }
    sql += fmt::format("CREATE TABLE {} ({});\n", table.key, columns);
  }
  return sql;
}

/// The INSERT of a representative row: every column without a default.
std::string insert_sql(const model::Node::Entry& table) {
  const model::Node* list = table.value.find("columns");
  std::vector<std::string> names;
  std::vector<std::string> values;
  for (const model::Node::Entry& column :
       list == nullptr ? std::vector<model::Node::Entry>{} : list->entries) {
    const bool filled = column.value.text.find("serial") != std::string::npos ||
                        column.value.text.find("default") != std::string::npos ||
                        column.value.text.find("generated") != std::string::npos;
    if (filled) continue;
    names.push_back(pg::quote_identifier(column.key));
    values.push_back(":" + column.key);
  }
  return names.empty() ? fmt::format("INSERT INTO {} DEFAULT VALUES", table.key)
                       : fmt::format("INSERT INTO {} ({}) VALUES ({})", table.key,
                                     fmt::join(names, ", "), fmt::join(values, ", "));
}

/// How many rows the short form says that a table has: 2 where it does not know, none where it does
/// not say.
std::int64_t said_rows(const model::Node::Entry& table, std::vector<model::Mistake>& mistakes) {
  const model::Node* rows = table.value.find("rows");
  if (rows == nullptr) return 0;
  if (rows->is_unknown()) return static_cast<std::int64_t>(kMostRows);
  const std::optional<std::int64_t> number = rows->as_integer();
  if (number && *number >= 0) return *number;
  mistakes.push_back({rows->span,
                      fmt::format("how many rows '{}' has is a whole number, 0 or more", table.key),
                      "write one, or unknown"});
  return 0;
}

StatePtr PostgresKind::initial(const Context& context, ServiceIndex self,
                               std::vector<model::Mistake>& mistakes) const {
  const model::Service& service = context.plan().services[self];
  PostgresState state;
  state.live = service.fields.text_or("database", service.name);
  state.engine = major_before(context.plan(), self);
  const std::size_t mistakes_before = mistakes.size();
  pg::Database database;
  if (const model::Node* version = service.fields.find("version");
      version != nullptr && !version->is_unknown()) {
    const std::int64_t major = version->as_integer().value_or(0);
    const bool known = major >= pg::kOldestServer && major <= pg::kNewestServer;
    if (known)
      pg::set_server(database, static_cast<int>(major));
    else
      mistakes.push_back({version->span,
                          fmt::format("'version' of '{}' is {} to {}", service.name,
                                      pg::kOldestServer, pg::kNewestServer),
                          ""});
  }
  const auto note = [&](const SqlRun& run, const model::Span& span) {
    if (run.result != Outcome::Result::done) {
      mistakes.push_back(
          {span,
           fmt::format("the state of '{}' before the deploy cannot be made: {}", service.name,
                       run.message),
           run.result == Outcome::Result::opaque ? "leave out what the plan does not need" : ""});
    }
  };
  const auto make = [&](const std::string& sql, const model::Span& span) {
    note(run_sql(database, sql, SqlRun::Mode::stop_at_first, "old"), span);
  };
  if (const model::Node* file = service.fields.find("schema")) {
    if (const auto text = named_text(context.plan(), file->text)) {
      make(*text, file->span);
    } else {
      mistakes.push_back(
          {file->span,
           fmt::format("the schema of '{}' before the deploy is not known", service.name),
           "name a file, or write the tables that the plan needs under 'tables'"});
    }
  } else {
    run_applied_migrations(context, self, database, mistakes);
  }
  if (const model::Node* sql = service.fields.find("sql")) make(sql->text, sql->span);
  if (const model::Node* tables = service.fields.find("tables")) {
    make(short_form_sql(*tables), tables->span);
    for (const model::Node::Entry& table : tables->entries) {
      const auto wanted = static_cast<std::size_t>(said_rows(table, mistakes));
      for (std::size_t i = 0; i < std::min(wanted, kMostRows); ++i) {
        note(run_with_values(database, nullptr, insert_sql(table), fmt::format("old row {}", i)),
             table.key_span);
      }
    }
  }
  assume_for_migrations(context, self, database);
  if (mistakes.size() == mistakes_before) add_witnesses(database, course_of(context, self));
  state.databases[state.live] = database;
  for (const model::Backup& backup : context.plan().backups) {
    if (backup.of != self) continue;
    const std::string point = backup.age && !backup.age->unknown
                                  ? model::to_string(*backup.age) + " before"
                                  : "an unknown moment";
    state.dumps[backup.name] = {database, backup.format.empty() ? "unknown" : backup.format, point};
  }
  const std::string connections = service.fields.text_or("connections", "0");
  state.has_sessions = connections != "0";
  state.start = std::make_shared<const pg::Database>(database);
  state.nulls_at_start = std::make_shared<const NullsAtStart>(nulls_of_rows(database));
  state.at_start = std::make_shared<const std::set<std::string>>(content_of_rows(database));
  return state.seal();
}

RunsSql PostgresKind::runner_of(const Context& context, const Action& action) {
  if (action.verb == "migrate") {
    return [args = action.args](pg::Database& database) {
      return run_sql(database, migrate_sql(database, args), SqlRun::Mode::transaction, "").result ==
             Outcome::Result::refused;
    };
  }
  std::string sql = sql_of(context, action);
  if (sql.empty() || action.args.has("database") ||
      !(is_migration(action) || is_one_of(action.verb, {"sql", "migrate_down"})))
    return {};
  const bool stops = action.args.flag("on_error_stop", true);
  const bool whole = action.args.flag("transaction") || action.verb == "migrate_down" ||
                     (is_migration(action) && !commits_apart(context, action));
  const SqlRun::Mode mode = !stops  ? SqlRun::Mode::go_on
                            : whole ? SqlRun::Mode::transaction
                                    : SqlRun::Mode::stop_at_first;
  return [sql = std::move(sql), mode](pg::Database& database) {
    return run_sql(database, sql, mode, "").result == Outcome::Result::refused;
  };
}

/// A column that a script sets to a constant in rows that a condition on other columns picks.
struct Setting {
  std::string table;
  std::string column;
  std::string where;
  bool operator==(const Setting&) const = default;
};

void add_settings(const pg::Script& script, std::vector<Setting>& settings) {
  for (const pg::Script::Statement& statement : script.statements()) {
    if (statement.tree->node_case != PG_QUERY__NODE__NODE_UPDATE_STMT ||
        statement.tree->update_stmt->where_clause == nullptr)
      continue;
    const PgQuery__UpdateStmt& update = *statement.tree->update_stmt;
    const std::string where = pg::print_plain(*update.where_clause);
    std::set<std::string> asked;
    pg::for_each_column(*update.where_clause, [&](const PgQuery__ColumnRef& column) {
      asked.emplace(pg::last_name(column));
    });
    const std::string schema =
        update.relation->schemaname == nullptr ? "" : update.relation->schemaname;
    const std::string table = schema.empty() || schema == "public"
                                  ? update.relation->relname
                                  : schema + '.' + update.relation->relname;
    for (std::size_t at = 0; at < update.n_target_list; ++at) {
      const PgQuery__ResTarget& target = *update.target_list[at]->res_target;
      const bool constant =
          target.val != nullptr && target.val->node_case == PG_QUERY__NODE__NODE_A_CONST;
      if (constant && !asked.contains(target.name)) settings.push_back({table, target.name, where});
    }
  }
}

/// Whether it changes rows that are there.
bool overwrites(const PgQuery__InsertStmt& insert) {
  return insert.on_conflict_clause != nullptr &&
         insert.on_conflict_clause->action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE;
}

/// The rows that a script inserts; where it goes on when they are there (DO NOTHING) they are taken
/// not to be. Those that it would overwrite go to `upserted`.
void add_inserted(const pg::Script& script, std::vector<pg::Clue>& rows,
                  std::vector<pg::Clue>& upserted) {
  for (const pg::Script::Statement& statement : script.statements()) {
    if (statement.tree->node_case != PG_QUERY__NODE__NODE_INSERT_STMT) continue;
    const pg::Clues clues = pg::clues_of(
        pg::Script::parse(script.text().substr(statement.begin, statement.end - statement.begin)));
    std::vector<pg::Clue>& to = overwrites(*statement.tree->insert_stmt) ? upserted : rows;
    std::ranges::copy_if(clues.rows, std::back_inserter(to),
                         [](const pg::Clue& clue) { return !clue.table.empty(); });
  }
}

/// The tables that a script deletes rows of.
void add_deleted_from(const pg::Script& script, std::set<std::string>& tables) {
  for (const pg::Script::Statement& statement : script.statements()) {
    if (statement.tree->node_case == PG_QUERY__NODE__NODE_DELETE_STMT)
      tables.insert(statement.tree->delete_stmt->relation->relname);
  }
}

SqlCourse PostgresKind::course_of(const Context& context, ServiceIndex self) const {
  const Plan& plan = context.plan();
  SqlCourse course;
  std::vector<RunsSql> undos;
  std::vector<Setting> set_forth;
  std::vector<Setting> set_back;
  std::vector<pg::Clue> upserted;
  std::set<std::string> deleted_from;
  const auto add = [&](const Action& action,
                       std::vector<RunsSql>& runs) {  // to the deploy's or to a path's
    RunsSql runner = runner_of(context, action);
    if (!runner) return;
    const std::string sql = action.verb == "migrate" ? migrate_sql(pg::Database(), action.args)
                                                     : sql_of(context, action);
    const pg::Script script = pg::Script::parse(sql);
    const pg::Clues clues = pg::clues_of(script);
    course.clues.writes = course.clues.writes || clues.writes;
    course.clues.rows.insert(course.clues.rows.end(), clues.rows.begin(), clues.rows.end());
    course.words.merge(pg::words_of(sql));
    if (&runs == &course.deploy)
      add_inserted(script, course.inserted, upserted);
    else
      add_deleted_from(script, deleted_from);
    add_settings(script, &runs == &course.deploy ? set_forth : set_back);
    runs.push_back(std::move(runner));
  };
  for (std::size_t at = 0; at < plan.deploy_count; ++at) {
    for (const model::Check& check : plan.steps[at].precheck) {
      if (!model::stops_the_run(plan.steps[at])) break;
      if (course.clues.writes || check.services.empty() || check.services.front() != self)
        continue;  // too late for what was written
      if (std::optional<RunsSql> guard = guard_of(check))
        course.deploy.push_back(std::move(*guard));
    }
    if (plan.steps[at].target != self) continue;
    const Action action = action_of(plan, plan.steps[at]);
    add(action, course.deploy);
    if (action.verb == model::kApplyMigration)
      add(same_service(action, std::string(model::kRevertMigration),
                       {{"migration", action.args.text("migration")}}),
          undos);
    if (action.verb == "migrate") {
      for (const Action& back : undo(context, World(), action).actions) add(back, undos);
    }
  }
  for (const Operation* work : sweeping_operations(plan, self)) {
    Action action{self, "sql", {}, {}, "live work"};
    add(with_arg(std::move(action), "text", work->sql), course.deploy);
  }
  for (const model::RollbackPath& path : plan.paths) {
    course.paths.emplace_back();
    for (const model::StepIndex step : path.steps) {
      if (plan.steps[step].target == self)
        add(action_of(plan, plan.steps[step]), course.paths.back());
    }
  }
  for (const Setting& each : set_forth) {
    if (std::ranges::find(set_back, each) != set_back.end())
      course.given_back.emplace(each.table, each.column);
  }
  std::ranges::copy_if(upserted, std::back_inserter(course.upserted),
                       [&](const pg::Clue& row) { return deleted_from.contains(row.table); });
  if (plan.paths.empty()) course.paths.emplace_back(undos.rbegin(), undos.rend());
  if (const model::Node* tables = plan.services[self].fields.find("tables")) {
    for (const model::Node::Entry& table : tables->entries) {
      const model::Node* rows = table.value.find("rows");
      course.short_tables.insert(table.key);
      if (rows != nullptr && rows->as_integer() == 0) course.empty_tables.insert(table.key);
    }
  }
  return course;
}

/// What is there when a restore stops in the middle: first come the tables, then the rows of one
/// after the other.
pg::Database first_half(const pg::Database& whole) {
  std::map<std::string, std::uint32_t> tables;
  whole.for_each([&](const pg::Object& object) {
    if (object.kind == pg::ObjectKind::table) tables.emplace(fact_name(whole, object), object.id);
  });
  pg::Database half = whole;
  std::size_t filled = tables.size() / 2;
  for (const auto& [name, table] : tables) {
    if (filled > 0)
      --filled;
    else
      half.rows().store(table, {});
  }
  return half;
}

/// Restores of dumps.
Outcome restore(const Context& context, const World& world, const Action& action) {
  const PostgresState& before = state_of(world, action.service);
  const std::string from = action.args.text("from");
  if (from == "unknown") return Outcome::opaque("which copy it restores, the plan does not say");
  const auto dump = before.dumps.find(from);
  if (dump == before.dumps.end())
    return Outcome::refused(
        fmt::format("could not open input file \"{}\": No such file or directory", from));
  const std::string tool = action.args.text_or("tool", "pg_restore");
  const std::string& format = dump->second.format;
  if (format == "unknown" || tool == "unknown")
    return Outcome::opaque(
        fmt::format("whether {} reads '{}' ({} format) is not known", tool, from, format));
  if (tool == "pg_restore" && format == "plain")
    return Outcome::refused(
        "pg_restore: error: input file appears to be a text format dump. Please use psql.");
  if (tool == "psql" && format != "plain") {
    Outcome outcome = Outcome::refused(
        "The input is a PostgreSQL custom-format dump. Use the pg_restore command-line client to "
        "restore this dump to a database.");
    outcome.reported_ok = !action.args.flag("exit_on_error");
    return outcome;
  }
  PostgresState after = before;
  const std::string into = action.args.text_or("into", before.live);
  const auto target = after.databases.find(into);
  if (target == after.databases.end())
    return Outcome::refused(fmt::format("database \"{}\" does not exist", into));
  std::set<std::string> later;
  bool refers = false;
  bool in_the_way = false;
  std::set<std::string> dumped;
  dump->second.content.for_each(
      [&](const pg::Object& object) { dumped.insert(fact_name(dump->second.content, object)); });
  target->second.for_each([&](const pg::Object& object) {
    const bool is_new = !dumped.contains(fact_name(target->second, object));
    if (object.kind == pg::ObjectKind::table && is_new)
      later.insert(fact_name(target->second, object));
    in_the_way = in_the_way || (object.kind == pg::ObjectKind::table && !is_new);
    const auto* constraint = target->second.get<pg::Constraint>(object.id);
    const pg::Object* table =
        constraint == nullptr ? nullptr : target->second.find(constraint->parent);
    if (constraint == nullptr || constraint->type != 'f' || table == nullptr) return;
    refers =
        refers ||
        (!dumped.contains(fact_name(target->second, *table)) &&
         target->second.find(constraint->referenced) != nullptr &&
         dumped.contains(fact_name(target->second, *target->second.find(constraint->referenced))));
  });
  const bool replaces = tool == "snapshot" || tool == "pitr" || into != before.live;
  if (!replaces && in_the_way && !action.args.flag("clean"))
    return Outcome::refused("relations of the dump already exist; nothing was replaced");
  if (!replaces && refers)
    return Outcome::refused(
        "errors ignored on restore: a foreign key of a table that came later keeps the restored "
        "tables from being dropped; the rows are those from before the restore");
  const bool damaged = dump->second.damaged;
  const bool all_or_nothing =
      tool == "snapshot" || tool == "pitr" || action.args.flag("transaction");
  if (damaged && all_or_nothing)
    return Outcome::refused(
        fmt::format("'{}' cannot be read to its end: nothing is restored", from));
  target->second = damaged ? first_half(dump->second.content) : dump->second.content;
  if (!after.engine.empty()) pg::set_server(target->second, std::atoi(after.engine.c_str()));
  if (into == before.live) {
    after.point = action.args.flag("replay") ? before.point : dump->second.point;
    after.leftovers = replaces ? std::set<std::string>{} : later;
  }
  (void)context;
  if (!damaged) return Outcome::done().set(action.service, after.seal());
  Outcome outcome =
      Outcome::refused(fmt::format("could not read from input file '{}': end of file", from));
  outcome.reported_ok = tool == "psql" && !action.args.flag("exit_on_error");
  return outcome.set(action.service, after.seal());
}

/// The format that the tool does not read; empty when it reads all, or which it is is not known.
std::string unreadable_format(const std::string& tool) {
  if (tool == "pg_restore") return "plain";
  return tool == "psql" ? "custom" : "";
}

/// Why the live database cannot be renamed now; empty when it can.
std::string sessions_in_the_way(const Context& context, const World& world, ServiceIndex self) {
  const PostgresState& state = state_of(world, self);
  const std::vector<ServiceIndex> busy =
      state.locked ? std::vector<ServiceIndex>{} : writers(context, world, self);
  if (!state.has_sessions && busy.empty()) return {};
  return fmt::format(
      "database \"{}\" is being accessed by other users{}", state.live,
      busy.empty() ? "" : fmt::format(" ('{}')", context.plan().services[busy.front()].name));
}

Outcome rename_database(const Context& context, const World& world, const Action& action,
                        const std::string& from, const std::string& to) {
  PostgresState state = state_of(world, action.service);
  if (!state.databases.contains(from))
    return Outcome::refused(fmt::format("database \"{}\" does not exist", from));
  if (state.databases.contains(to))
    return Outcome::refused(fmt::format("database \"{}\" already exists", to));
  if (from == state.live) {
    if (std::string why = sessions_in_the_way(context, world, action.service); !why.empty())
      return Outcome::refused(why);
  }
  state.databases[to] = state.databases.at(from);
  state.databases.erase(from);
  return Outcome::done().set(action.service, state.seal());
}

Outcome run_down(const Context& context, const Action& action, PostgresState state,
                 const std::string& sql) {
  (void)context;
  const std::string record = action.args.text("record");
  const bool missing = action.args.text("script") == "missing";
  pg::Database& database = state.databases.at(state.live);
  SqlRun run;
  if (missing) {
    run = {Outcome::Result::noop, "there is no down script: only a warning is printed"};
  } else if (sql.empty()) {
    return Outcome::opaque("what the down migration does, the plan does not say");
  } else {
    run = run_sql(
        database, sql,
        action.args.flag("on_error_stop", true) ? SqlRun::Mode::transaction : SqlRun::Mode::go_on,
        action.label);
  }
  if (!record.empty()) {
    const SqlRun removed = run_sql(
        database,
        fmt::format("DELETE FROM schema_migrations WHERE version = {}", pg::quote_literal(record)),
        SqlRun::Mode::stop_at_first, action.label);
    if (removed.result == Outcome::Result::done && run.result != Outcome::Result::done) {
      run.message += fmt::format(
          "; the record of {} is removed all the same, so that it says that nothing is there to "
          "take back",
          record);
    }
  }
  Outcome outcome = outcome_of(run, !action.args.flag("on_error_stop", true) || missing);
  return outcome.set(action.service, state.seal());
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

Outcome run_statements(const Action& action, PostgresState state, const std::string& sql) {
  const std::string name = action.args.text_or("database", state.live);
  const auto database = state.databases.find(name);
  if (database == state.databases.end())
    return Outcome::refused(fmt::format("database \"{}\" does not exist", name));
  if (sql.empty() || action.args.is_unknown("text"))
    return Outcome::opaque("which statements it runs, the plan does not say");
  const bool stops = action.args.flag("on_error_stop", true);
  const SqlRun::Mode mode = action.args.flag("transaction") || action.verb == "migrate"
                                ? SqlRun::Mode::transaction
                            : stops ? SqlRun::Mode::stop_at_first
                                    : SqlRun::Mode::go_on;
  const SqlRun run = run_sql(database->second, sql, mode, action.label);
  Outcome outcome = outcome_of(run, !stops);
  return outcome.set(action.service, state.seal());
}

/// Whether a step of the plan restores the dump. If none does, what it holds makes no difference
/// between two states.
bool is_restored(const Context& context, ServiceIndex self, const std::string& dump) {
  return std::ranges::any_of(context.plan().steps, [&](const model::Step& step) {
    return step.target == self && step.verb == "restore" && step.args.text("from") == dump;
  });
}

std::string record_sql(const Action& action) {
  if (action.args.has("delete")) {
    return fmt::format("DELETE FROM schema_migrations WHERE version = {}",
                       pg::quote_literal(action.args.text("delete")));
  }
  return fmt::format("INSERT INTO schema_migrations (version) VALUES ({})",
                     pg::quote_literal(action.args.text("insert")));
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

/// What a step changes in the rows: what it inserts is its own, and an edit that hits nothing
/// changes nothing.
Outcome with_rows(const Context& context, const PostgresState& before, const Action& action,
                  const std::string& sql, Outcome outcome) {
  if (outcome.result != Outcome::Result::done || outcome.changes.size() != 1) return outcome;
  PostgresState after = static_cast<const PostgresState&>(*outcome.changes.front().second);
  if (edits_records(context, action.service, before, sql) &&
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
  return outcome.set(action.service, after.seal());
}

Outcome PostgresKind::apply(const Context& context, const World& world,
                            const Action& action) const {
  const bool runs_sql =
      is_one_of(action.verb, {"sql", "migrate", "migrate_down", "record"}) || is_migration(action);
  const Outcome outcome = apply_plain(context, world, action);
  if (!runs_sql) return outcome;
  return with_rows(context, state_of(world, action.service), action,
                   action.verb == "record" ? record_sql(action) : sql_of(context, action), outcome);
}

Outcome PostgresKind::apply_plain(const Context& context, const World& world,
                                  const Action& action) const {
  PostgresState state = state_of(world, action.service);
  const std::string& verb = action.verb;
  const auto set = [&] { return Outcome::done().set(action.service, state.seal()); };
  if (verb == "sql")
    return unless_unsaid(context, action,
                         run_statements(action, std::move(state), sql_of(context, action)));
  if (is_migration(action)) return run_migration(context, world, action);
  if (verb == "restore") return restore(context, world, action);
  if (verb == "upgrade") return upgrade_postgres(action, std::move(state));
  if (verb == "rename_database")
    return rename_database(context, world, action, action.args.text("from"),
                           action.args.text("to"));
  if (verb == "swap") {
    const Applied away = run(context, world, parts(context, world, action).front());
    if (!away.outcome.ok()) return away.outcome;
    return run(context, away.world, parts(context, world, action).back()).outcome;
  }
  if (verb == "create_database") {
    if (state.databases.contains(action.args.text("name")))
      return Outcome::refused(
          fmt::format("database \"{}\" already exists", action.args.text("name")));
    state.databases[action.args.text("name")];
    return set();
  }
  if (verb == "terminate_connections") {
    state.has_sessions = false;
    return set();
  }
  if (verb == "lock_out" || verb == "let_in") {
    state.locked = verb == "lock_out";
    if (state.locked) state.has_sessions = false;
    return set();
  }
  if (state.database() == nullptr)
    return Outcome::refused(fmt::format("database \"{}\" does not exist", state.live));
  if (verb == "backup") {
    const std::string file = action.args.text("file");
    const pg::Database content =
        is_restored(context, action.service, file) ? *state.database() : pg::Database();
    state.dumps[file] = {content, action.args.text_or("format", "custom"), "now"};
    return set();
  }
  if (verb == "count_baseline") {
    const std::string name = action.args.text_or("name", "baseline");
    state.baselines[name] = 0;
    for (const auto& [id, rows] : state.database()->rows().all()) {
      const auto* table = state.database()->get<pg::Table>(id);
      if (table != nullptr)
        state.baselines[name + ' ' + fact_name(*state.database(), *table)] = rows->rows.size();
    }
    return set();
  }
  if (verb == "record") return run_statements(action, std::move(state), record_sql(action));
  if (verb == "migrate_down")
    return run_down(context, action, std::move(state), sql_of(context, action));
  if (verb != "migrate") unhandled(spec(), action, "apply");
  const std::string sql = migrate_sql(*state.database(), action.args);
  return run_statements(action, std::move(state), sql);
}

std::vector<Action> PostgresKind::parts(const Context& context, const World& world,
                                        const Action& action) const {
  if (action.verb == "swap") {
    const std::string live = state_of(world, action.service).live;
    Action away =
        same_service(action, "rename_database",
                     {{"from", live}, {"to", action.args.text_or("keep_as", live + "_old")}});
    Action in =
        same_service(action, "rename_database", {{"from", action.args.text("with")}, {"to", live}});
    away.label = in.label = action.label;
    return {away, in};
  }
  const bool autocommit = is_migration(action)
                              ? commits_apart(context, action)
                              : action.verb == "sql" && !action.args.flag("transaction");
  if (!autocommit) return {action};
  const pg::Script script = pg::Script::parse(sql_of(context, action));
  if (script.mistake() || script.statements().size() < 2) return {action};
  std::vector<Action> pieces;
  for (const pg::Script::Statement& statement : script.statements()) {
    if (statement.tree->node_case == PG_QUERY__NODE__NODE_TRANSACTION_STMT) return {action};
    Action piece = same_service(
        action, "sql",
        {{"text", script.text().substr(statement.begin, statement.end - statement.begin)}});
    for (const model::Node::Entry& entry : action.args.entries) {
      if (entry.key != "text" && entry.key != "file") piece.args.entries.push_back(entry);
    }
    piece.label = action.label;
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

Footprint PostgresKind::footprint(const Context& context, const Action& action) const {
  const std::string all = resource(context, action.service);
  if (action.verb == "backup" || action.verb == "count_baseline") {
    return {{resource(context, action.service, "tables")},
            {resource(context, action.service, action.verb == "backup" ? "dumps" : "baselines")}};
  }
  if (action.verb != "migrate") return {{all}, {all}};
  std::vector<std::string> touched;
  for (const model::Node::Entry& entry : action.args.entries) {
    if (entry.key == "create_table" || entry.key == "drop_table")
      touched.push_back(resource(context, action.service, "tables." + entry.value.text));
    const bool names_columns = entry.key != "create_table" && entry.key != "drop_table" &&
                               entry.key != "columns" && entry.key != "value" &&
                               entry.key != "cascade" && entry.key != "concurrently" &&
                               entry.key != "command";
    if (!names_columns) continue;
    for (const std::string& text : entry.value.as_strings()) {
      const ColumnName name = column_name(text);
      touched.push_back(resource(context, action.service,
                                 fmt::format("tables.{}.columns.{}", name.table, name.column)));
    }
  }
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  return {touched, touched};
}

Undo PostgresKind::undo(const Context& context, const World& before, const Action& action) const {
  using Class = Undo::Class;
  const Args& args = action.args;
  const auto migrate = [&](const char* arg, const std::string& value) {
    return same_service(action, "migrate", {{arg, value}});
  };
  const std::string& verb = action.verb;
  if (is_migration(action)) return undo_of_migration(context, before, action);
  if (verb == "backup" || verb == "count_baseline" || verb == "terminate_connections")
    return {Class::exact, "", {}};
  if (verb == "lock_out") return {Class::exact, "", {same_service(action, "let_in", {})}};
  if (verb == "let_in") return {Class::exact, "", {same_service(action, "lock_out", {})}};
  if (verb == "upgrade") return undo_of_upgrade(state_of(before, action.service), action);
  if (verb == "restore")
    return {Class::none, "what it replaced is gone unless it was dumped before", {}};
  if (verb == "rename_database")
    return {Class::exact,
            "",
            {same_service(action, "rename_database",
                          {{"from", args.text("to")}, {"to", args.text("from")}})}};
  if (verb == "swap") {
    const std::string live = state_of(before, action.service).live;
    return {Class::exact,
            "",
            {same_service(action, "rename_database", {{"from", live}, {"to", args.text("with")}}),
             same_service(action, "rename_database",
                          {{"from", args.text_or("keep_as", live + "_old")}, {"to", live}})}};
  }
  if (verb != "migrate") return {};
  if (args.has("drop_table"))
    return {Class::none, fmt::format("the rows of {}", args.text("drop_table")), {}};
  if (args.has("drop_column"))
    return {Class::lossy, fmt::format("the values of {}", args.text("drop_column")), {}};
  if (args.has("clear"))
    return {Class::lossy, fmt::format("the values of {}", args.text("clear")), {}};
  if (args.has("drop_constraints")) return {};
  Undo undo{Class::exact, "", {}};
  for (const std::string& name : args.strings("index")) {
    undo.actions.push_back(
        same_service(action, "sql", {{"text", "DROP INDEX " + index_name(column_name(name))}}));
  }
  for (const char* arg : {"set_not_null", "unique"}) {
    for (const std::string& name : args.strings(arg))
      undo.actions.push_back(
          migrate(arg == std::string_view("unique") ? "drop_constraints" : "drop_not_null", name));
  }
  for (const std::string& name : args.strings("drop_not_null")) {
    undo.kind = Class::conditional;
    undo.why = fmt::format("a row holds NULL in {}", name);
    undo.actions.push_back(migrate("set_not_null", name));
  }
  if (args.has("backfill")) undo.actions.push_back(migrate("clear", args.text("backfill")));
  if (args.has("add_column")) {
    const ColumnName name = column_name(args.text("add_column"));
    undo.actions.push_back(migrate("drop_column", name.table + '.' + name.column));
  }
  if (args.has("create_table"))
    undo.actions.push_back(migrate("drop_table", args.text("create_table")));
  return undo;
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

Changes PostgresKind::harmed(const Context& context, const World& world, const Action& action,
                             Harm harm) const {
  PostgresState state = state_of(world, action.service);
  const auto become = [&]() -> Changes {
    const StatePtr next = state.seal();
    if (next->equals(*world.states[action.service])) return {};
    return {{action.service, next}};
  };
  if (harm == Harm::connected) {
    if (state.locked) return {};  // nobody gets in
    state.has_sessions = true;
    return become();
  }
  const auto dump =
      state.dumps.find(action.verb == "restore" ? action.args.text("from") : std::string());
  if (dump == state.dumps.end()) return {};
  if (harm == Harm::gone) {
    state.dumps.erase(dump);
    return become();
  }
  if (harm == Harm::corrupt) {
    dump->second.damaged = true;
    return become();
  }
  if (harm == Harm::wrong_format) {
    const std::string other = unreadable_format(action.args.text_or("tool", "pg_restore"));
    if (other.empty() || dump->second.format == "unknown") return {};
    dump->second.format = other;
    return become();
  }
  if (harm != Harm::stale) return {};
  std::vector<model::Mistake> reported_before;
  const StatePtr first = initial(context, action.service, reported_before);
  const pg::Database* before = static_cast<const PostgresState&>(*first).database();
  if (before == nullptr) return {};
  dump->second.content = *before;
  dump->second.point = "before the deploy";
  return become();
}

bool PostgresKind::deploy_makes_tables(const Context& context, ServiceIndex self) {
  const Plan& plan = context.plan();
  return std::any_of(
      plan.steps.begin(), plan.steps.begin() + static_cast<std::ptrdiff_t>(plan.deploy_count),
      [&](const model::Step& step) {
        if (step.target != self || step.args.has("create_table")) return step.target == self;
        const pg::Script script = pg::Script::parse(sql_of(context, action_of(plan, step)));
        return std::ranges::any_of(script.statements(), [](const pg::Script::Statement& statement) {
          return statement.tree->node_case == PG_QUERY__NODE__NODE_CREATE_STMT ||
                 statement.tree->node_case == PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT;
        });
      });
}

Traits PostgresKind::traits(const Context& context, const Action& action) const {
  Traits traits;
  const Args& args = action.args;
  const std::string& name = context.plan().services[action.service].name;
  const std::string& verb = action.verb;
  if (verb == "sql" || verb == "migrate_down" || is_migration(action)) {
    const std::string sql = sql_of(context, action);
    traits.destroys = destroyed_by(sql);
    if (!args.flag("on_error_stop", true))
      traits.hides_failure = "psql goes on after errors and exits 0 unless ON_ERROR_STOP is set";
    if (drops_with_cascade(sql))
      traits.leaves.push_back("CASCADE drops whatever depends on it, unseen");
    if (args.text("script") == "missing")
      traits.misdirected = "there is no down script: nothing is taken back";
    if (verb == "migrate_down" && args.has("record") && args.text("script") == "missing")
      traits.misdirected += ", and the record says that it was";
    const pg::Script script = pg::Script::parse(sql);
    traits.read_only =
        !script.statements().empty() && std::ranges::all_of(script.statements(), only_reads);
  }
  if (verb == "migrate") {
    for (const char* arg : {"drop_column", "clear"}) {
      if (args.has(arg)) traits.destroys = fmt::format("the values of {}", args.text(arg));
    }
    if (args.has("drop_table"))
      traits.destroys = fmt::format("{} with its rows", args.text("drop_table"));
    if (args.flag("cascade"))
      traits.leaves.push_back("CASCADE drops whatever depends on it, unseen");
  }
  if (verb == "backup") traits.takes_backup = args.text("file");
  if (verb == "restore") {
    traits.restores_backup = args.text("from");
    traits.unpinned_target = moving_target(args.text("from"));
    const std::string into = args.text("into");
    const bool live =
        into.empty() ||
        into == context.plan().services[action.service].fields.text_or("database", name);
    if (live) {
      traits.destroys = "everything written since the dump";
      traits.needs_quiesce = "what they write meanwhile is lost or makes the restore fail";
      if (args.flag("clean") && deploy_makes_tables(context, action.service))
        traits.leaves.push_back("tables that came after the dump stay");
    }
    if (args.text("tool") == "pitr" && !args.flag("replay"))
      traits.misdirected = "without a replay of the WAL it goes back to the dump, not to a moment";
  }
  if (verb == "swap" || verb == "rename_database") {
    traits.needs_quiesce = "a rename fails after 5 seconds while a session is open";
    if (verb == "swap")
      traits.leaves.push_back(
          "what was written since the copy was made stays in the database that was moved away");
  }
  if (verb == "upgrade" && args.flag("empty")) traits.destroys = "what " + name + " holds";
  if (verb == "lock_out") traits.acquires = {"access to " + name};
  if (verb == "let_in") traits.releases = {"access to " + name};
  return traits;
}

/// Whether a version has it that does not serve before the deploy.
bool is_of_new_version(const Plan& plan, const Operation& operation) {
  return std::ranges::any_of(plan.services, [&](const model::Service& app) {
    return std::ranges::any_of(app.versions, [&](const model::Version& version) {
      return version.name != app.start &&
             std::ranges::any_of(version.operations,
                                 [&](const Operation& each) { return &each == &operation; });
    });
  });
}

Outcome PostgresKind::operate(const Context& context, const World& world,
                              const Operation& operation, const std::string& tag) const {
  const PostgresState& before = state_of(world, operation.on);
  if (before.locked) return Outcome::refused("the database lets nobody in");
  if (before.database() == nullptr)
    return Outcome::refused(fmt::format("database \"{}\" does not exist", before.live));
  PostgresState after = before;
  pg::Database& database = after.databases.at(after.live);
  const SqlRun run = run_with_values(database, before.start.get(), operation.sql, tag);
  if (run.result == Outcome::Result::refused) return Outcome::refused(run.message);
  if (run.result == Outcome::Result::opaque) return Outcome::opaque(run.message);
  if (before.start != nullptr && is_of_new_version(context.plan(), operation))
    write_wider(database, *before.database(), *before.start, operation.sql, tag);
  const pg::Script script =
      pg::Script::parse(with_literals(*before.database(), operation.sql, tag));
  const bool reads = std::ranges::all_of(script.statements(), only_reads);
  return reads ? Outcome::done() : Outcome::done().set(operation.on, after.seal());
}

/// The tolerance of `within`: "1%", "1-2%", 0.01. The widest end counts.
double tolerance(const std::string& within) {
  const std::size_t dash = within.rfind('-');
  const double value =
      std::strtod(within.substr(dash == std::string::npos ? 0 : dash + 1).c_str(), nullptr);
  return within.ends_with('%') ? value / 100 : value;
}

CheckResult PostgresKind::check(const Context& context, const World& world,
                                const model::Check& check) const {
  const PostgresState& state = state_of(world, check.services.front());
  if (state.database() == nullptr) return {CheckResult::Value::fail, "the database does not exist"};
  if (check.type == model::Check::Type::sql) {
    if (!check.args.has("expect")) return {CheckResult::Value::pass, ""};
    return {CheckResult::Value::unknown, "the result of the query is not computed"};
  }
  if (check.type != model::Check::Type::rows) return Kind::check(context, world, check);
  const std::string baseline = check.args.text_or("baseline", "baseline");
  for (const std::string& name : check.args.strings("rows")) {
    const std::string table = name.substr(name.find('.') + 1);
    const auto recorded = state.baselines.find(baseline + ' ' + table);
    if (recorded == state.baselines.end())
      return {CheckResult::Value::unknown,
              fmt::format("no baseline '{}' was recorded for {}", baseline, table)};
    std::size_t rows = 0;
    for (const auto& [id, stored] : state.database()->rows().all()) {
      const auto* found = state.database()->get<pg::Table>(id);
      if (found != nullptr && fact_name(*state.database(), *found) == table)
        rows = stored->rows.size();
    }
    // More rows are traffic; fewer are a loss.
    const double lost = recorded->second <= rows ? 0
                                                 : static_cast<double>(recorded->second - rows) /
                                                       static_cast<double>(recorded->second);
    if (lost > tolerance(check.args.text_or("within", "0"))) {
      return {CheckResult::Value::fail, fmt::format("{} lost rows since the baseline", table)};
    }
  }
  return {CheckResult::Value::pass, ""};
}

}  // namespace

const Kind& kind_postgres() {
  static const PostgresKind kKind;
  return kKind;
}

}  // namespace backout::services
