#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "postgres/query/expression.hpp"

namespace backout::postgres {

/// Calls a built-in function by name; nothing when the name is none that is modelled.
std::optional<Checked<Typed>> call_built_in(std::string_view name, std::span<const Typed> arguments,
                                            Surroundings& surroundings);

/// Rows of a built-in function that returns a set (generate_series, unnest, jsonb_array_elements,
/// ...); nothing when it is none.
std::optional<Checked<Relation>> call_set_function(std::string_view name,
                                                   std::span<const Typed> arguments);

/// Whether `name` is an aggregate that is modelled.
bool is_aggregate(std::string_view name);

/// The value of an aggregate over the argument values of a group.
Checked<Typed> aggregate(std::string_view name, std::span<const Typed> values, bool star,
                         Surroundings& surroundings);

}  // namespace backout::postgres
