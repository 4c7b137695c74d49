#pragma once

#include <optional>
#include <string_view>

#include "postgres/values/value.hpp"

namespace backout::postgres {

/// Operators of jsonb on known values: @>, <@, ?, ?|, ?&, - (of a text, a number, an array of
/// texts) and #-; nothing for other operators and values. Refuses as PostgreSQL does: 22023.
/// Source: PostgreSQL manual, 9.16, and jsonb_op.c.
std::optional<Checked<Typed>> json_operator(std::string_view name, const Typed& left,
                                            const Typed& right);

}  // namespace backout::postgres
