// A range holds its bounds and whether they belong to it. Those of whole numbers and days are
// printed in one form: with the lower bound, without the upper one (rangetypes.c; manual, "Range
// Types").
// Left out: multiranges, ranges of one's own, operators other than &&.
#include "postgres/values/ranges.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "postgres/read/text.hpp"
#include "postgres/values/cast.hpp"
#include "postgres/values/datetime.hpp"
#include "postgres/values/decimal.hpp"
#include "postgres/values/operators.hpp"

namespace backout::postgres {
namespace {

struct RangeType {
  std::string_view name;
  TypeClass element;
  bool discrete;
};

constexpr auto kRangeTypes = std::to_array<RangeType>({
    {"int4range", TypeClass::int4, true},
    {"int8range", TypeClass::int8, true},
    {"numrange", TypeClass::numeric, false},
    {"daterange", TypeClass::date, true},
    {"tsrange", TypeClass::timestamp, false},
    {"tstzrange", TypeClass::timestamptz, false},
});

const RangeType* range_type(std::string_view name) {
  const auto* found = std::ranges::find(kRangeTypes, name, &RangeType::name);
  return found == kRangeTypes.end() ? nullptr : found;
}

/// A bound that is not there is nothing.
struct Range {
  std::optional<std::string> low;
  std::optional<std::string> high;
  bool with_low = true;
  bool with_high = false;
  bool empty = false;
};

Range empty_range() {
  Range range;
  range.empty = true;
  return range;
}

/// What a range says of its bounds.
struct Written {
  std::string_view low;  ///< empty: none
  std::string_view high;
  bool with_low = false;
  bool with_high = false;
};

std::string_view unquoted(std::string_view bound) {
  return bound.size() >= 2 && bound.front() == '"' ? bound.substr(1, bound.size() - 2) : bound;
}

std::optional<Written> bounds_of(std::string_view text) {
  const std::size_t comma = text.find(',');
  if (text.size() < 3 || comma == std::string_view::npos ||
      text.find(',', comma + 1) != std::string_view::npos)
    return std::nullopt;
  if ((text.front() != '[' && text.front() != '(') || (text.back() != ']' && text.back() != ')'))
    return std::nullopt;
  return Written{unquoted(text.substr(1, comma - 1)),
                 unquoted(text.substr(comma + 1, text.size() - comma - 2)), text.front() == '[',
                 text.back() == ']'};
}

/// The next whole number, or day.
std::optional<std::string> following(const std::string& bound, TypeClass element) {
  if (element == TypeClass::date) {
    const ReadTime read = read_timestamp(bound, true);
    return read.micros ? std::optional(print_date(*read.micros + kMicrosOfDay)) : std::nullopt;
  }
  const auto number = Decimal::parse(bound);
  const auto next = number ? add(*number, Decimal::of(1)) : std::nullopt;
  return next ? std::optional(next->print()) : std::nullopt;
}

/// Order of two bounds: numbers by value, times in ISO form by their text; nothing when neither.
std::optional<int> order(std::string_view left, std::string_view right) {
  const auto one = Decimal::parse(left);
  const auto two = Decimal::parse(right);
  if (one && two) return compare(*one, *two);
  const auto is_time = [](std::string_view text) {
    return text.size() >= 10 && text[4] == '-' && text[7] == '-';
  };
  if (!is_time(left) || !is_time(right)) return std::nullopt;
  return left < right ? -1 : (left == right ? 0 : 1);
}

/// The one form of a range: 22000 when its bounds are the wrong way round; nothing when that cannot
/// be told.
std::optional<Checked<Range>> canonical(Range range, const RangeType& type) {
  if (range.empty) return range;
  if (range.low && range.high) {
    const auto placed = order(*range.low, *range.high);
    if (!placed) return std::nullopt;
    if (*placed > 0) {
      return tl::unexpected(
          refuse("22000", "range lower bound must be less than or equal to range upper bound"));
    }
    if (*placed == 0 && !(range.with_low && range.with_high)) return empty_range();
  }
  if (!range.low) range.with_low = false;
  if (!range.high) range.with_high = false;
  if (!type.discrete) return range;
  if (range.low && !range.with_low) {
    range.low = following(*range.low, type.element);
    range.with_low = true;
    if (!range.low) return std::nullopt;
  }
  if (range.high && range.with_high) {
    range.high = following(*range.high, type.element);
    range.with_high = false;
    if (!range.high) return std::nullopt;
  }
  if (range.low && range.high && order(*range.low, *range.high) == 0) return empty_range();
  return range;
}

std::string print(const Range& range) {
  if (range.empty) return "empty";
  const auto bound = [](const std::optional<std::string>& text) {
    if (!text) return std::string();
    const bool plain = text->find_first_of(" ,()[]\"\\") == std::string::npos && !text->empty();
    return plain ? *text : fmt::format("\"{}\"", *text);
  };
  return fmt::format("{}{},{}{}", range.with_low ? '[' : '(', bound(range.low), bound(range.high),
                     range.with_high ? ']' : ')');
}

std::optional<Range> read(std::string_view text, const RangeType& type) {
  text = trim(text);
  if (to_lower(text) == "empty") return empty_range();
  const auto written = bounds_of(text);
  if (!written || text.find('\\') != std::string_view::npos) return std::nullopt;
  bool good = true;
  const auto bound = [&](std::string_view part) -> std::optional<std::string> {
    if (part.empty()) return std::nullopt;
    const auto value = read_text(part, plain(type.element));
    good =
        good && value && value->is_known() && value->text().find("infinity") == std::string::npos;
    return good ? std::optional(value->text()) : std::nullopt;
  };
  Range range;
  range.low = bound(written->low);
  range.high = bound(written->high);
  range.with_low = written->with_low;
  range.with_high = written->with_high;
  return good ? std::optional(std::move(range)) : std::nullopt;
}

ValueType type_of(const RangeType& type) {
  ValueType range = plain(TypeClass::other);
  range.name = type.name;
  return range;
}

/// A constructor is not strict: NULL is no bound. Its result is never NULL.
Checked<Typed> constructed(const RangeType& type, std::span<const Typed> arguments) {
  const ValueType range_type = type_of(type);
  const auto not_computed = [&] {
    Typed result = derived(type.name, arguments, range_type);
    result.value = Value::symbol(Symbol::present, result.value.identity());
    return result;
  };
  if (any_symbol(arguments)) return not_computed();
  Range range;
  if (arguments.size() == 3) {
    if (arguments[2].value.is_null())
      return tl::unexpected(refuse("22000", "range constructor flags argument must not be null"));
    const std::string& flags = arguments[2].value.text();
    if (flags != "[]" && flags != "[)" && flags != "(]" && flags != "()")
      return tl::unexpected(refuse("42601", "invalid range bound flags"));
    range.with_low = flags[0] == '[';
    range.with_high = flags[1] == ']';
  }
  for (const bool low : {true, false}) {
    const Typed& given = arguments[low ? 0 : 1];
    if (given.value.is_null()) continue;
    const auto value = given.type.family == TypeClass::unknown_literal
                           ? read_text(given.value.text(), plain(type.element))
                           : convert(given, plain(type.element), false);
    if (!value) return tl::unexpected(value.error());
    if (!value->is_known() || value->text().find("infinity") != std::string::npos)
      return not_computed();
    (low ? range.low : range.high) = value->text();
  }
  auto made = canonical(std::move(range), type);
  if (!made) return not_computed();
  return made->map([&](const Range& good) { return Typed{Value::known(print(good)), range_type}; });
}

/// lower(), upper() and isempty().
Checked<Typed> asked(std::string_view name, const RangeType& type, const Typed& argument) {
  const ValueType result = plain(name == "isempty" ? TypeClass::boolean : type.element);
  if (argument.value.is_null()) return Typed{Value(), result};
  const auto range = argument.value.is_known() ? read(argument.value.text(), type) : std::nullopt;
  const auto good = range ? canonical(*range, type) : std::nullopt;
  if (!good || !*good) return derived(name, {&argument, 1}, result);
  if (name == "isempty") return Typed{Value::boolean((*good)->empty), result};
  const auto& bound = name == "lower" ? (*good)->low : (*good)->high;
  return Typed{bound && !(*good)->empty ? Value::known(*bound) : Value(), result};
}

}  // namespace

std::optional<std::string> canonical_range(std::string_view text, std::string_view type) {
  const RangeType* known = range_type(type);
  const auto range = known == nullptr ? std::nullopt : read(text, *known);
  const auto good = range ? canonical(*range, *known) : std::nullopt;
  return good && *good ? std::optional(print(**good)) : std::nullopt;
}

std::optional<Checked<Typed>> range_function(std::string_view name,
                                             std::span<const Typed> arguments) {
  const RangeType* type = range_type(name);
  if (type != nullptr && (arguments.size() == 2 || arguments.size() == 3))
    return constructed(*type, arguments);
  const bool asks = name == "lower" || name == "upper" || name == "isempty";
  if (!asks || arguments.size() != 1 || arguments[0].type.is_array() ||
      arguments[0].type.family != TypeClass::other)
    return std::nullopt;
  const RangeType* of = range_type(arguments[0].type.name);
  return of == nullptr ? std::nullopt : std::optional(asked(name, *of, arguments[0]));
}

Truth ranges_overlap(std::string_view left, std::string_view right) {
  const auto one = bounds_of(left);
  const auto two = bounds_of(right);
  if (!one || !two) return Truth::unknown;
  const auto begins_in_time = [](const Written& first, const Written& second) -> Truth {
    if (first.low.empty() || second.high.empty()) return Truth::yes;
    const auto placed = order(first.low, second.high);
    if (!placed) return Truth::unknown;
    return *placed < 0 || (*placed == 0 && first.with_low && second.with_high) ? Truth::yes
                                                                               : Truth::no;
  };
  const Truth before = begins_in_time(*one, *two);
  const Truth after = begins_in_time(*two, *one);
  if (before == Truth::no || after == Truth::no) return Truth::no;
  return before == Truth::yes && after == Truth::yes ? Truth::yes : Truth::unknown;
}

}  // namespace backout::postgres
