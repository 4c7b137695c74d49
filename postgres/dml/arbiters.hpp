#pragma once

#include <vector>

#include "postgres/execute/execution.hpp"

namespace backout::postgres {

/// The indexes in which ON CONFLICT looks for a row in the way: 42P10 when its columns fit none,
/// 42704 when it names no constraint, 42601 when DO UPDATE names nothing.
Checked<std::vector<ObjectId>> arbiters(const Execution& execution, const Table& table,
                                        const PgQuery__OnConflictClause& conflict);

}  // namespace backout::postgres
