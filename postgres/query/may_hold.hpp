#pragma once

#include <string>

#include "postgres/execute/execution.hpp"

namespace backout::postgres {

/// Whether some row of `table` (called `alias`) that its NOT NULL and CHECK constraints allow may
/// satisfy `where`, a condition that has been evaluated on its rows. False is a proof; conditions
/// on other relations and variables may always hold.
bool may_hold(const Execution& execution, const Table& table, const std::string& alias,
              const PgQuery__Node* where);

/// A row of `table` of which nothing is known but which columns are never NULL.
Row any_row(Database& database, const Table& table);

}  // namespace backout::postgres
