#pragma once

#include "postgres/execute/execution.hpp"
#include "postgres/query/expression.hpp"

namespace backout::postgres {

/// Runs an INSERT, UPDATE or DELETE; the rows of its RETURNING.
Checked<Relation> run_modification(Execution& execution, const PgQuery__Node& statement,
                                   const Scope& outer);

/// Stores a new row after every constraint that PostgreSQL checks: NOT NULL, CHECK, keys and
/// foreign keys. `values` has one value per column slot, already of the columns' types. The row as
/// it was stored; of a partitioned table it is in a partition, 23514 when none takes it.
/// `keeps_checks`: the row is known to keep to every CHECK of `table`, which is then not asked
/// again where it stays in it.
Checked<std::shared_ptr<const Row>> insert_row(Execution& execution, ObjectId table, Row row,
                                               bool keeps_checks = false);

}  // namespace backout::postgres
