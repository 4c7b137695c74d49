// PostgreSQL looks an operator up by name and types, an untyped literal taking the type of the
// other side (oper() in parse_oper.c; manual, "Operators"); NULL on one side makes most of them
// NULL.
// Left out: operators that CREATE OPERATOR or extensions make, those of ranges, geometry and text
// search give values that are not known. Texts compare by their bytes, whatever the collation; so
// do jsonb and inet, which PostgreSQL compares by value.
#include "postgres/values/operators.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/signatures.hpp"
#include "postgres/read/text.hpp"
#include "postgres/values/arithmetic.hpp"
#include "postgres/values/cast.hpp"
#include "postgres/values/datetime.hpp"
#include "postgres/values/decimal.hpp"
#include "postgres/values/elements.hpp"
#include "postgres/values/json_operators.hpp"
#include "postgres/values/json_text.hpp"
#include "postgres/values/number_text.hpp"
#include "postgres/values/pattern.hpp"

namespace backout::postgres {
namespace {

using enum TypeClass;

Stop no_operator(std::string_view name, const Typed& left, const Typed& right) {
  return refuse("42883", fmt::format("operator does not exist: {} {} {}", describe(left.type), name,
                                     describe(right.type)));
}

bool is_comparison(std::string_view name) {
  constexpr auto kNames = std::to_array<std::string_view>({"=", "<>", "!=", "<", ">", "<=", ">="});
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

bool is_match(std::string_view name) {
  constexpr auto kNames =
      std::to_array<std::string_view>({"~~", "!~~", "~~*", "!~~*", "~", "!~", "~*", "!~*", "^@"});
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

Typed truth(Truth answer, std::string_view name, const Typed& left, const Typed& right) {
  if (answer == Truth::unknown) {
    Typed result = derived(name, std::array{left, right}, plain(boolean));
    if (!left.value.may_be_null() && !right.value.may_be_null()) {
      result.value = Value::symbol(Symbol::present, result.value.identity());
    }
    return result;
  }
  return {Value::boolean(answer == Truth::yes), plain(boolean)};
}

/// Whether values of both types can be compared: PostgreSQL has the operators.
bool comparable(const ValueType& left, const ValueType& right) {
  if (left.family == unknown || right.family == unknown) return true;
  if (left.is_array() != right.is_array()) return false;
  if (left.is_array())
    return left.family == right.family || (is_string(left.family) && is_string(right.family));
  // Types of an extension: its operators are not looked up.
  if ((left.family == other && left.user != 0) || (right.family == other && right.user != 0))
    return true;
  if (left.family == right.family) {
    // A domain is compared as the type behind it.
    const bool of_its_own = left.family == enumeration || left.family == composite;
    return (left.user == right.user || !of_its_own) && left.family != json &&
           (left.family != other || left.name == right.name);
  }
  if (is_string(left.family) && is_string(right.family)) return true;
  if (is_time(left.family) && is_time(right.family)) return true;
  if ((left.family == TypeClass::oid && names_objects(right)) ||
      (names_objects(left) && right.family == TypeClass::oid))
    return true;
  const auto whole = [](TypeClass family) {
    return is_integer(family) || family == TypeClass::oid;
  };
  if (whole(left.family) && whole(right.family)) return true;
  return is_number(left.family) && is_number(right.family);
}

int sign(std::int64_t difference) { return difference < 0 ? -1 : (difference > 0 ? 1 : 0); }

std::int64_t length_of(const Interval& interval) {
  return (static_cast<std::int64_t>(interval.months) * 30 + interval.days) * kMicrosOfDay +
         interval.micros;
}

Checked<int> order_of_arrays(const Typed& left, const Typed& right, Surroundings& surroundings) {
  const auto first = flat_elements(left.value.text());
  const auto second = flat_elements(right.value.text());
  if (!first || !second) return tl::unexpected(not_known("an array"));
  for (std::size_t at = 0; at < std::min(first->size(), second->size()); ++at) {
    if (!(*first)[at] || !(*second)[at]) {
      if ((*first)[at].has_value() == (*second)[at].has_value()) continue;
      return (*first)[at] ? -1 : 1;
    }
    const auto answer = order(element_of(left.type, (*first)[at]),
                              element_of(left.type, (*second)[at]), surroundings);
    if (!answer || *answer != 0) return answer;
  }
  // Arrays that begin elsewhere or are of other dimensions differ in spite of the same elements.
  const auto shaped = [](const Typed& array) {
    return array.value.text().starts_with('[') || holds_arrays(array.value.text());
  };
  const bool same_count = first->size() == second->size() && left.value != right.value;
  if (same_count && (shaped(left) || shaped(right)))
    return tl::unexpected(not_known("the order of two arrays"));
  return sign(static_cast<std::int64_t>(first->size()) - static_cast<std::int64_t>(second->size()));
}

Checked<int> order_of_numbers(const std::string& left, const std::string& right) {
  const auto first = Decimal::parse(left);
  const auto second = Decimal::parse(right);
  if (const auto answer = first && second ? compare(*first, *second) : std::nullopt) return *answer;
  const auto one = read_float(left, float8);
  const auto two = read_float(right, float8);
  if (!one || !two) return tl::unexpected(not_known("the order of two numbers"));
  return *one < *two ? -1 : (*one > *two ? 1 : 0);
}

/// Names of objects are compared by the numbers that they stand for.
Checked<int> order_of_objects(const Typed& left, const Typed& right, Surroundings& surroundings) {
  const auto number = [&](const Typed& value) {
    const std::string& text = value.value.text();
    return names_objects(value.type) ? surroundings.object_number(value.type.name, text)
                                     : Checked<std::string>(text);
  };
  const auto one = number(left);
  if (!one) return tl::unexpected(one.error());
  const auto two = number(right);
  if (!two) return tl::unexpected(two.error());
  return order_of_numbers(*one, *two);
}

/// The order of a clock symbol against a stored time; zero stands for not known.
int order_of_clock(const Typed& left, const Typed& right) {
  const bool clock_first = left.value.is_symbol() && left.value.kind() == Symbol::clock;
  const Typed& stored = clock_first ? right : left;
  const Typed& clock = clock_first ? left : right;
  if (!clock.value.is_symbol() || clock.value.kind() != Symbol::clock || !stored.value.is_known())
    return 0;
  if (!is_time(stored.type.family)) return 0;
  const ReadTime read = read_timestamp(stored.value.text(), true);
  if (!read.micros) return 0;
  constexpr std::int64_t kSurelyPast = 2024;
  constexpr std::int64_t kSurelyFuture = 2100;
  const std::int64_t year = civil_of(*read.micros).year;
  if (year > kSurelyPast && year < kSurelyFuture) return 0;
  const int clock_order = year <= kSurelyPast ? 1 : -1;
  return clock_first ? clock_order : -clock_order;
}

Truth judge(std::string_view name, int order) {
  bool answer = order >= 0;
  if (name == "=") answer = order == 0;
  if (name == "<>" || name == "!=") answer = order != 0;
  if (name == "<") answer = order < 0;
  if (name == ">") answer = order > 0;
  if (name == "<=") answer = order <= 0;
  return answer ? Truth::yes : Truth::no;
}

Checked<Typed> compare_values(std::string_view name, const Typed& left, const Typed& right,
                              Surroundings& surroundings) {
  if (!comparable(left.type, right.type)) return tl::unexpected(no_operator(name, left, right));
  if (left.value.is_null() || right.value.is_null()) return Typed{Value(), plain(boolean)};
  const bool equality = name == "=" || name == "<>" || name == "!=";
  if (left.value.is_symbol() || right.value.is_symbol()) {
    if (const int clock = order_of_clock(left, right); clock != 0)
      return truth(judge(name, clock), name, left, right);
    const Truth equal = same(left.value, right.value);
    if (!equality || equal == Truth::unknown || left.value.may_be_null() ||
        right.value.may_be_null()) {
      return truth(Truth::unknown, name, left, right);
    }
    return truth((equal == Truth::yes) == (name == "=") ? Truth::yes : Truth::no, name, left,
                 right);
  }
  const auto answer = order(left, right, surroundings);
  if (!answer && answer.error().kind == Stop::Kind::refused) return tl::unexpected(answer.error());
  if (!answer) return truth(Truth::unknown, name, left, right);
  return truth(judge(name, *answer), name, left, right);
}

/// Types that no pattern operator takes on its left.
bool has_no_patterns(const ValueType& type) {
  const bool scalar = is_number(type.family) || is_time(type.family) || type.family == boolean ||
                      type.family == uuid || type.family == json || type.family == jsonb ||
                      type.family == enumeration;
  return scalar || (type.is_array() && type.family != unknown);
}

/// Whether LIKE comes to a backslash at the end of the pattern while some of the text is left:
/// PostgreSQL sees it only then.
bool escapes_nothing(std::string_view text, std::string_view pattern, bool fold) {
  std::size_t backslashes = 0;
  while (backslashes < pattern.size() && pattern[pattern.size() - 1 - backslashes] == '\\')
    ++backslashes;
  return backslashes % 2 == 1 &&
         like(text, std::string(pattern.substr(0, pattern.size() - 1)) + "_%", fold);
}

Checked<Typed> match_values(std::string_view name, const Typed& left, const Typed& right) {
  if (has_no_patterns(left.type)) return tl::unexpected(no_operator(name, left, right));
  if (left.value.is_null() || right.value.is_null()) return Typed{Value(), plain(boolean)};
  if (!left.value.is_known() || !right.value.is_known())
    return truth(Truth::unknown, name, left, right);
  if (name == "^@") {
    return truth(left.value.text().starts_with(right.value.text()) ? Truth::yes : Truth::no, name,
                 left, right);
  }
  const bool negated = name.front() == '!';
  const bool fold = name.back() == '*' || left.type.family == citext;
  Truth answer = Truth::unknown;
  if (name.find("~~") != std::string_view::npos) {
    if (escapes_nothing(left.value.text(), right.value.text(), fold))
      return tl::unexpected(refuse("22025", "LIKE pattern must not end with escape character"));
    answer = like(left.value.text(), right.value.text(), fold) ? Truth::yes : Truth::no;
  } else {
    answer = matches_pattern(left.value.text(), right.value.text(), fold);
  }
  if (negated && answer != Truth::unknown) answer = answer == Truth::yes ? Truth::no : Truth::yes;
  return truth(answer, name, left, right);
}

Checked<Typed> concatenate(Typed left, Typed right) {
  ValueType type = plain(text);
  if ((left.type.family == unknown && !is_string(right.type.family)) ||
      (right.type.family == unknown && !is_string(left.type.family))) {
    return derived("||", std::array{left, right}, plain(unknown));
  }
  if (left.type.is_array() || right.type.is_array())
    type = left.type.is_array() ? left.type : right.type;
  else if (left.type.family == jsonb || right.type.family == jsonb)
    type = plain(jsonb);
  else if (left.type.family == bytea || left.type.family == other || right.type.family == other)
    type = left.type;
  // A text that doubles sixty times is not kept.
  constexpr std::size_t kMost = 1'000'000;
  if (left.value.is_known() && right.value.is_known() &&
      left.value.text().size() + right.value.text().size() > kMost) {
    return derived("||", std::array{left, right}, type.is_array() ? array_type(type) : type);
  }
  if (type.is_array()) {
    const auto is_element = [](const Typed& part) {
      return !part.type.is_array() && part.type.family != unknown_literal;
    };
    if (is_element(right)) return with_element(left, right, false);
    return is_element(left) ? with_element(right, left, true) : joined_arrays(left, right);
  }
  if (!left.value.is_known() || !right.value.is_known())
    return strictly_derived("||", std::array{left, right}, type);
  if (type.family == jsonb) {
    auto joined = json_concatenated(left.value.text(), right.value.text());
    if (!joined) return tl::unexpected(refuse("22P02", "invalid input syntax for type json"));
    return Typed{Value::known(std::move(*joined)), type};
  }
  if (type.family == bytea)
    return Typed{Value::known(left.value.text() + right.value.text().substr(2)), type};
  if (type.family == other) return derived("||", std::array{left, right}, type);
  return Typed{Value::known(left.value.text() + right.value.text()), type};
}

/// The JSON at a path of keys and indexes.
std::optional<std::string> json_at(std::string json,
                                   const std::vector<std::optional<std::string>>& path) {
  for (const auto& key : path) {
    if (!key) return std::nullopt;
    const auto index = read_integer(*key, int4);
    auto next = json_kind(json) == "array" && index ? json_element(json, static_cast<long>(*index))
                                                    : json_member(json, *key);
    if (!next) return std::nullopt;
    json = std::move(*next);
  }
  return json;
}

Checked<Typed> look_into_json(std::string_view name, const Typed& left, const Typed& right) {
  const bool as_text = name.ends_with(">>");
  const ValueType type = as_text ? plain(text) : left.type;
  if (left.value.is_null() || right.value.is_null()) return Typed{Value(), type};
  if (!left.value.is_known() || !right.value.is_known())
    return derived(name, std::array{left, right}, type);
  std::optional<std::string> found;
  if (name.front() == '#') {
    const auto path = split_array(right.value.text());
    if (!path) return tl::unexpected(refuse("22P02", "malformed array literal"));
    found = json_at(left.value.text(), *path);
  } else if (is_integer(right.type.family)) {
    found = json_element(left.value.text(), std::atol(right.value.text().c_str()));
  } else {
    found = json_member(left.value.text(), right.value.text());
  }
  if (found && as_text) found = json_unquoted(*found);
  return Typed{found ? Value::known(*found) : Value(), type};
}

bool looks_into_json(std::string_view name, const Typed& left) {
  const bool arrow = name == "->" || name == "->>" || name == "#>" || name == "#>>";
  return arrow && (left.type.family == json || left.type.family == jsonb);
}

}  // namespace

bool any_symbol(std::span<const Typed> values) {
  return std::ranges::any_of(values, [](const Typed& each) { return each.value.is_symbol(); });
}

Typed derived(std::string_view what, std::span<const Typed> parts, const ValueType& type) {
  std::uint64_t hash = 14'695'981'039'346'656'037ULL;
  const auto mix = [&](std::string_view bytes) {
    for (const char byte : bytes)
      hash = (hash ^ static_cast<unsigned char>(byte)) * 1'099'511'628'211ULL;
    hash = (hash ^ 0xFFU) * 1'099'511'628'211ULL;
  };
  mix(what);
  for (const Typed& part : parts) {
    mix(part.value.is_known() ? "known" : (part.value.is_null() ? "null" : "symbol"));
    mix(part.value.is_known()
            ? part.value.text()
            : (part.value.is_null() ? "" : fmt::format("{}", part.value.identity())));
  }
  return {Value::symbol(Symbol::opaque, hash), type};
}

bool names_objects(const ValueType& type) {
  return type.family == other && !type.is_array() && type.name.starts_with("reg");
}

Typed strictly_derived(std::string_view what, std::span<const Typed> parts, const ValueType& type) {
  if (std::ranges::any_of(parts, [](const Typed& part) { return part.value.is_null(); }))
    return {Value(), type};
  Typed result = derived(what, parts, type);
  if (std::ranges::none_of(parts, [](const Typed& part) { return part.value.may_be_null(); }))
    result.value = Value::symbol(Symbol::present, result.value.identity());
  return result;
}

Checked<void> unify(Typed& left, Typed& right, Surroundings& surroundings) {
  if (left.type.family == unknown_literal && right.type.family == unknown_literal) {
    left.type = right.type = plain(text);
    return {};
  }
  Typed* literal = left.type.family == unknown_literal
                       ? &left
                       : (right.type.family == unknown_literal ? &right : nullptr);
  if (literal == nullptr) return {};
  ValueType type = literal == &left ? right.type : left.type;
  if (!type.is_array()) type.length = -1;
  auto value = coerce(*literal, type, true, surroundings);
  if (!value) return tl::unexpected(value.error());
  *literal = {std::move(*value), type};
  return {};
}

Checked<int> order(const Typed& left, const Typed& right, Surroundings& surroundings) {
  const bool alike = left.type == right.type && left.value == right.value;
  if (!alike && (names_objects(left.type) || names_objects(right.type)))
    return order_of_objects(left, right, surroundings);
  const std::string& one = left.value.text();
  const std::string& two = right.value.text();
  const TypeClass family = left.type.family;
  if (left.type.is_array()) return order_of_arrays(left, right, surroundings);
  if (is_number(family) || family == oid || family == money) return order_of_numbers(one, two);
  if (family == citext || right.type.family == citext)
    return sign(to_lower(one).compare(to_lower(two)));
  if (is_string(family) || family == uuid || family == boolean || family == bytea ||
      family == TypeClass::time) {
    return sign(one.compare(two));
  }
  if (one == two) return 0;
  if (is_time(family)) {
    const ReadTime first = read_timestamp(one, true);
    const ReadTime second = read_timestamp(two, true);
    if (first.micros && second.micros) return sign(*first.micros - *second.micros);
  }
  if (family == interval) {
    const auto first = read_interval(one);
    const auto second = read_interval(two);
    if (first && second) return sign(length_of(*first) - length_of(*second));
  }
  if (family == enumeration) {
    return sign(surroundings.label_position(left.type, one) -
                surroundings.label_position(right.type, two));
  }
  if (family == jsonb || family == inet || family == TypeClass::bit) return sign(one.compare(two));
  return tl::unexpected(
      not_known(fmt::format("the order of values of type {}", describe(left.type))));
}

Checked<Typed> apply_operator(std::string_view name, Typed left, Typed right,
                              Surroundings& surroundings) {
  if (auto answer = json_operator(name, left, right)) return std::move(*answer);
  if (looks_into_json(name, left)) return look_into_json(name, left, right);
  if (name == "||") return concatenate(std::move(left), std::move(right));
  if (is_match(name)) return match_values(name, left, right);
  if (is_comparison(name)) {
    const auto united = unify(left, right, surroundings);
    if (!united) return tl::unexpected(united.error());
    return compare_values(name, left, right, surroundings);
  }
  if (is_arithmetic(name)) return calculate(name, std::move(left), std::move(right), surroundings);
  if (auto bits = bit_operator(name, left, right)) return std::move(*bits);
  const bool test =
      name.front() == '@' || name.front() == '?' || name.front() == '&' || name.front() == '<';
  if (left.value.is_null() || right.value.is_null())
    return Typed{Value(), plain(test ? boolean : unknown)};
  const ValueType result = built_in_operator_result(name, left.type, right.type);
  const bool of_extension = left.type.user != 0 || right.type.user != 0;
  return derived(
      name, std::array{left, right},
      of_extension ? plain(unknown) : (test && result.family == unknown ? plain(boolean) : result));
}

Checked<Typed> apply_prefix(std::string_view name, const Typed& operand) {
  if (operand.value.is_null() || name == "+") return operand;
  if (!operand.value.is_known()) return derived(name, std::array{operand}, operand.type);
  if (name == "-" && is_number(operand.type.family)) {
    const auto number = Decimal::parse(operand.value.text());
    if (number) return Typed{Value::known(number->negated().print()), operand.type};
  }
  if (name == "-" && operand.type.family == interval) {
    if (const auto span = read_interval(operand.value.text())) {
      return Typed{Value::known(print_interval({-span->months, -span->days, -span->micros})),
                   operand.type};
    }
  }
  return derived(name, std::array{operand}, operand.type);
}

}  // namespace backout::postgres
