#pragma once

#include <optional>
#include <string_view>

#include "postgres/query/expression.hpp"

namespace backout::postgres {

/// Whether `name` is one of + - * / % ^.
bool is_arithmetic(std::string_view name);

/// Arithmetic on numbers, times, intervals and jsonb (`-`): 22012 for a division by zero, 22003 out
/// of range, 42883 for other types.
Checked<Typed> calculate(std::string_view name, Typed left, Typed right,
                         Surroundings& surroundings);

/// << >> & | # of whole numbers; nothing for other operators and types.
std::optional<Checked<Typed>> bit_operator(std::string_view name, const Typed& left,
                                           const Typed& right);

}  // namespace backout::postgres
