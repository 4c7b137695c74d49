#pragma once
// The verbs of `postgres` as rows, a file per group, and what the groups share.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/postgres_sql.hpp"
#include "services/postgres_state.hpp"
#include "services/postgres_witnesses.hpp"
#include "services/row_kind.hpp"

namespace backout::services {

// Arguments that others read, of statements and migrations:
inline constexpr TextArg kSqlText{"text", "SQL statements."};
inline constexpr TextArg kSqlFile =
    TextArg("file", "File of SQL statements.").of(model::ValueType::file);
inline constexpr TextArg kMigrationId =
    TextArg("migration", "Its version or id.").of(model::ValueType::migration).required();
// and of the short form, as far as it locks for long.
inline constexpr ListArg kMigrateSetNotNull{"set_not_null", "table.column."};
inline constexpr ListArg kMigrateUnique{"unique", "table.column."};
inline constexpr ListArg kMigrateIndex{"index", "table.column."};
inline constexpr FlagArg kMigrateConcurrently{"concurrently",
                                              "Builds the index without blocking writers."};

const PostgresState& postgres_state(const World& world, ServiceIndex self);

/// What the verb does with a copy of the state while there is a live database; refused where there
/// is none.
Outcome on_live_database(const Call& call, Outcome (*then)(const Call&, PostgresState));

// Statements: postgres_scripts.cpp.
VerbRow postgres_sql_row();
VerbRow postgres_down_row();
VerbRow postgres_migration_row(bool applies);
VerbRow postgres_record_row();
// Schema changes in short form: postgres_short_form.cpp.
VerbRow postgres_migrate_row();
// postgres_dumps.cpp.
VerbRow postgres_backup_row();
VerbRow postgres_restore_row();
VerbRow postgres_baseline_row();
// Databases and sessions: postgres_databases.cpp.
VerbRow postgres_create_row();
VerbRow postgres_rename_row();
VerbRow postgres_swap_row();
VerbRow postgres_terminate_row();
VerbRow postgres_access_row(bool opens);

/// The SQL of a file that the plan names, or of the .sql files of a folder, in the order of their
/// names; nullopt for `unknown` and `missing`.
std::optional<std::string> named_text(const Plan& plan, const std::string& name);
/// The SQL that a step names or brings; empty: none, or it is not known.
std::string sql_of(const Context& context, const Action& action);
/// What runs these statements, which no step brings.
Action action_of_sql(ServiceIndex self, const std::string& sql);
/// `migrate` in SQL.
std::string migrate_sql(const postgres::Database& database, const Args& args);
/// "column type, ...", of a map of both.
std::string columns_sql(const model::Node* columns);

/// Harm::connected: sessions that nobody knows of.
Changes connected_sessions(const World& world, ServiceIndex self);

/// Runs SQL as a verb does, on the database that it names or the live one.
Outcome run_statements(const Call& call, PostgresState state, const std::string& sql,
                       SqlRun::Mode mode);
/// What a step changes in the rows: what it inserts is its own, and an edit that hits nothing
/// changes nothing.
Outcome with_rows(const Call& call, const std::string& sql, Outcome outcome);

/// How a verb runs a script on the live database, for those who look for rows that this would not
/// give back.
struct SqlVerb {
  std::string_view verb;
  bool is_short_form = false;
  RunsSql (*runs)(const Context&, const Action&);  ///< empty: nobody knows what it runs
  std::string (*text)(const Context&, const Action&);
  std::vector<Action> (*undo)(const Action&);
};
/// nullptr: the verb runs none.
const SqlVerb* find_sql_verb(std::string_view verb);
/// Of the short form.
bool migrate_makes_table(const Args& args);
std::vector<Action> undo_of_migrate(const Action& action);

/// What the plan's steps run on the database `self`: postgres_course.cpp.
SqlCourse course_of(const Context& context, ServiceIndex self);

}  // namespace backout::services
