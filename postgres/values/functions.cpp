// What PostgreSQL's built-in functions give (manual, "Functions and Operators"): most are strict,
// NULL for a NULL argument; now() and its like stand for the start of the transaction, random ones
// give something new each time.
// Left out: functions in the list of those that are not computed give a value that hangs on their
// arguments alone; so do rounding of floats, powers and roots, arrays by other dimensions than the
// first, and what changes a JSON document. All clocks are one, clock_timestamp() too. Names that
// are not here are answered by signatures alone.
#include "postgres/values/functions.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/signatures.hpp"
#include "postgres/read/text.hpp"
#include "postgres/values/cast.hpp"
#include "postgres/values/decimal.hpp"
#include "postgres/values/elements.hpp"
#include "postgres/values/functions_format.hpp"
#include "postgres/values/functions_text.hpp"
#include "postgres/values/functions_time.hpp"
#include "postgres/values/json_operators.hpp"
#include "postgres/values/json_text.hpp"
#include "postgres/values/number_text.hpp"
#include "postgres/values/operators.hpp"
#include "postgres/values/ranges.hpp"

namespace backout::postgres {
namespace {

using enum TypeClass;
using Arguments = std::span<const Typed>;

/// A function whose result is a symbol: what kind, and of which type.
struct Symbolic {
  std::string_view name;
  Symbol kind;
  TypeClass type;
};

constexpr auto kSymbolic = std::to_array<Symbolic>({
    {"now", Symbol::clock, timestamptz},
    {"transaction_timestamp", Symbol::clock, timestamptz},
    {"statement_timestamp", Symbol::clock, timestamptz},
    {"clock_timestamp", Symbol::clock, timestamptz},
    {"timeofday", Symbol::present, text},
    {"gen_random_uuid", Symbol::fresh, uuid},
    {"uuid_generate_v1", Symbol::fresh, uuid},
    {"uuid_generate_v1mc", Symbol::fresh, uuid},
    {"uuid_generate_v4", Symbol::fresh, uuid},
    {"gen_random_bytes", Symbol::fresh, bytea},
    {"random", Symbol::fresh, float8},
    {"txid_current", Symbol::fresh, int8},
    {"current_database", Symbol::present, name},
    {"version", Symbol::present, text},
    {"pg_backend_pid", Symbol::present, int4},
    {"pg_advisory_lock", Symbol::opaque, unknown},
    {"pg_advisory_xact_lock", Symbol::opaque, unknown},
    {"pg_advisory_unlock", Symbol::present, boolean},
    {"pg_sleep", Symbol::opaque, unknown},
    {"pg_notify", Symbol::opaque, unknown},
});

/// A strict function that is not computed: its result is a symbol of its arguments.
struct Uncomputed {
  std::string_view name;
  TypeClass type;
};

constexpr auto kUncomputed = std::to_array<Uncomputed>({
    {"age", interval},        {"crypt", text},
    {"decode", bytea},        {"digest", bytea},
    {"encode", text},         {"format_type", text},
    {"gen_salt", text},       {"hashtext", int4},
    {"hmac", bytea},          {"make_date", date},
    {"pg_column_size", int4}, {"row_to_json", json},
    {"sha256", bytea},        {"similarity", float4},
    {"timezone", unknown},    {"to_char", text},
    {"to_date", date},        {"to_hex", text},
    {"to_number", numeric},   {"to_timestamp", timestamptz},
    {"to_tsquery", unknown},  {"to_tsvector", unknown},
    {"setweight", unknown},   {"strip", unknown},
    {"unaccent", text},       {"jsonb_pretty", text},
    {"pg_typeof", unknown},   {"plainto_tsquery", unknown},
    {"width_bucket", int4},   {"xmlparse", unknown},
    {"point", unknown},
});

std::int64_t count_nulls(Arguments arguments, bool null) {
  return std::count_if(arguments.begin(), arguments.end(),
                       [&](const Typed& a) { return a.value.is_null() == null; });
}

bool all_known(Arguments arguments) {
  return std::all_of(arguments.begin(), arguments.end(),
                     [](const Typed& a) { return a.value.is_known(); });
}

bool any_null(Arguments arguments) {
  return std::any_of(arguments.begin(), arguments.end(),
                     [](const Typed& a) { return a.value.is_null(); });
}

/// Digits behind the `places`-th one behind the point, or before it, are left out. Nothing where
/// that needs too many digits.
std::optional<Decimal> truncated(const Decimal& number, int places) {
  if (number.scale() <= places) return number.rescaled(places);
  const auto unit = Decimal::parse(fmt::format("1e{}", -places));
  const auto cut = unit ? remainder(number, *unit) : std::nullopt;
  const auto kept = cut ? add(number, cut->negated()) : std::nullopt;
  return kept ? kept->rescaled(std::max(places, 0)) : std::nullopt;
}

/// abs, round, floor, ceil, trunc, sign, mod, power, sqrt of known numbers.
std::optional<Checked<Typed>> on_numbers(std::string_view name, Arguments arguments) {
  constexpr auto kNames =
      std::to_array<std::string_view>({"abs", "round", "floor", "ceil", "ceiling", "trunc", "sign",
                                       "mod", "power", "pow", "sqrt", "div"});
  if (std::find(kNames.begin(), kNames.end(), name) == kNames.end() || arguments.empty())
    return std::nullopt;
  ValueType type = arguments[0].type;
  if (type.family == unknown_literal) type = plain(float8);
  type.length = -1;
  const bool of_floats = name == "power" || name == "pow" || name == "sqrt";
  if (of_floats && is_integer(type.family)) type = plain(float8);
  if (type.family == unknown) return strictly_derived(name, arguments, type);
  if (!is_number(type.family)) {
    return tl::unexpected(
        refuse("42883", fmt::format("function {}({}) does not exist", name, describe(type))));
  }
  if (any_null(arguments)) return Typed{Value(), type};
  const auto number =
      all_known(arguments) ? Decimal::parse(arguments[0].value.text()) : std::nullopt;
  std::optional<Decimal> result;
  if (number) {
    if (name == "abs") result = number->is_negative() ? number->negated() : *number;
    if (name == "round" && type.family != float8) {
      const int places = arguments.size() > 1 ? std::atoi(arguments[1].value.text().c_str()) : 0;
      if (places >= 0) result = number->rescaled(places);
    }
    if (name == "floor" || name == "ceil" || name == "ceiling") {
      const double value = number->to_double();
      const double whole = name == "floor" ? std::floor(value) : std::ceil(value);
      if (std::abs(whole) < 1e15 && arguments.size() == 1)
        result = Decimal::of(static_cast<std::int64_t>(whole));
    }
    const bool floats = type.family == float4 || type.family == float8;
    if (name == "trunc" && (arguments.size() == 1 || !floats)) {
      constexpr int kMostPlaces = 1000;
      const int places = arguments.size() == 1 ? 0 : std::atoi(arguments[1].value.text().c_str());
      result = truncated(*number, std::clamp(places, -kMostPlaces, kMostPlaces));
    }
    // Floats know a zero below zero, and are written with an exponent from here on.
    constexpr double kExponent = 1e15;
    const bool otherwise = floats && ((result && number->is_negative() && result->is_zero()) ||
                                      std::abs(number->to_double()) >= kExponent);
    if (otherwise) result.reset();
    if (name == "mod" && arguments.size() == 2) {
      const auto divisor = Decimal::parse(arguments[1].value.text());
      if (divisor && divisor->is_zero()) return tl::unexpected(refuse("22012", "division by zero"));
      if (divisor) result = remainder(*number, *divisor);
    }
  }
  if (!result) return strictly_derived(name, arguments, type);
  if (is_integer(type.family) && (name == "round" || name == "floor" || name.starts_with("ceil")))
    type = plain(float8);
  return Typed{Value::known(result->print()), type};
}

/// Whether the texts of elements tell which of them array_position(), array_remove() and
/// array_replace() mean.
bool texts_tell(std::string_view name, Arguments arguments) {
  const ValueType& type = arguments[0].type;
  if (name == "array_position" && arguments.size() > 2) return false;  // where to begin
  if (!type.is_array() || !text_decides(type.family) || type.family == bpchar) return false;
  return std::all_of(arguments.begin() + 1, arguments.end(), [&](const Typed& sought) {
    return sought.type.family == unknown_literal ? sought.value.is_null() || type.user == 0
                                                 : same_elements(type, sought.type);
  });
}

Checked<Typed> array_function(std::string_view name, Arguments arguments) {
  if (name == "array_append") return with_element(arguments[0], arguments[1], false);
  if (name == "array_prepend") return with_element(arguments[1], arguments[0], true);
  if (name == "array_cat") return joined_arrays(arguments[0], arguments[1]);
  const ValueType type = arguments[0].type;
  const bool counts = name == "array_length" || name == "cardinality" || name == "array_upper" ||
                      name == "array_position";
  const ValueType result = counts ? plain(int4) : type;
  if (arguments[0].value.is_null()) return Typed{Value(), result};
  const bool seeks = name == "array_position" || name == "array_remove" || name == "array_replace";
  const bool open = any_symbol(arguments);
  if (open || (!seeks && !all_known(arguments)) || (seeks && !texts_tell(name, arguments)))
    return derived(name, arguments, result);
  const bool measures = name == "array_length" || name == "array_upper";
  const std::string& subject = arguments[0].value.text();
  const bool bounds = subject.starts_with('[');
  if ((measures && arguments[1].value.text() != "1") || (bounds && name != "cardinality"))
    return derived(name, arguments, result);
  const auto elements = name == "cardinality" ? flat_elements(subject) : split_array(subject);
  if (!elements) return tl::unexpected(refuse("22P02", "malformed array literal"));
  if (seeks && holds_arrays(subject)) return derived(name, arguments, result);
  if (!seeks) {
    if (elements->empty() && name != "cardinality") return Typed{Value(), result};
    return Typed{Value::known(static_cast<std::int64_t>(elements->size())), result};
  }
  const auto sought = as_element_of(type, arguments[1]);
  if (!sought) return tl::unexpected(sought.error());
  if (name == "array_position") {
    const auto found = std::find(elements->begin(), elements->end(), *sought);
    if (found == elements->end()) return Typed{Value(), result};
    return Typed{Value::known(static_cast<std::int64_t>(found - elements->begin() + 1)), result};
  }
  auto changed = *elements;
  if (name == "array_remove") std::erase(changed, *sought);
  if (name == "array_replace") {
    const auto put = as_element_of(type, arguments[2]);
    if (!put) return tl::unexpected(put.error());
    std::replace(changed.begin(), changed.end(), *sought, *put);
  }
  return Typed{Value::known(join_array(changed)), type};
}

std::optional<Checked<Typed>> on_arrays(std::string_view name, Arguments arguments) {
  constexpr auto kNames = std::to_array<std::string_view>(
      {"array_length", "cardinality", "array_upper", "array_position", "array_append",
       "array_prepend", "array_remove", "array_cat", "array_replace"});
  if (std::find(kNames.begin(), kNames.end(), name) == kNames.end()) return std::nullopt;
  const std::size_t needed = name == "cardinality" ? 1 : (name == "array_replace" ? 3 : 2);
  if (arguments.size() < needed) return std::nullopt;
  return array_function(name, arguments);
}

/// The JSON text of a value.
std::string to_json(const Typed& typed) {
  if (typed.value.is_null()) return "null";
  const std::string& text = typed.value.text();
  if (typed.type.family == json || typed.type.family == jsonb) return text;
  if ((is_number(typed.type.family) && Decimal::parse(text)) || typed.type.family == boolean)
    return text;
  return json_quoted(text);
}

/// jsonb_set() of known values.
std::optional<Checked<std::string>> set_in_json(Arguments arguments) {
  const auto path = split_array(arguments[1].value.text());
  if (!path) return std::nullopt;
  std::vector<std::string> steps;
  for (const auto& step : *path) {
    if (!step) return std::nullopt;
    steps.push_back(*step);
  }
  if (auto fits = json_path_fits(arguments[0].value.text(), steps, "set"); !fits)
    return tl::unexpected(fits.error());
  const bool create =
      arguments.size() < 4 || arguments[3].value.is_true() || arguments[3].value.text() == "t";
  auto changed = json_with(arguments[0].value.text(), steps, arguments[2].value.text(), create);
  if (!changed) return std::nullopt;
  return std::move(*changed);
}

/// Builders and readers of json and jsonb.
std::optional<Checked<Typed>> on_json(std::string_view name, Arguments arguments) {
  const bool binary = name.starts_with("jsonb") || name == "to_jsonb";
  const ValueType type = plain(binary ? jsonb : json);
  const auto finish = [&](std::string text) -> Checked<Typed> {
    if (binary) text = canonical_json(text).value_or(text);
    return Typed{Value::known(std::move(text)), type};
  };
  const auto is = [&](std::string_view suffix) {
    return name.starts_with("json") && name.substr(binary ? 5 : 4) == suffix;
  };
  const bool symbolic = std::any_of(arguments.begin(), arguments.end(),
                                    [](const Typed& a) { return a.value.is_symbol(); });
  if (is("_build_object") || is("_build_array")) {
    if (symbolic) return derived(name, arguments, type);
    const bool object = is("_build_object");
    std::string text;
    for (std::size_t at = 0; at < arguments.size(); ++at) {
      const bool key = object && at % 2 == 0;
      if (!text.empty()) text += object && !key ? " : " : ", ";
      text += key && arguments[at].value.is_known() ? json_quoted(arguments[at].value.text())
                                                    : to_json(arguments[at]);
    }
    return finish(fmt::format("{}{}{}", object ? '{' : '[', text, object ? '}' : ']'));
  }
  if ((name == "to_json" || name == "to_jsonb") && arguments.size() == 1) {
    if (arguments[0].value.is_null()) return Typed{Value(), type};
    const TypeClass family = arguments[0].type.family;
    if (symbolic || arguments[0].type.is_array() || family == unknown || family == composite) {
      return strictly_derived(name, arguments, type);
    }
    return finish(to_json(arguments[0]));
  }
  if (is("_typeof") || is("_array_length")) {
    const ValueType result = plain(is("_typeof") ? text : int4);
    if (any_null(arguments)) return Typed{Value(), result};
    if (symbolic || arguments.size() != 1) return derived(name, arguments, result);
    if (is("_typeof"))
      return Typed{Value::known(std::string(json_kind(arguments[0].value.text()))), result};
    const auto elements = json_elements(arguments[0].value.text());
    if (!elements) return tl::unexpected(refuse("22023", "cannot get array length of a non-array"));
    return Typed{Value::known(static_cast<std::int64_t>(elements->size())), result};
  }
  if (name == "jsonb_set" && arguments.size() >= 3 && all_known(arguments)) {
    if (auto changed = set_in_json(arguments)) {
      if (!*changed) return tl::unexpected(changed->error());
      return finish(std::move(**changed));
    }
  }
  if (is("_set") || is("_insert") || is("_strip_nulls"))
    return strictly_derived(name, arguments, type);
  if (is("_extract_path") || is("_object")) {
    const bool null = !arguments.empty() && arguments[0].value.is_null();
    return Typed{null ? Value() : derived(name, arguments, type).value, type};
  }
  if (is("_extract_path_text")) return derived(name, arguments, plain(text));
  return std::nullopt;
}

}  // namespace

namespace {

/// Bytes beyond ASCII that are well put together; a text holds no zero byte.
bool is_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const auto first = static_cast<unsigned char>(bytes[at]);
    if (first == 0) return false;
    std::size_t more = 0;
    if (first >= 0x80) more = first >= 0xf0 ? 3 : (first >= 0xe0 ? 2 : 1);
    if (first >= 0x80 && (first < 0xc2 || first > 0xf4)) return false;
    if (at + more >= bytes.size() && more > 0) return false;
    for (std::size_t next = 1; next <= more; ++next) {
      if ((static_cast<unsigned char>(bytes[at + next]) & 0xc0) != 0x80) return false;
    }
    const auto second = static_cast<unsigned char>(more > 0 ? bytes[at + 1] : '\0');
    const bool surrogate = first == 0xed && second > 0x9f;
    const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
    if (surrogate || overlong || (first == 0xf4 && second > 0x8f)) return false;
    at += more + 1;
  }
  return true;
}

