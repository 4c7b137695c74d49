// Input functions of integers take blanks and a sign, those of floats also NaN and infinity
// (numutils.c, float.c); a float prints as the shortest digits that give it back, with an exponent
// below 1e-4 and from 1e15 on, 1e6 for real (extra_float_digits is 1).
// Left out: 0x, 0o, 0b and underscores, which came with 16; other values of extra_float_digits.
#include "postgres/values/number_text.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

#include "postgres/read/text.hpp"

namespace backout::postgres {
namespace {

std::string_view type_name(TypeClass family) {
  switch (family) {
    case TypeClass::int2:
      return "smallint";
    case TypeClass::int4:
      return "integer";
    case TypeClass::int8:
      return "bigint";
    case TypeClass::float4:
      return "real";
    default:
      return "double precision";
  }
}

Stop malformed(std::string_view text, TypeClass family) {
  return refuse("22P02",
                fmt::format("invalid input syntax for type {}: \"{}\"", type_name(family), text));
}

}  // namespace

Checked<std::int64_t> in_range(std::int64_t number, TypeClass family) {
  const bool narrow = family == TypeClass::int2 || family == TypeClass::int4;
  const std::int64_t most = family == TypeClass::int2 ? 32'767 : 2'147'483'647;
  if (narrow && (number > most || number < -most - 1)) {
    return tl::unexpected(refuse("22003", fmt::format("{} out of range", type_name(family))));
  }
  return number;
}

Checked<std::int64_t> read_integer(std::string_view text, TypeClass family) {
  std::string_view digits = trim(text);
  if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool whole = end == digits.data() + digits.size() && !digits.empty();
  const auto too_large = [&] {
    return refuse("22003",
                  fmt::format("value \"{}\" is out of range for type {}", text, type_name(family)));
  };
  if (error == std::errc::result_out_of_range && whole) return tl::unexpected(too_large());
  if (error != std::errc() || !whole) return tl::unexpected(malformed(text, family));
  if (!in_range(number, family)) return tl::unexpected(too_large());
  return number;
}

Checked<double> read_float(std::string_view text, TypeClass family) {
  const std::string digits = to_lower(trim(text));
  if (digits == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (digits == "infinity" || digits == "inf" || digits == "+infinity")
    return std::numeric_limits<double>::infinity();
  if (digits == "-infinity" || digits == "-inf") return -std::numeric_limits<double>::infinity();
  char* end = nullptr;
  errno = 0;
  const bool is_short = family == TypeClass::float4;
  const double number =
      is_short ? std::strtof(digits.c_str(), &end) : std::strtod(digits.c_str(), &end);
  if (digits.empty() || end != digits.c_str() + digits.size())
    return tl::unexpected(malformed(text, family));
  // What lies between zero and the least number that the type holds is refused, too.
  if (std::isinf(number) || (number == 0 && errno == ERANGE)) {
    return tl::unexpected(refuse(
        "22003", fmt::format("\"{}\" is out of range for type {}", text, type_name(family))));
  }
  return number;
}

std::string print_float(double number, TypeClass family) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  const bool is_short = family == TypeClass::float4;
  std::array<char, 64> buffer{};
  const auto print = [&](std::chars_format format) -> std::string {
    char* const end = buffer.data() + buffer.size();
    const auto done = is_short
                          ? std::to_chars(buffer.data(), end, static_cast<float>(number), format)
                          : std::to_chars(buffer.data(), end, number, format);
    return {buffer.data(), done.ptr};
  };
  // The exponent of the digits that are printed decides: 0.0001 as float4 is a little less.
  std::string printed = print(std::chars_format::scientific);
  const int exponent = std::atoi(printed.c_str() + printed.find('e') + 1);
  return exponent >= -4 && exponent < (is_short ? 6 : 15) ? print(std::chars_format::fixed)
                                                          : printed;
}

}  // namespace backout::postgres
