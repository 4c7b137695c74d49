#pragma once

#include <vector>

#include "services/postgres/execution.hpp"

namespace backout::postgres {

/// A stored query: what it needs and its text in one spelling, relations and columns by identity, `*` written out.
struct BoundQuery {
  std::vector<Dependency> needs;
  std::string text;
};

/// Binds a query of a view or rule. Columns that cannot be told apart by name alone count as needed wherever they occur.
Checked<BoundQuery> bind_query(const Execution& execution, const PgQuery__Node& query);

}  // namespace backout::postgres
