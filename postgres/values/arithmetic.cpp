// Which arithmetic there is and what type it gives is in pg_operator; integers that overflow are
// refused (22003), so are floats that overflow or get too small, division by zero (22012) and
// powers that are no real number (2201F; int.c, numeric.c, float.c, timestamp.c). Left out: powers
// of numerics, money, inet, times of day and numbers of more than 36 digits give values that are
// not known. All times are in UTC.
#include "postgres/values/arithmetic.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "postgres/values/cast.hpp"
#include "postgres/values/datetime.hpp"
#include "postgres/values/decimal.hpp"
#include "postgres/values/json_text.hpp"
#include "postgres/values/number_text.hpp"
#include "postgres/values/operators.hpp"

namespace backout::postgres {
namespace {

using enum TypeClass;

ValueType number_type(TypeClass left, TypeClass right) {
  if (left == float8 || right == float8) return plain(float8);
  if (left == float4 && right == float4) return plain(float4);
  if (left == float4 || right == float4) return plain(float8);
  if (left == numeric || right == numeric) return plain(numeric);
  return plain(std::max(left, right));  // int2 < int4 < int8 in the enumeration
}

/// The type of the result; nothing when no such operator exists.
std::optional<ValueType> result_type(char name, const ValueType& left, const ValueType& right) {
  const TypeClass one = left.family;
  const TypeClass two = right.family;
  if (left.is_array() || right.is_array()) return std::nullopt;
  if (one == unknown || two == unknown) return plain(unknown);
  if (is_number(one) && is_number(two)) {
    const ValueType both = number_type(one, two);
    const bool floats = both.family == float4 || both.family == float8;
    if (name == '^') return plain(both.family == numeric ? numeric : float8);
    if (name == '%' && floats) return std::nullopt;
    return both;
  }
  const bool plus = name == '+';
  const bool minus = name == '-';
  if (minus && one == date && two == date) return plain(int4);
  if (minus && is_time(one) && is_time(two)) return plain(interval);
  if ((plus || minus) && one == date && is_integer(two)) return plain(date);
  if (plus && is_integer(one) && two == date) return plain(date);
  if ((plus || minus) && is_time(one) && two == interval)
    return plain(one == date ? timestamp : one);
  if (plus && one == interval && is_time(two)) return plain(two == date ? timestamp : two);
  if ((plus || minus) && one == interval && two == interval) return plain(interval);
  if ((plus || minus) && one == TypeClass::time && two == interval) return plain(TypeClass::time);
  if (plus && one == date && two == TypeClass::time) return plain(timestamp);
  if (plus && one == TypeClass::time && two == date) return plain(timestamp);
  if ((name == '*' || name == '/') && one == interval && is_number(two)) return plain(interval);
  if (name == '*' && is_number(one) && two == interval) return plain(interval);
  if (minus && one == jsonb) return plain(jsonb);
  if (one == money || two == money || one == other || two == other || one == inet)
    return plain(one);
  return std::nullopt;
}

Checked<Typed> on_integers(char name, std::int64_t left, std::int64_t right,
                           const ValueType& type) {
  __int128 result = 0;
  switch (name) {
    case '+':
      result = static_cast<__int128>(left) + right;
      break;
    case '-':
      result = static_cast<__int128>(left) - right;
      break;
    case '*':
      result = static_cast<__int128>(left) * right;
      break;
    default:
      if (right == 0) return tl::unexpected(refuse("22012", "division by zero"));
      result =
          name == '/' ? static_cast<__int128>(left) / right : static_cast<__int128>(left) % right;
  }
  const auto number = static_cast<std::int64_t>(result);
  if (number != result || !in_range(number, type.family)) {
    return tl::unexpected(refuse("22003", fmt::format("{} out of range", describe(type))));
  }
  return Typed{Value::known(number), type};
}

/// 22003 when finite numbers give what the type cannot hold: more than its greatest, or less than
/// its least above zero.
Checked<void> in_float_range(char name, double left, double right, double result,
                             TypeClass family) {
  if (family == float4) result = static_cast<float>(result);
  if (std::isinf(result) && std::isfinite(left) && std::isfinite(right))
    return tl::unexpected(refuse("22003", "value out of range: overflow"));
  const bool shrinks = name == '*' || name == '/' || name == '^';
  const bool from_zero = left == 0 || (name == '*' && right == 0);
  if (shrinks && result == 0 && !from_zero && std::isfinite(left) && std::isfinite(right))
    return tl::unexpected(refuse("22003", "value out of range: underflow"));
  return {};
}

Checked<Typed> on_floats(char name, double left, double right, const ValueType& type) {
  if (name == '/' && right == 0) return tl::unexpected(refuse("22012", "division by zero"));
  if (name == '^' && left == 0 && right < 0)
    return tl::unexpected(refuse("2201F", "zero raised to a negative power is undefined"));
  if (name == '^' && left < 0 && std::isfinite(right) && std::floor(right) != right)
    return tl::unexpected(
        refuse("2201F", "a negative number raised to a non-integer power yields a complex result"));
  double result = 0;
  switch (name) {
    case '+':
      result = left + right;
      break;
    case '-':
      result = left - right;
      break;
    case '*':
      result = left * right;
      break;
    case '/':
      result = left / right;
      break;
    default:
      result = std::pow(left, right);
      break;
  }
  if (auto fits = in_float_range(name, left, right, result, type.family); !fits)
    return tl::unexpected(fits.error());
  return Typed{Value::known(print_float(result, type.family)), type};
}

Checked<Typed> on_numbers(char name, const Typed& left, const Typed& right, const ValueType& type) {
  if (is_integer(type.family)) {
    const auto one = read_integer(left.value.text(), int8);
    const auto two = read_integer(right.value.text(), int8);
    if (one && two) return on_integers(name, *one, *two, type);
  }
  if (type.family == float4 || type.family == float8) {
    const auto one = read_float(left.value.text(), float8);
    const auto two = read_float(right.value.text(), float8);
    if (one && two) return on_floats(name, *one, *two, type);
  }
  const auto one = Decimal::parse(left.value.text());
  const auto two = Decimal::parse(right.value.text());
  std::optional<Decimal> result;
  if (one && two) {
    if ((name == '/' || name == '%') && two->is_zero())
      return tl::unexpected(refuse("22012", "division by zero"));
    if (name == '+') result = add(*one, *two);
    if (name == '-') result = add(*one, two->negated());
    if (name == '*') result = multiply(*one, *two);
    if (name == '/') result = divide(*one, *two);
    if (name == '%') result = remainder(*one, *two);
  }
  if (!result) return derived(std::string_view(&name, 1), std::array{left, right}, type);
  return Typed{Value::known(result->print()), type};
}

Interval scaled(const Interval& span, double factor) {
  const double months = span.months * factor;
  const double days = span.days * factor + (months - std::trunc(months)) * 30;
  Interval result;
  result.months = static_cast<std::int32_t>(months);
  result.days = static_cast<std::int32_t>(days);
  result.micros = static_cast<Micros>(
      std::nearbyint(static_cast<double>(span.micros) * factor +
                     (days - std::trunc(days)) * static_cast<double>(kMicrosOfDay)));
  return result;
}

std::optional<std::string> print_time(Micros micros, TypeClass family) {
  if (family == date) return print_date(micros);
  return print_timestamp(micros, family == timestamptz);
}

/// Arithmetic with a time on one side; nothing when a part cannot be read.
std::optional<std::string> on_times(char name, const Typed& left, const Typed& right,
                                    const ValueType& type) {
  const int sign = name == '-' ? -1 : 1;
  if (left.type.family == interval && right.type.family == interval) {
    const auto one = read_interval(left.value.text());
    const auto two = read_interval(right.value.text());
    if (!one || !two) return std::nullopt;
    return print_interval({one->months + sign * two->months, one->days + sign * two->days,
                           one->micros + sign * two->micros});
  }
  if (type.family == interval && (is_number(left.type.family) || is_number(right.type.family))) {
    const bool first = left.type.family == interval;
    const auto span = read_interval((first ? left : right).value.text());
    const auto factor = read_float((first ? right : left).value.text(), float8);
    if (!span || !factor || (name == '/' && *factor == 0)) return std::nullopt;
    return print_interval(scaled(*span, name == '/' ? 1 / *factor : *factor));
  }
  if (left.type.family == TypeClass::time || right.type.family == TypeClass::time) {
    const bool clock_first = left.type.family == TypeClass::time;
    const Typed& date_part = clock_first ? right : left;
    if (date_part.type.family != date) return std::nullopt;
    const ReadTime day = read_timestamp(date_part.value.text(), true);
    const ReadTime clock = read_time_of_day((clock_first ? left : right).value.text());
    if (!day.micros || !clock.micros) return std::nullopt;
    return print_timestamp(*day.micros + *clock.micros, false);
  }
  const bool swapped = !is_time(left.type.family);
  const Typed& time = swapped ? right : left;
  const Typed& change = swapped ? left : right;
  const ReadTime start = read_timestamp(time.value.text(), true);
  if (!start.micros) return std::nullopt;
  if (change.type.family == interval) {
    const auto span = read_interval(change.value.text());
    if (!span) return std::nullopt;
    return print_time(
        add_interval(*start.micros, {sign * span->months, sign * span->days, sign * span->micros}),
        type.family);
  }
  if (is_integer(change.type.family)) {
    const auto days = read_integer(change.value.text(), int4);
    return days ? print_time(*start.micros + sign * *days * kMicrosOfDay, type.family)
                : std::nullopt;
  }
  const ReadTime end = read_timestamp(change.value.text(), true);
  if (!end.micros || !is_time(change.type.family)) return std::nullopt;
  const Micros between = *start.micros - *end.micros;
  if (type.family == int4) return std::to_string(between / kMicrosOfDay);
  return print_interval(
      {0, static_cast<std::int32_t>(between / kMicrosOfDay), between % kMicrosOfDay});
}

/// Types the untyped literal of a pair as PostgreSQL does: like the other side where such an
/// operator exists, else an interval.
Checked<void> type_literals(char name, Typed& left, Typed& right, Surroundings& surroundings) {
  Typed* literal = left.type.family == unknown_literal
                       ? &left
                       : (right.type.family == unknown_literal ? &right : nullptr);
  if (literal == nullptr) return {};
  const ValueType& beside = (literal == &left ? right : left).type;
  if (beside.family == jsonb && name == '-') {
    literal->type = plain(text);
    return {};
  }
  if (beside.family == unknown_literal || beside.family == unknown ||
      result_type(name, beside, beside)) {
    return unify(left, right, surroundings);
  }
  const ValueType type =
      plain(is_time(beside.family) || beside.family == TypeClass::time ? interval : float8);
  auto value = coerce(*literal, type, true, surroundings);
  if (!value) return tl::unexpected(value.error());
  *literal = {std::move(*value), type};
  return {};
}

}  // namespace

bool is_arithmetic(std::string_view name) {
  return name.size() == 1 &&
         std::string_view("+-*/%^").find(name.front()) != std::string_view::npos;
}

Checked<Typed> calculate(std::string_view name, Typed left, Typed right,
                         Surroundings& surroundings) {
  const char op = name.front();
  if (const auto typed = type_literals(op, left, right, surroundings); !typed)
    return tl::unexpected(typed.error());
  const auto type = result_type(op, left.type, right.type);
  if (!type) {
    return tl::unexpected(
        refuse("42883", fmt::format("operator does not exist: {} {} {}", describe(left.type), name,
                                    describe(right.type))));
  }
  if (!left.value.is_known() || !right.value.is_known())
    return strictly_derived(name, std::array{left, right}, *type);
  if (is_number(type->family) && is_number(left.type.family))
    return on_numbers(op, left, right, *type);
  if (type->family == jsonb && is_string(right.type.family)) {
    auto rest = json_without(left.value.text(), right.value.text());
    if (!rest) return tl::unexpected(refuse("22023", "cannot delete from scalar"));
    return Typed{Value::known(std::move(*rest)), *type};
  }
  if (auto result = on_times(op, left, right, *type))
    return Typed{Value::known(std::move(*result)), *type};
  return strictly_derived(name, std::array{left, right}, *type);
}

std::optional<Checked<Typed>> bit_operator(std::string_view name, const Typed& left,
                                           const Typed& right) {
  const bool shifts = name == "<<" || name == ">>";
  const bool wholes = is_integer(left.type.family) && is_integer(right.type.family) &&
                      !left.type.is_array() && !right.type.is_array();
  if (!wholes || (!shifts && name != "&" && name != "|" && name != "#")) return std::nullopt;
  const ValueType type =
      shifts ? plain(left.type.family) : number_type(left.type.family, right.type.family);
  if (!left.value.is_known() || !right.value.is_known())
    return strictly_derived(name, std::array{left, right}, type);
  const std::int64_t one = std::atoll(left.value.text().c_str());
  const std::int64_t two = std::atoll(right.value.text().c_str());
  if (name == "&") return Typed{Value::known(one & two), type};
  if (name == "|") return Typed{Value::known(one | two), type};
  if (name == "#") return Typed{Value::known(one ^ two), type};
  constexpr std::int64_t kMostPlaces = 30;
  // What leaves the type at its upper end is not worked out.
  constexpr std::int64_t kMost = 2'147'483'647;
  const bool small = one >= 0 && one <= kMost && two >= 0 && two <= kMostPlaces;
  const std::int64_t shifted = !small ? 0 : (name == "<<" ? one << two : one >> two);
  if (!small || !in_range(shifted, type.family))
    return strictly_derived(name, std::array{left, right}, type);
  return Typed{Value::known(shifted), type};
}

}  // namespace backout::postgres
