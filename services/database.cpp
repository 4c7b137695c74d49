// Any other database, whose statements are not executed: Cassandra, CockroachDB, SQL Server,
// Oracle, Spanner, ClickHouse.
//
// What the real things do: they differ, so that the plan says what matters: what a statement
// changes (`set`, `drop`), whether a restored copy leaves what came later (`import`: cqlsh COPY,
// bcp, Data Pump with `table_exists_action=append`; a snapshot or a point in time does not), and of
// which engines one runs on the files of another (`file_formats`), or that a newer one leaves what
// the older reads until it is finalized (`finalizes`; CockroachDB "Upgrade",
// `cluster.preserve_downgrade_option`). That a change is final by itself is taken for granted: of
// most of them it is (Cassandra "Data Definition", Oracle "COMMIT": DDL commits implicitly). What
// this fake leaves out: statements, rows, consistency levels.
//
// Facts: schema.<path>, engine, data_of; rows, values, copies: not essential.
#include "services/typed_store.hpp"

namespace backout::services {

namespace {

Engines engines_of_database() { return {.finalizes = true, .emptied = {}}; }

}  // namespace

const Kind& kind_database() {
  static const std::unique_ptr<const Kind> kKind =
      make_typed_store({"database",
                        "Any other database; statements are declared effects.",
                        {"cassandra", "scylladb", "cockroachdb", "sqlserver", "mssql", "oracle",
                         "spanner", "clickhouse", "snowflake", "bigquery", "firestore"},
                        "",
                        {"snapshot", "pitr", "backup"},
                        {"import"},
                        "what came after the copy, unless it is told `drop`",
                        false,
                        engines_of_database()});
  return *kKind;
}

}  // namespace backout::services
