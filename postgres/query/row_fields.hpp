#pragma once

#include <optional>
#include <vector>

#include "postgres/query/expression.hpp"

namespace backout::postgres {

/// The fields of a row: ROW(a, b), (a, b), or a whole row of the scope as `name` or `name.*`.
/// Nothing when `node` is none of these.
Checked<std::optional<std::vector<Typed>>> row_fields(const PgQuery__Node& node, const Scope& scope,
                                                      Surroundings& surroundings);

}  // namespace backout::postgres
