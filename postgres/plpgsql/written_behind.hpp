#pragma once
// What a statement that was not followed may have written to beside what it names.

#include <vector>

#include "postgres/catalog/database.hpp"
#include "postgres/read/sql_reader.hpp"

namespace backout::postgres {

/// Tables that an INSERT, UPDATE, DELETE, MERGE, TRUNCATE or COPY may write to: its own, those
/// below views, those that foreign keys and triggers take it to; all where a rule or a trigger
/// whose text does not name its tables stands in between.
std::vector<ObjectId> written_behind(const Database& database, const PgQuery__Node& statement);

}  // namespace backout::postgres
