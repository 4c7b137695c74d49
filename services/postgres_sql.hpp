#pragma once
// How steps and live traffic run SQL on the fake PostgreSQL.

#include <string>

#include "postgres/catalog/database.hpp"
#include "postgres/read/sql_reader.hpp"
#include "services/service.hpp"

namespace backout::services {

/// What a script came to.
struct SqlRun {
  enum class Mode { transaction, stop_at_first, go_on };
  Outcome::Result result = Outcome::Result::done;
  std::string message;
  std::string sqlstate = {};  ///< of a refusal
};

/// Whether the statement changes nothing.
bool only_reads(const postgres::Script::Statement& statement);

/// Runs `sql` on `database`; rows that it makes are named after `tag`. Opaque reads change nothing
/// and do not count.
SqlRun run_sql(postgres::Database& database, const std::string& sql, SqlRun::Mode mode,
               const std::string& tag);

/// Runs a statement with values for its placeholders that the schema of the moment allows, after
/// the rows that they point to; those first that the database before the deploy (`start`, may be
/// null) would have taken, so that a write is the same in every world. Opaque: no such values were
/// found, though a refusal is about them.
SqlRun run_with_values(postgres::Database& database, const postgres::Database* start,
                       const std::string& sql, const std::string& tag);

/// After a new version wrote by `sql` what `before` became: writes once more, with values that the
/// schema before the deploy (`start`) refuses and that of the moment takes (a longer text, a label,
/// a value of a wider CHECK, a second one of a former key). They are what the schema was changed
/// for.
void write_wider(postgres::Database& database, const postgres::Database& before,
                 const postgres::Database& start, const std::string& sql, const std::string& tag);

}  // namespace backout::services
