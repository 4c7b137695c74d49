#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "postgres/query/expression.hpp"

namespace backout::postgres {

/// Calls a function on strings (lower, substring, concat, ...); nothing when `name` is none.
std::optional<Checked<Typed>> text_function(std::string_view name,
                                            std::span<const Typed> arguments);

}  // namespace backout::postgres
