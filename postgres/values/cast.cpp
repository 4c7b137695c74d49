// pg_cast says which types turn into which by themselves, when stored, or on request; all others go
// through their texts, which the input function of the type reads (parse_coerce.c; manual, CREATE
// CAST).
// Left out: not known are bytea in escape format, arrays that say their bounds, special words of
// times, numbers of more than 36 digits. Of inet only the characters are looked at, types without a
// reader here take every text, bit(n) any length.
#include "postgres/values/cast.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "postgres/read/text.hpp"
#include "postgres/values/datetime.hpp"
#include "postgres/values/decimal.hpp"
#include "postgres/values/elements.hpp"
#include "postgres/values/json_text.hpp"
#include "postgres/values/number_text.hpp"
#include "postgres/values/ranges.hpp"

namespace backout::postgres {
namespace {

using enum TypeClass;

Stop malformed(std::string_view text, const ValueType& type, std::string_view sqlstate = "22P02") {
  ValueType bare = type;
  bare.length = -1;
  return refuse(sqlstate,
                fmt::format("invalid input syntax for type {}: \"{}\"", describe(bare), text));
}

Checked<Value> read_boolean(std::string_view text, const ValueType& type) {
  const std::string word = to_lower(trim(text));
  const auto begins = [&](std::string_view whole, std::size_t least) {
    return word.size() >= least && whole.substr(0, word.size()) == word;
  };
  if (begins("true", 1) || begins("yes", 1) || word == "on" || word == "1")
    return Value::boolean(true);
  if (begins("false", 1) || begins("no", 1) || begins("off", 2) || word == "0")
    return Value::boolean(false);
  return tl::unexpected(malformed(text, type));
}

Checked<Value> read_numeric(std::string_view text, const ValueType& type) {
  if (const auto number = Decimal::parse(text)) return Value::known(number->print());
  const std::string word = to_lower(trim(text));
  if (word == "nan") return Value::known("NaN");
  if (word == "infinity" || word == "+infinity" || word == "inf" || word == "+inf")
    return Value::known("Infinity");
  if (word == "-infinity" || word == "-inf") return Value::known("-Infinity");
  if (!word.empty() && word.find_first_not_of("0123456789.+-e") == std::string::npos) {
    return tl::unexpected(not_known(fmt::format("the number {}", text)));
  }
  return tl::unexpected(malformed(text, type));
}

Checked<Value> read_uuid(std::string_view text, const ValueType& type) {
  std::string digits;
  for (const char c : trim(text)) {
    if (c == '-' || c == '{' || c == '}') continue;
    if (std::string_view("0123456789abcdefABCDEF").find(c) == std::string_view::npos) {
      return tl::unexpected(malformed(text, type));
    }
    digits += c;
  }
  if (digits.size() != 32) return tl::unexpected(malformed(text, type));
  digits = to_lower(digits);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) digits.insert(at, "-");
  return Value::known(digits);
}

Checked<Value> read_time(std::string_view text, const ValueType& type) {
  const std::string word = to_lower(trim(text));
  if (word == "now" || word == "now()") return Value::symbol(Symbol::clock, 0);
  if (word == "infinity" || word == "-infinity") return Value::known(word);
  const bool clock_only = type.family == TypeClass::time;
  const ReadTime read =
      clock_only ? read_time_of_day(text) : read_timestamp(text, type.family == timestamptz);
  if (!read.micros) {
    if (read.mistake == TimeMistake::not_modelled) {
      return tl::unexpected(not_known(fmt::format("the time '{}'", text)));
    }
    if (read.mistake == TimeMistake::malformed)
      return tl::unexpected(malformed(text, type, "22007"));
    return tl::unexpected(
        refuse("22008", fmt::format("date/time field value out of range: \"{}\"", text)));
  }
  if (clock_only) return Value::known(print_time_of_day(*read.micros));
  if (type.family == TypeClass::date) return Value::known(print_date(*read.micros));
  return Value::known(print_timestamp(*read.micros, type.family == timestamptz));
}

/// The array with what `change` makes of each element (`elements` as split_array() gives those of
/// `text`), of those of nested arrays, too.
template <class Change>
Checked<Value> with_elements(std::string_view text, std::optional<Elements> elements,
                             const ValueType& type, const Change& change, int depth = 1) {
  constexpr int kMostDimensions = 6;  // MAXDIM of c.h
  if (!elements || depth > kMostDimensions) return tl::unexpected(not_known("an array literal"));
  const bool nested = holds_arrays(text);
  for (auto& element : *elements) {
    if (!element && nested)
      return tl::unexpected(refuse("22P02", fmt::format("malformed array literal: \"{}\"", text)));
    if (!element) continue;
    const Checked<Value> changed =
        nested ? with_elements(*element, split_array(*element), type, change, depth + 1)
               : change(*element);
    if (!changed) return changed;
    if (!changed->is_known())
      return tl::unexpected(not_known("an array with a value that is not known"));
    element = changed->text();
  }
  return Value::known(join_array(*elements, nested));
}

Checked<Value> read_array(std::string_view text, const ValueType& type) {
  if (trim(text).starts_with('['))
    return tl::unexpected(not_known("an array that says its bounds"));
  auto elements = split_array(text);
  if (!elements)
    return tl::unexpected(refuse("22P02", fmt::format("malformed array literal: \"{}\"", text)));
  ValueType element_type = type;
  element_type.dimensions = 0;
  return with_elements(text, std::move(elements), type,
                       [&](const std::string& element) -> Checked<Value> {
                         const auto value = read_text(element, element_type);
                         return value && value->is_known()
                                    ? Checked<Value>(Value::known(written({*value, element_type})))
                                    : value;
                       });
}

Checked<Value> read_bytea(std::string_view text) {
  if (text.substr(0, 2) == "\\x") {
    std::string digits;
    for (const char c : text.substr(2)) {
      if (c == ' ' || c == '\n' || c == '\t') continue;
      if (std::string_view("0123456789abcdefABCDEF").find(c) == std::string_view::npos) {
        return tl::unexpected(refuse("22023", fmt::format("invalid hexadecimal digit: \"{}\"", c)));
      }
      digits += c;
    }
    if (digits.size() % 2 != 0)
      return tl::unexpected(refuse("22023", "invalid hexadecimal data: odd number of digits"));
    return Value::known("\\x" + to_lower(digits));
  }
  if (text.find('\\') != std::string_view::npos)
    return tl::unexpected(not_known("bytea in escape format"));
  std::string digits = "\\x";
  for (const char c : text) digits += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return Value::known(digits);
}

/// inet prints the mask of a single address not, but a cast to text does (network.c).
std::string without_full_mask(std::string_view text) {
  const std::string_view full = text.find(':') == std::string_view::npos ? "/32" : "/128";
  return std::string(text.ends_with(full) ? text.substr(0, text.size() - full.size()) : text);
}

std::string with_mask(const std::string& text) {
  if (text.find('/') != std::string::npos) return text;
  return text + (text.find(':') == std::string::npos ? "/32" : "/128");
}

/// As cash_out() prints it where lc_monetary is C.
Checked<Value> print_money(const Decimal& amount) {
  const auto rounded = amount.rescaled(2);
  constexpr int kMostDigits = 16;
  if (!rounded || rounded->integer_digits() > kMostDigits)
    return tl::unexpected(refuse("22003", "value is out of range for type money"));
  std::string digits = (rounded->is_negative() ? rounded->negated() : *rounded).print();
  for (std::size_t at = digits.find('.'); at > 3; at -= 3) digits.insert(at - 3, ",");
  return Value::known((rounded->is_negative() ? "-$" : "$") + digits);
}

std::optional<Decimal> amount_of(std::string_view money) {
  std::string digits;
  for (const char c : money) {
    if (c != '$' && c != ',') digits += c;
  }
  return Decimal::parse(digits);
}

Checked<Value> read_money(std::string_view text) {
  const auto amount = amount_of(trim(text));
  if (!amount) return tl::unexpected(not_known(fmt::format("the amount '{}'", text)));
  return print_money(*amount);
}

Checked<Value> read_scalar(std::string_view text, const ValueType& type) {
  switch (type.family) {
    case boolean:
      return read_boolean(text, type);
    case int2:
    case int4:
    case int8:
      return read_integer(text, type.family).map([](std::int64_t number) {
        return Value::known(number);
      });
    case float4:
    case float8:
      return read_float(text, type.family).map([&](double n) {
        return Value::known(print_float(n, type.family));
      });
    case numeric:
      return read_numeric(text, type);
    case uuid:
      return read_uuid(text, type);
    case date:
    case TypeClass::time:
    case timestamp:
    case timestamptz:
      return read_time(text, type);
    case interval: {
      const auto read = read_interval(text);
      if (read) return Value::known(print_interval(*read));
      return tl::unexpected(not_known(fmt::format("the interval '{}'", text)));
    }
    case json:
      if (!is_json(text))
        return tl::unexpected(refuse("22P02", "invalid input syntax for type json"));
      return Value::known(std::string(text));
    case jsonb: {
      auto canonical = canonical_json(text);
      if (!canonical) return tl::unexpected(refuse("22P02", "invalid input syntax for type json"));
      return Value::known(std::move(*canonical));
    }
    case bytea:
      return read_bytea(text);
    case inet:
      if (text.empty() ||
          text.find_first_not_of("0123456789abcdefABCDEF:./") != std::string_view::npos)
        return tl::unexpected(malformed(text, type));
      return Value::known(type.name == "cidr" ? std::string(text) : without_full_mask(text));
    case money:
      return read_money(text);
    case oid: {
      const auto number = read_integer(text, int8);
      if (!number) return tl::unexpected(malformed(text, type));
      return Value::known(*number);
    }
    default:
      return Value::known(canonical_range(text, type.name).value_or(std::string(text)));
  }
}

Checked<Value> fit_characters(const Value& value, const ValueType& type, bool requested) {
  const auto most = static_cast<std::size_t>(type.length);
  const std::string& text = value.text();
  if (count_characters(text) <= most) return value;
  const std::string_view kept = first_characters(text, most);
  const bool blanks = text.find_first_not_of(' ', kept.size()) == std::string::npos;
  if (!requested && !blanks) {
    return tl::unexpected(
        refuse("22001", fmt::format("value too long for type {}", describe(type))));
  }
  return Value::known(std::string(kept));
}

/// Without the blanks at its end, which count for nothing in a value of char(n).
Checked<Value> without_padding(const Value& value) {
  const std::string& text = value.text();
  return Value::known(text.substr(0, text.find_last_not_of(' ') + 1));
}

/// Parts of a second beyond the type's precision are rounded. Source: AdjustTimestampForTypmod() in
/// timestamp.c.
Checked<Value> fit_time(const Value& value, const ValueType& type) {
  const std::string& text = value.text();
  const std::size_t point = text.find('.');
  const std::size_t end =
      point == std::string::npos ? point : text.find_first_not_of("0123456789", point + 1);
  const std::size_t digits =
      point == std::string::npos ? 0 : std::min(end, text.size()) - point - 1;
  if (type.length > 5 || digits <= static_cast<std::size_t>(type.length)) return value;
  const bool clock_only = type.family == TypeClass::time || type.family == TypeClass::timetz;
  const ReadTime read =
      clock_only ? read_time_of_day(text) : read_timestamp(text, type.family == timestamptz);
  if (!read.micros || type.family == TypeClass::timetz)
    return tl::unexpected(not_known("a time of less precision"));
  Micros unit = 1;
  for (int digit = type.length; digit < 6; ++digit) unit *= 10;
  const Micros half = *read.micros < 0 ? -unit / 2 : unit / 2;
  const Micros rounded = (*read.micros + half) / unit * unit;
  return Value::known(clock_only ? print_time_of_day(rounded)
                                 : print_timestamp(rounded, type.family == timestamptz));
}

Checked<Value> fit_numeric(const Value& value, const ValueType& type) {
  if (value.text() == "NaN") return value;
  if (value.text().ends_with("Infinity"))
    return tl::unexpected(refuse("22003", "numeric field overflow"));
  const auto number = Decimal::parse(value.text());
  const auto rounded = number ? number->rescaled(std::max(type.scale, 0)) : std::nullopt;
  if (!rounded || type.scale < 0)
    return tl::unexpected(not_known("a number with very many digits"));
  if (rounded->integer_digits() > type.length - type.scale) {
    return tl::unexpected(refuse("22003", "numeric field overflow"));
  }
  return Value::known(rounded->print());
}

Checked<Value> number_to_number(const Typed& from, const ValueType& to) {
  const std::string& text = from.value.text();
  const auto overflow = [&] {
    ValueType bare = to;
    bare.length = -1;
    return tl::unexpected(refuse("22003", fmt::format("{} out of range", describe(bare))));
  };
  if (to.family == float4 || to.family == float8) {
    return read_float(text, to.family).map([&](double number) {
      return Value::known(print_float(number, to.family));
    });
  }
  const bool from_float = from.type.family == float4 || from.type.family == float8;
  // As many digits as the type is sure of. Source: float4_numeric() and float8_numeric() in
  // numeric.c.
  const auto shown = [&] {
    return fmt::format("{:.{}g}", std::strtod(text.c_str(), nullptr),
                       from.type.family == float4 ? 6 : 15);
  };
  const auto number =
      Decimal::parse(from_float && to.family == numeric && Decimal::parse(text) ? shown() : text);
  if (!number) {
    if (to.family == numeric && (text == "NaN" || text.ends_with("Infinity"))) return from.value;
    if (is_integer(to.family)) return overflow();
    return tl::unexpected(not_known(fmt::format("the number {}", text)));
  }
  if (to.family == numeric) return Value::known(number->print());
  // A float is rounded to even, a numeric away from zero; the difference shows only at exact
  // halves.
  auto whole = number->to_integer();
  if (from_float) {
    const double rounded = std::nearbyint(number->to_double());
    whole = std::abs(rounded) < 9.2e18 ? std::optional(static_cast<std::int64_t>(rounded))
                                       : std::nullopt;
  }
  if (!whole || !in_range(*whole, to.family)) return overflow();
  return Value::known(*whole);
}

Checked<Value> time_to_time(const Typed& from, const ValueType& to) {
  const std::string& text = from.value.text();
  if (text.find("infinity") != std::string::npos) return from.value;
  const ReadTime read = read_timestamp(text, true);
  if (!read.micros) return tl::unexpected(not_known(fmt::format("the time '{}'", text)));
  if (to.family == TypeClass::date) return Value::known(print_date(*read.micros));
  if (to.family == TypeClass::time) {
    const Micros day = micros_of(civil_of(*read.micros));
    return Value::known(print_time_of_day(*read.micros - day));
  }
  return Value::known(print_timestamp(*read.micros, to.family == timestamptz));
}

Checked<Value> convert_known(const Typed& from, const ValueType& to) {
  const TypeClass source = from.type.family;
  const std::string& text = from.value.text();
  if (is_number(source) && is_number(to.family)) return number_to_number(from, to);
  if (source == TypeClass::bit && is_integer(to.family)) {
    const std::size_t width = to.family == int8 ? 64 : 32;
    if (text.size() > width)
      return tl::unexpected(refuse("22003", fmt::format("{} out of range", describe(to))));
    std::uint64_t number = 0;
    for (const char bit : text) number = number * 2 + (bit == '1' ? 1 : 0);
    const bool negative = text.size() == width && text.front() == '1';
    return Value::known(negative && width == 32
                            ? static_cast<std::int64_t>(number) - (std::int64_t{1} << 32)
                            : static_cast<std::int64_t>(number));
  }
  if (is_integer(source) && to.family == TypeClass::bit)
    return Value::symbol(Symbol::present, std::hash<std::string>()(text));
  if (is_time(source) && (is_time(to.family) || to.family == TypeClass::time))
    return time_to_time(from, to);
  if (source == boolean && is_integer(to.family))
    return Value::known(std::int64_t{text == "true" ? 1 : 0});
  if (is_integer(source) && to.family == boolean) return Value::boolean(text != "0");
  if (source == jsonb && (is_number(to.family) || to.family == boolean)) {
    const std::string_view wanted = to.family == boolean ? "boolean" : "number";
    if (json_kind(text) != wanted) {
      return tl::unexpected(refuse(
          "22023", fmt::format("cannot cast jsonb {} to type {}", json_kind(text), describe(to))));
    }
    return to.family == boolean ? read_text(text, to)
                                : number_to_number({from.value, plain(numeric)}, to);
  }
  if (source == inet && is_string(to.family)) return Value::known(with_mask(text));
  if (is_number(source) && to.family == money) return read_money(text);
  if (source == money && to.family == numeric) {
    const auto amount = amount_of(text);
    return amount ? Checked<Value>(Value::known(amount->print()))
                  : tl::unexpected(not_known(fmt::format("the amount {}", text)));
  }
  return read_text(text, to);
}

struct Cast {
  TypeClass from;
  TypeClass to;
  CastRule rule;
};

using enum CastRule;

/// pg_cast of PostgreSQL 15 for the families that are modelled, conversions among integers, numbers
/// and strings aside.
constexpr auto kCasts = std::to_array<Cast>({
    {boolean, int4, on_request},
    {int4, boolean, on_request},
    {date, timestamp, implicit},
    {date, timestamptz, implicit},
    {timestamp, date, assignment},
    {timestamptz, date, assignment},
    {timestamp, timestamptz, implicit},
    {timestamptz, timestamp, assignment},
    {timestamp, TypeClass::time, assignment},
    {timestamptz, TypeClass::time, assignment},
    {timestamptz, timetz, assignment},
    {TypeClass::time, interval, implicit},
    {interval, TypeClass::time, assignment},
    {TypeClass::time, timetz, implicit},
    {timetz, TypeClass::time, assignment},
    {json, jsonb, assignment},
    {jsonb, json, assignment},
    {jsonb, boolean, on_request},
    {jsonb, int2, on_request},
    {jsonb, int4, on_request},
    {jsonb, int8, on_request},
    {jsonb, numeric, on_request},
    {jsonb, float4, on_request},
    {jsonb, float8, on_request},
    {int2, oid, implicit},
    {int4, oid, implicit},
    {int8, oid, implicit},
    {oid, int4, assignment},
    {oid, int8, assignment},
    {numeric, money, assignment},
    {money, numeric, assignment},
    {int4, money, assignment},
    {int8, money, assignment},
    {int4, TypeClass::bit, on_request},
    {int8, TypeClass::bit, on_request},
    {TypeClass::bit, int4, on_request},
    {TypeClass::bit, int8, on_request},
});

CastRule number_rule(TypeClass from, TypeClass to) {
  constexpr auto kOrder = std::to_array<TypeClass>({int2, int4, int8, numeric, float4, float8});
  const auto rank = [&](TypeClass family) {
    return std::find(kOrder.begin(), kOrder.end(), family) - kOrder.begin();
  };
  return rank(from) <= rank(to) ? implicit : assignment;
}

}  // namespace

