#pragma once

#include <span>

#include "postgres/execute/execution.hpp"
#include "postgres/query/expression.hpp"

namespace backout::postgres {

/// What PostgreSQL refuses of an expression before any row is there: operators and functions that
/// do not exist for its types (42883), literals that their type cannot read (22P02, ...), and,
/// unless `target` is unknown, a result that the place cannot take (42804). Accepts where the types
/// are not known. `alias` is what the columns' table is called; empty: anything.
Checked<void> check_types(const Execution& execution, const PgQuery__Node& node,
                          std::span<const ScopeColumn> columns, const ValueType& target,
                          std::string_view alias = {});

}  // namespace backout::postgres
