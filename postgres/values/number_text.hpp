#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "postgres/values/value.hpp"

namespace backout::postgres {

/// The integer that the input functions of smallint, integer and bigint read: 22P02 when it is
/// none, 22003 when out of range.
Checked<std::int64_t> read_integer(std::string_view text, TypeClass family);

/// Refuses with 22003 what `family` (int2, int4, int8) cannot hold.
Checked<std::int64_t> in_range(std::int64_t number, TypeClass family);

/// The number that the input function of real and double precision reads, NaN and Infinity
/// included.
Checked<double> read_float(std::string_view text, TypeClass family);

/// The shortest text that reads back as `number`, in the manner of PostgreSQL ("1e+20", "0.1",
/// "NaN").
std::string print_float(double number, TypeClass family);

}  // namespace backout::postgres