/// convert_to() and convert_from() with UTF-8.
std::optional<Checked<Typed>> between_texts_and_bytes(std::string_view name, Arguments arguments) {
  const bool to_bytes = name == "convert_to";
  if ((!to_bytes && name != "convert_from") || arguments.size() != 2) return std::nullopt;
  const ValueType type = plain(to_bytes ? bytea : text);
  if (any_null(arguments) || !all_known(arguments)) return strictly_derived(name, arguments, type);
  const std::string encoding = to_lower(arguments[1].value.text());
  const std::string& given = arguments[0].value.text();
  if (encoding != "utf8" && encoding != "utf-8") return strictly_derived(name, arguments, type);
  if (to_bytes) {
    std::string digits = "\\x";
    for (const char c : given) digits += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return Typed{Value::known(std::move(digits)), type};
  }
  if (!given.starts_with("\\x")) return strictly_derived(name, arguments, type);
  std::string bytes;
  for (std::size_t at = 2; at + 1 < given.size(); at += 2)
    bytes += static_cast<char>(std::strtol(given.substr(at, 2).c_str(), nullptr, 16));
  if (!is_utf8(bytes))
    return tl::unexpected(refuse("22021", "invalid byte sequence for encoding \"UTF8\""));
  return Typed{Value::known(std::move(bytes)), type};
}

}  // namespace

