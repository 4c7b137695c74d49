// `||`, array_append and array_cat take elements and arrays of like types and refuse arrays whose
// dimensions do not fit (2202E; array_userfuncs.c).
// Left out: arrays that count from elsewhere than 1 are not known; elements of types that differ,
// and quoted literals beside arrays of user-made types, give values that are not known.
#include "postgres/values/elements.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "postgres/read/text.hpp"
#include "postgres/values/cast.hpp"
#include "postgres/values/operators.hpp"

namespace backout::postgres {
namespace {

ValueType element_type(ValueType array) {
  array.dimensions = 0;
  return array;
}

Checked<Elements> elements_of(const std::string& text) {
  // Bounds that are written are those of few arrays, and what counts from elsewhere is joined by
  // other rules.
  if (text.starts_with('['))
    return tl::unexpected(not_known("an array that does not count from 1"));
  auto elements = split_array(text);
  if (!elements)
    return tl::unexpected(refuse("22P02", fmt::format("malformed array literal: \"{}\"", text)));
  return std::move(*elements);
}

/// How many elements there are in each dimension; nothing for an empty array.
std::vector<std::size_t> lengths_of(std::string_view array) {
  std::vector<std::size_t> lengths;
  auto elements = split_array(array);
  std::string inner;
  while (elements && !elements->empty()) {
    lengths.push_back(elements->size());
    if (!holds_arrays(array) || !elements->front()) break;
    inner = std::string(*elements->front());
    array = inner;
    elements = split_array(array);
  }
  return lengths;
}

Stop incompatible() { return refuse("2202E", "cannot concatenate incompatible arrays"); }

}  // namespace

ValueType array_type(ValueType type) {
  if (type.family != TypeClass::unknown_literal) type.dimensions = 1;
  return type;
}

std::string written(const Typed& value) {
  if (value.type.is_array()) return value.value.text();
  std::string text = value.value.text();
  if (value.type.family == TypeClass::boolean) text.resize(1);
  // Values of char(n) are kept without the blanks at their end.
  if (value.type.family == TypeClass::bpchar && value.type.length > 0) {
    const auto length = static_cast<std::size_t>(value.type.length);
    text.append(length - std::min(count_characters(text), length), ' ');
  }
  return text;
}

std::optional<std::string> as_element(const Typed& value) {
  if (value.value.is_null()) return std::nullopt;
  return written(value);
}

Checked<std::optional<std::string>> as_element_of(const ValueType& array, const Typed& value) {
  if (value.type.family != TypeClass::unknown_literal || !value.value.is_known() ||
      !array.is_array())
    return as_element(value);
  ValueType type = element_type(array);
  type.length = -1;
  const auto read = read_text(value.value.text(), type);
  if (!read) return tl::unexpected(read.error());
  return as_element({*read, type});
}

Typed element_of(const ValueType& array, const std::optional<std::string>& element) {
  const ValueType type = element_type(array);
  if (!element) return {Value(), type};
  auto read = type.family == TypeClass::boolean ? read_text(*element, type)
                                                : Checked<Value>(Value::known(*element));
  if (type.family == TypeClass::bpchar) read = fit(*read, plain(TypeClass::bpchar), true);
  return {read ? *read : Value::known(*element), type};
}

bool same_elements(const ValueType& left, const ValueType& right) {
  const auto is_text = [](TypeClass family) {
    return family == TypeClass::text || family == TypeClass::varchar || family == TypeClass::name;
  };
  if (left.family == right.family) return left.user == right.user && left.name == right.name;
  return (is_integer(left.family) && is_integer(right.family)) ||
         (is_text(left.family) && is_text(right.family));
}

namespace {

/// An array with elements of both types, of which same_elements() holds: the wider one, without a
/// length that is not that of both.
ValueType array_of_both(const ValueType& left, const ValueType& right) {
  ValueType type = is_integer(left.family) && right.family > left.family ? right : left;
  if (is_string(left.family) && left.family != right.family) type = plain(TypeClass::text);
  if (left.length != right.length || left.scale != right.scale) type.length = -1;
  type.dimensions = 1;
  return type;
}

/// A quoted literal beside an array is read as one of its type.
Checked<Typed> read_beside(const Typed& value, const ValueType& array) {
  if (value.type.family != TypeClass::unknown_literal || !value.value.is_known() ||
      !array.is_array())
    return value;
  ValueType type = array;
  type.length = -1;
  auto read = read_text(value.value.text(), type);
  if (!read) return tl::unexpected(read.error());
  return Typed{std::move(*read), type};
}

Checked<Typed> joined(const Typed& left, const Typed& right) {
  const bool null = left.value.is_null() || right.value.is_null();
  if (!null && !same_elements(left.type, right.type))
    return derived("||", std::array{left, right}, plain(TypeClass::unknown));
  const bool typed =
      left.type.is_array() && right.type.is_array() && same_elements(left.type, right.type);
  const ValueType type = typed ? array_of_both(left.type, right.type)
                               : array_type(left.type.is_array() ? left.type : right.type);
  if (null) return Typed{left.value.is_null() ? right.value : left.value, type};
  if (!left.value.is_known() || !right.value.is_known())
    return derived("||", std::array{left, right}, type);
  auto first = elements_of(left.value.text());
  if (!first) return tl::unexpected(first.error());
  auto second = elements_of(right.value.text());
  if (!second) return tl::unexpected(second.error());
  if (first->empty() || second->empty())
    return Typed{first->empty() ? right.value : left.value, type};
  std::vector<std::size_t> one = lengths_of(left.value.text());
  std::vector<std::size_t> two = lengths_of(right.value.text());
  // An array of one dimension less is an element.
  if (one.size() == two.size() + 1) {
    second = Elements{right.value.text()};
    two.insert(two.begin(), 1);
  } else if (two.size() == one.size() + 1) {
    first = Elements{left.value.text()};
    one.insert(one.begin(), 1);
  }
  if (!std::equal(one.begin() + 1, one.end(), two.begin() + 1, two.end()))
    return tl::unexpected(incompatible());
  std::move(second->begin(), second->end(), std::back_inserter(*first));
  return Typed{Value::known(join_array(*first, one.size() > 1)), type};
}

}  // namespace

Checked<Typed> joined_arrays(const Typed& one, const Typed& two) {
  const auto needs_labels = [](const Typed& value, const ValueType& array) {
    return value.type.family == TypeClass::unknown_literal && value.value.is_known() &&
           array.user != 0;
  };
  if (needs_labels(one, two.type)) return derived("||", std::array{one, two}, two.type);
  if (needs_labels(two, one.type)) return derived("||", std::array{one, two}, one.type);
  const auto first = read_beside(one, two.type);
  const auto second = read_beside(two, one.type);
  if (!first || !second) return tl::unexpected(!first ? first.error() : second.error());
  return joined(*first, *second);
}

Checked<Typed> with_element(const Typed& array, const Typed& element, bool in_front) {
  const auto open = [&](const ValueType& type) {
    return derived("||", std::array{array, element}, type);
  };
  const bool literal = element.type.family == TypeClass::unknown_literal;
  if (!literal && !array.value.is_null() && !same_elements(array.type, element.type))
    return open(plain(TypeClass::unknown));
  const bool typed = !literal && same_elements(array.type, element.type);
  const ValueType type = typed ? array_of_both(array.type, element.type) : array_type(array.type);
  // Which labels and rows there are is not known here.
  const bool user_made = literal && element.value.is_known() && array.type.user != 0;
  if (array.value.is_symbol() || element.value.is_symbol() || user_made) return open(type);
  auto elements =
      array.value.is_null() ? Checked<Elements>(Elements()) : elements_of(array.value.text());
  if (!elements) return tl::unexpected(elements.error());
  if (!array.value.is_null() && holds_arrays(array.value.text())) {
    return tl::unexpected(refuse("22000", "argument must be empty or one-dimensional array"));
  }
  auto added = as_element_of(array.type, element);
  if (!added) return tl::unexpected(added.error());
  elements->insert(in_front ? elements->begin() : elements->end(), std::move(*added));
  return Typed{Value::known(join_array(*elements)), type};
}

}  // namespace backout::postgres
