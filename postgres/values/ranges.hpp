#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "postgres/query/expression.hpp"

namespace backout::postgres {

/// The text in which PostgreSQL prints a range; nothing when the literal is malformed or its bounds
/// are not known here.
std::optional<std::string> canonical_range(std::string_view text, std::string_view type);

/// Whether ranges, as PostgreSQL prints them, overlap; not known where their texts do not tell.
Truth ranges_overlap(std::string_view left, std::string_view right);

/// Calls a constructor of the built-in range types (int4range, ...), or lower, upper and isempty of
/// a range; nothing when it is none of these.
std::optional<Checked<Typed>> range_function(std::string_view name,
                                             std::span<const Typed> arguments);

}  // namespace backout::postgres
