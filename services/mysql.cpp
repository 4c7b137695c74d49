// A MySQL or MariaDB server, whose statements are not executed: the plan declares what they change.
//
// What the real thing does: a change of the schema commits implicitly what came before and cannot
// be rolled back, so that a migration that fails half way stays half way. `mysqldump` restores the
// tables that it has and leaves those that came later; routines and events are in it only when
// asked for. A physical copy (xtrabackup, snapshot) replaces everything. What its versions read
// of each other: engine_table.cpp. Sources: MySQL 8.0 manual, 13.3.3 "Statements That Cause an
// Implicit Commit", 4.5.4 "mysqldump". What this fake leaves out: SQL, rows, binary logs, replicas
// (kind `replica`).
//
// Facts: schema.<path>, engine, data_of; rows, values, copies: not essential.
#include "services/typed_store.hpp"

namespace backout::services {

const Kind& kind_mysql() {
  static const std::unique_ptr<const Kind> kKind =
      make_typed_store({"mysql",
                        "A MySQL or MariaDB server; statements are declared effects.",
                        {"mariadb"},
                        "DDL commits implicitly: the transaction does not take it back",
                        {"xtrabackup", "snapshot", "pitr"},
                        {"mysqldump"},
                        "tables that came after the dump, and routines and events unless it was "
                        "told `--routines --events`",
                        false,
                        Engines{}});
  return *kKind;
}

}  // namespace backout::services
