// A MySQL or MariaDB server, whose statements are not executed: the plan declares what they change.
//
// What the real thing does: a change of the schema commits implicitly what came before and cannot
// be rolled back, so that a migration that fails half way stays half way. `mysqldump` restores the
// tables that it has and leaves those that came later; routines and events are in it only when
// asked for. A physical copy (xtrabackup, snapshot) replaces everything. An older server does not
// start on what a newer one left, but within a series that is only mended: 5.7.x, 8.4.x and later
// LTS series, 10.6.x of MariaDB; not within 8.0, nor within an innovation series (9.1). Sources:
// MySQL 8.0 manual, 13.3.3 "Statements That Cause an Implicit Commit", 4.5.4 "mysqldump", 2.11
// "Downgrading MySQL"; MySQL 8.4 manual, "Downgrading MySQL"; MariaDB, "Downgrading between Major
// Versions". What this fake leaves out: SQL, rows, binary logs, replicas (kind `replica`), upgrades
// that skip a series.
//
// Facts: schema.<path>, engine, data_of; rows, values, copies: not essential.
#include <fmt/format.h>

#include "services/typed_store.hpp"

namespace backout::services {

namespace {

/// Within a series that gets no new features an older server starts on what a newer one left.
Engines::Reads mysql_reads(const std::string& older, const std::string& newer) {
  if (series_of(older, 2) != series_of(newer, 2)) return Engines::Reads::no;
  const int major = part_of(newer, 0);
  const int minor = part_of(newer, 1);
  const bool is_mariadb = major >= 10;
  const bool is_mended_only =
      major <= 5 || (major == 8 && minor == 4) || (major == 9 && minor == 7);
  if (minor < 0) return Engines::Reads::unknown;
  return is_mariadb || is_mended_only ? Engines::Reads::yes : Engines::Reads::no;
}

Engines engines_of_mysql() {
  return {mysql_reads,
          [](const std::string& older, const std::string& newer) {
            return fmt::format(
                "Cannot boot server version {} on data directory built by version {}. Downgrade is "
                "not supported",
                older, newer);
          },
          false,
          false,
          {}};
}

}  // namespace

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
                        engines_of_mysql()});
  return *kKind;
}

}  // namespace backout::services
