#pragma once
// to_char(), to_date() and to_timestamp() of times, for patterns of YYYY, MM, DD, HH24, MI and SS.

#include <optional>
#include <span>
#include <string_view>

#include "postgres/values/value.hpp"

namespace backout::postgres {

/// Nothing when it is none of them, or its arguments or its pattern are not worked out here.
std::optional<Checked<Typed>> format_function(std::string_view name,
                                              std::span<const Typed> arguments);

}  // namespace backout::postgres
