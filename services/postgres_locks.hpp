#pragma once
// What the statements of a step hold up while they work, and what they overwrite for good. Source:
// PostgreSQL 15 manual, 13.3.1 "Table-level Locks", ALTER TABLE "Notes", CREATE INDEX "Building
// Indexes Concurrently".

#include <string>
#include <vector>

#include "services/service.hpp"

namespace backout::services {

/// A lock that is held for as long as a statement needs to read or rewrite a whole table.
struct LongLock {
  std::string statement;      ///< "SET NOT NULL", "CREATE INDEX"
  std::string table;          ///< as written
  bool blocks_reads = false;  ///< ACCESS EXCLUSIVE: readers wait, too
  std::string instead;        ///< what does the same without it
};
/// Those of a step on a postgres service, but for tables that the step itself makes; empty for
/// anything else.
std::vector<LongLock> long_locks(const Context& context, const Action& action);

/// A column that a statement overwrites: by a function of itself that loses (UPDATE t SET c =
/// lower(c)), or by something else altogether.
struct LossyUpdate {
  std::string table;
  std::string column;
  std::string function;  ///< "lower()", "a cast to int4"; empty: by something else
};
/// Those of a step on a postgres service that keep no copy in the same statement.
std::vector<LossyUpdate> lossy_updates(const Context& context, const Action& action);

}  // namespace backout::services
