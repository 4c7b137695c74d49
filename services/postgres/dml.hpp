#pragma once

#include "services/postgres/execution.hpp"
#include "services/postgres/expression.hpp"

namespace backout::postgres {

/// Runs an INSERT, UPDATE or DELETE; the rows of its RETURNING.
Checked<Relation> run_modification(Execution& execution, const PgQuery__Node& statement, const Scope& outer);

/// Stores a new row after every constraint that PostgreSQL checks: NOT NULL, CHECK, keys and foreign keys. `values` has one value
/// per column slot, already of the columns' types. The row as it was stored; of a partitioned table it is in a partition, 23514 when
/// none takes it.
Checked<std::shared_ptr<const Row>> insert_row(Execution& execution, ObjectId table, Row row);

}  // namespace backout::postgres