CastRule cast_rule(const ValueType& from, const ValueType& to) {
  if (from.family == unknown_literal || from.family == unknown || to.family == unknown)
    return implicit;
  if (from.is_array() != to.is_array()) {
    return is_string(from.family) && !from.is_array()
               ? on_request
               : (is_string(to.family) && !to.is_array() ? assignment : none);
  }
  if (from.family == to.family && from.user == to.user && from.name == to.name) return implicit;
  if (is_number(from.family) && is_number(to.family)) return number_rule(from.family, to.family);
  if (is_string(from.family) && is_string(to.family)) return implicit;
  const auto* found = std::find_if(kCasts.begin(), kCasts.end(), [&](const Cast& cast) {
    return cast.from == from.family && cast.to == to.family;
  });
  if (found != kCasts.end()) return found->rule;
  // Conversions through text need no entry: to a string when storing, from a string on request.
  if (is_string(to.family)) return assignment;
  if (is_string(from.family)) return on_request;
  return from.family == other && to.family == other ? on_request : none;
}

namespace {

/// bit_in(): digits, or "x" and hexadecimal ones; 22P02.
Checked<Value> read_bits(std::string_view text) {
  const bool hexadecimal = text.starts_with('x') || text.starts_with('X');
  if (hexadecimal || text.starts_with('b') || text.starts_with('B')) text.remove_prefix(1);
  std::string bits;
  for (const char digit : text) {
    const int value =
        digit >= '0' && digit <= '9'
            ? digit - '0'
            : ((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f' ? (digit | 0x20) - 'a' + 10 : 16);
    if (value > (hexadecimal ? 15 : 1)) {
      return tl::unexpected(refuse("22P02", fmt::format("\"{}\" is not a valid {} digit", digit,
                                                        hexadecimal ? "hexadecimal" : "binary")));
    }
    for (int bit = hexadecimal ? 8 : 1; bit > 0; bit /= 2) bits += (value & bit) != 0 ? '1' : '0';
  }
  return Value::known(std::move(bits));
}

}  // namespace

Checked<Value> read_text(std::string_view text, const ValueType& type) {
  if (type.family == TypeClass::bit && !type.is_array()) return read_bits(text);
  return type.is_array() ? read_array(text, type) : read_scalar(text, type);
}

namespace {

Checked<Value> fit_array(const Value& value, const ValueType& type, bool requested) {
  ValueType element_type = type;
  element_type.dimensions = 0;
  return with_elements(value.text(), split_array(value.text()), type,
                       [&](const std::string& element) -> Checked<Value> {
                         const auto fitted =
                             fit(element_of(type, element).value, element_type, requested);
                         return fitted && fitted->is_known()
                                    ? Checked<Value>(Value::known(written({*fitted, element_type})))
                                    : fitted;
                       });
}

}  // namespace

Checked<Value> fit(const Value& value, const ValueType& type, bool requested) {
  if (!value.is_known()) return value;
  if (type.length >= 0 && type.is_array()) return fit_array(value, type, requested);
  if (type.family == bpchar && !type.is_array()) {
    const auto fitted =
        type.length < 0 ? Checked<Value>(value) : fit_characters(value, type, requested);
    return fitted ? without_padding(*fitted) : fitted;
  }
  if (type.length < 0) return value;
  if (is_time(type.family) || type.family == TypeClass::time || type.family == TypeClass::timetz)
    return fit_time(value, type);
  if (type.family == varchar) return fit_characters(value, type, requested);
  if (type.family == numeric) return fit_numeric(value, type);
  return value;
}

Checked<Value> convert(const Typed& from, const ValueType& to, bool requested) {
  if (!from.value.is_known()) return from.value;
  if (from.type.family == to.family && from.type.dimensions == to.dimensions)
    return fit(from.value, to, requested);
  if (to.is_array() && from.type.is_array()) {
    ValueType source = from.type;
    ValueType target = to;
    source.dimensions = target.dimensions = 0;
    return with_elements(from.value.text(), split_array(from.value.text()), from.type,
                         [&](const std::string& element) -> Checked<Value> {
                           const auto value =
                               convert(element_of(source, element), target, requested);
                           return value && value->is_known()
                                      ? Checked<Value>(Value::known(written({*value, target})))
                                      : value;
                         });
  }
  const auto value = from.type.is_array() || to.is_array() ? read_text(from.value.text(), to)
                                                           : convert_known(from, to);
  return value ? fit(*value, to, requested) : value;
}

}  // namespace backout::postgres