std::optional<Checked<Typed>> call_built_in(std::string_view name, Arguments arguments,
                                            Surroundings& surroundings) {
  if (const auto* found = std::find_if(kSymbolic.begin(), kSymbolic.end(),
                                       [&](const Symbolic& s) { return s.name == name; });
      found != kSymbolic.end()) {
    const std::uint64_t identity = found->kind == Symbol::clock ? 0 : surroundings.new_identity();
    return Typed{Value::symbol(found->kind, identity), plain(found->type)};
  }
  if (name == "num_nulls" || name == "num_nonnulls") {
    const bool unsure = std::any_of(arguments.begin(), arguments.end(), [](const Typed& a) {
      return a.value.is_symbol() && a.value.may_be_null();
    });
    if (unsure) return derived(name, arguments, plain(int4));
    return Typed{Value::known(count_nulls(arguments, name == "num_nulls")), plain(int4)};
  }
  const bool codes =
      (name == "encode" || name == "decode") && arguments.size() == 2 && all_known(arguments);
  if (codes && to_lower(arguments[1].value.text()) == "hex") {
    const std::string& given = arguments[0].value.text();
    if (name == "encode" && given.starts_with("\\x"))
      return Typed{Value::known(given.substr(2)), plain(text)};
    const bool digits = given.size() % 2 == 0 &&
                        given.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
    if (name == "decode" && digits)
      return Typed{Value::known("\\x" + to_lower(given)), plain(bytea)};
    if (name == "decode") return tl::unexpected(refuse("22023", "invalid hexadecimal digit"));
  }
  if (name == "host" && arguments.size() == 1) {
    if (!arguments[0].value.is_known()) return strictly_derived(name, arguments, plain(text));
    const std::string& address = arguments[0].value.text();
    return Typed{Value::known(address.substr(0, address.find('/'))), plain(text)};
  }
  if (auto result = between_texts_and_bytes(name, arguments)) return result;
  if (auto result = range_function(name, arguments)) return result;
  if (auto result = text_function(name, arguments)) return result;
  if (auto result = time_function(name, arguments, surroundings.server())) return result;
  if (auto result = format_function(name, arguments)) return result;
  if (auto result = on_numbers(name, arguments)) return result;
  if (auto result = on_arrays(name, arguments)) return result;
  if (auto result = on_json(name, arguments)) return result;
  if (const auto* found = std::find_if(kUncomputed.begin(), kUncomputed.end(),
                                       [&](const Uncomputed& u) { return u.name == name; });
      found != kUncomputed.end()) {
    return strictly_derived(
        name, arguments,
        found->type == unknown ? built_in_result(name, arguments) : plain(found->type));
  }
  return std::nullopt;
}

}  // namespace backout::postgres
