#pragma once

#include <vector>

#include "postgres/execute/execution.hpp"

namespace backout::postgres {

/// A stored query: what it needs and its text in one spelling, relations and columns by identity,
/// `*` written out.
struct BoundQuery {
  std::vector<Dependency> needs;
  std::string text;
  std::vector<std::string>
      columns;  ///< names of a SELECT's columns; empty when `*` stands for some that are not known
};

/// Binds a query of a view or rule: each column to the relation of the innermost query that has it.
Checked<BoundQuery> bind_query(const Execution& execution, const PgQuery__Node& query);

}  // namespace backout::postgres
