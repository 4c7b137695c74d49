// The tables of the kind `postgres`: its fields and its verbs.
#include "services/postgres_state.hpp"
#include "services/postgres_upgrade.hpp"
#include "services/record_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

std::vector<model::VerbSpec> postgres_verbs() {
  const auto command =
      field("command", ValueType::string, "The command as people type it, or unknown.");
  return {
      {"sql",
       {field("text", ValueType::string, "SQL statements."),
        field("file", ValueType::file, "File of SQL statements."),
        field("on_error_stop", ValueType::boolean,
              "psql stops and fails at the first error (default true; `psql -f` alone: false)."),
        field("transaction", ValueType::boolean,
              "All statements in one transaction (default false)."),
        field("database", ValueType::string,
              "Which database of the server (default: the live one)."),
        command},
       "Runs SQL."},
      {"migrate",
       {field("add_column", ValueType::string, "table.column, optionally followed by its type."),
        field("drop_column", ValueType::string, "table.column."),
        field("set_not_null", ValueType::strings, "table.column."),
        field("drop_not_null", ValueType::strings, "table.column."),
        field("unique", ValueType::strings, "table.column."),
        field("drop_constraints", ValueType::strings,
              "table.column: unique and NOT NULL constraints on it."),
        field("create_table", ValueType::string, "Name of the table."),
        field("columns", ValueType::map, "column: type, for create_table."),
        field("drop_table", ValueType::string, "Name of the table."),
        field("cascade", ValueType::boolean, "Drops what depends on it."),
        field("backfill", ValueType::string, "table.column: filled where it is NULL."),
        field("value", ValueType::string, "Expression for backfill."),
        field("clear", ValueType::string, "table.column: set to NULL everywhere."),
        field("index", ValueType::strings, "table.column."),
        field("concurrently", ValueType::boolean, "Builds the index without blocking writers."),
        command},
       "A schema change in short form."},
      {"migrate_down",
       {field("to", ValueType::string, "Version to go down to."),
        field("file", ValueType::file, "The down script."),
        field("script", ValueType::string, "`missing` when there is none."),
        field("on_error_stop", ValueType::boolean, "Stops at the first error (default true)."),
        field("record", ValueType::string, "Version whose record is deleted whatever happens."),
        command},
       "Runs a down migration."},
      {std::string(model::kApplyMigration),
       {field("migration", ValueType::migration, "Its version or id.", true), command},
       "Runs the up of a migration."},
      {std::string(model::kRevertMigration),
       {field("migration", ValueType::migration, "Its version or id.", true), command},
       "Runs the down of a migration."},
      {"backup",
       {field("file", ValueType::string, "Name of the dump.", true),
        choice("format", {"custom", "plain", "directory", "snapshot", "unknown"},
               "Format of the dump (default custom)."),
        field("location", ValueType::string, "Where it is kept."),
        field("verify", ValueType::boolean, "It is read back."), command},
       "Dumps the database."},
      {"restore",
       {field("from", ValueType::string, "Name of the dump.", true),
        choice("tool", {"pg_restore", "psql", "snapshot", "pitr", "unknown"},
               "What restores it (default pg_restore)."),
        field("clean", ValueType::boolean,
              "Drops objects of the dump first (--clean --if-exists)."),
        field("into", ValueType::string, "Database (default: the live one)."),
        field("exit_on_error", ValueType::boolean, "Stops at the first error."),
        field("transaction", ValueType::boolean,
              "All in one transaction: --single-transaction (default false)."),
        field("replay", ValueType::boolean, "Replays the WAL up to a moment."), command},
       "Restores a dump."},
      postgres_upgrade_verb(),
      {"create_database", {field("name", ValueType::string, "Name.", true), command}, "createdb."},
      {"rename_database",
       {field("from", ValueType::string, "Name now.", true),
        field("to", ValueType::string, "New name.", true), command},
       "ALTER DATABASE ... RENAME."},
      {"swap",
       {field("with", ValueType::string, "The database that becomes live.", true),
        field("keep_as", ValueType::string, "Name for the one that was live."), command},
       "Renames the live database away and another one to its name."},
      {"terminate_connections", {command}, "Ends all other sessions."},
      {"lock_out", {command}, "New sessions are refused."},
      {"let_in", {command}, "New sessions are let in."},
      {"record",
       {field("insert", ValueType::string, "Version to record."),
        field("delete", ValueType::string, "Version whose record is removed."), command},
       "Edits the migration history."},
      {"count_baseline",
       {field("tables", ValueType::strings, "Tables."),
        field("name", ValueType::string, "Name of the baseline (default: baseline)."), command},
       "Records row counts to compare with later."}};
}

}  // namespace

model::KindSpec postgres_spec() {
  return {"postgres",
          "A PostgreSQL database.",
          false,
          {field("database", ValueType::string, "Name of the live database."),
           field("server", ValueType::string, "Name of the server."),
           field("version", ValueType::integer,
                 "Major version of PostgreSQL, 13 to 18: what came later is refused (default: "
                 "nothing is)."),
           field("schema", ValueType::file,
                 "SQL file that makes the schema and rows before the deploy."),
           field("sql", ValueType::string, "The same, inline."),
           field("tables", ValueType::map,
                 "table: {rows: N, columns: {column: type}}: the same in short form."),
           field("connections", ValueType::any,
                 "Open sessions besides those of apps and workers (default 0)."),
           field("migrations", ValueType::migrations,
                 "Folder of up and down migrations, of any tool that `backout migrations` knows."),
           field("migrated_to", ValueType::migration,
                 "Version or id of the last migration that it has before the deploy (default: it "
                 "has none)."),
           field("location", ValueType::string, "Volume or account."),
           field("provider", ValueType::string, "Who runs it."),
           field("size", ValueType::string, "How big it is.")},
          postgres_verbs(),
          {},
          {"postgresql"}};
}

}  // namespace backout::services
