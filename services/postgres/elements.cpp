#include "services/postgres/elements.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "services/postgres/cast.hpp"
#include "services/postgres/operators.hpp"
#include "services/postgres/text.hpp"

namespace backout::postgres {
namespace {

using Elements = std::vector<std::optional<std::string>>;

ValueType element_type(ValueType array) {
  array.dimensions = 0;
  return array;
}

Checked<Elements> elements_of(const std::string& text) {
  // Bounds that are written are those of few arrays, and what counts from elsewhere is joined by other rules.
  if (text.starts_with('[')) return tl::unexpected(not_known("an array that does not count from 1"));
  auto elements = split_array(text);
  if (!elements) return tl::unexpected(refuse("22P02", fmt::format("malformed array literal: \"{}\"", text)));
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

std::string written(const Typed& value) {
  const bool boolean = value.type.family == TypeClass::boolean && !value.type.is_array();
  return boolean ? value.value.text().substr(0, 1) : value.value.text();
}

std::optional<std::string> as_element(const Typed& value) {
  if (value.value.is_null()) return std::nullopt;
  return written(value);
}

Checked<std::optional<std::string>> as_element_of(const ValueType& array, const Typed& value) {
  if (value.type.family != TypeClass::unknown_literal || !value.value.is_known() || !array.is_array()) return as_element(value);
  const ValueType type = element_type(array);
  const auto read = read_text(value.value.text(), type);
  if (!read) return tl::unexpected(read.error());
  return as_element({*read, type});
}

Typed element_of(const ValueType& array, const std::optional<std::string>& element) {
  const ValueType type = element_type(array);
  if (!element) return {Value(), type};
  const bool boolean = type.family == TypeClass::boolean;
  const auto read = boolean ? read_text(*element, type) : Checked<Value>(Value::known(*element));
  return {read ? *read : Value::known(*element), type};
}

Checked<Typed> joined_arrays(const Typed& left, const Typed& right) {
  ValueType type = left.type.is_array() ? left.type : right.type;
  if (type.is_array()) type.dimensions = 1;
  if (left.value.is_null() || right.value.is_null()) return Typed{left.value.is_null() ? right.value : left.value, type};
  if (!left.value.is_known() || !right.value.is_known()) return derived("||", std::array{left, right}, type);
  auto first = elements_of(left.value.text());
  if (!first) return tl::unexpected(first.error());
  auto second = elements_of(right.value.text());
  if (!second) return tl::unexpected(second.error());
  if (first->empty() || second->empty()) return Typed{first->empty() ? right.value : left.value, type};
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
  if (!std::equal(one.begin() + 1, one.end(), two.begin() + 1, two.end())) return tl::unexpected(incompatible());
  std::move(second->begin(), second->end(), std::back_inserter(*first));
  return Typed{Value::known(join_array(*first, one.size() > 1)), type};
}

Checked<Typed> with_element(const Typed& array, const Typed& element, bool in_front) {
  ValueType type = array.type;
  if (type.is_array()) type.dimensions = 1;
  if (array.value.is_symbol() || element.value.is_symbol()) return derived("||", std::array{array, element}, type);
  auto elements = array.value.is_null() ? Checked<Elements>(Elements()) : elements_of(array.value.text());
  if (!elements) return tl::unexpected(elements.error());
  if (lengths_of(array.value.is_null() ? "{}" : array.value.text()).size() > 1) {
    return tl::unexpected(refuse("22000", "argument must be empty or one-dimensional array"));
  }
  auto added = as_element_of(array.type, element);
  if (!added) return tl::unexpected(added.error());
  elements->insert(in_front ? elements->begin() : elements->end(), std::move(*added));
  return Typed{Value::known(join_array(*elements)), type};
}

}  // namespace backout::postgres
