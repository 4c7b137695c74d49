#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "postgres/query/expression.hpp"

namespace backout::postgres {

/// Calls a function on dates and times (date_trunc, date_part, extract) of a server of that major
/// version (0: nobody said); nothing when `name` is none.
std::optional<Checked<Typed>> time_function(std::string_view name, std::span<const Typed> arguments,
                                            int server);

}  // namespace backout::postgres
