#pragma once

#include "postgres/execute/execution.hpp"

namespace backout::postgres {

/// What a column holds when a row is stored without a value for it: identity, serial, default or
/// generated value, else NULL.
Checked<Value> default_of(Execution& execution, const Table& table, ColumnId column,
                          const Row& row);

/// nextval of a sequence: 2200H at its end, unless it is to CYCLE.
Checked<Value> next_value(Database& database, ObjectId sequence);

}  // namespace backout::postgres
