#pragma once
// What stands within arrays and records. There values are written by the output functions of their
// types, which is not always what a cast to text gives: a boolean is `t` within, and `true` by
// itself.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/values/value.hpp"

namespace backout::postgres {

/// The texts of an array's elements; nothing: NULL.
using Elements = std::vector<std::optional<std::string>>;

/// The type of an array with such elements, or of an array itself; a literal without a type stays
/// one.
ValueType array_type(ValueType type);

/// What the output function of its type writes of a known value.
std::string written(const Typed& value);

/// A value that is known or NULL as an element of an array or a field of a record; nothing for
/// NULL.
std::optional<std::string> as_element(const Typed& value);

/// The same for an array of `array`'s type, whose elements a quoted literal is read as.
Checked<std::optional<std::string>> as_element_of(const ValueType& array, const Typed& value);

/// The value that stands in an array of `array`'s type as `element`.
Typed element_of(const ValueType& array, const std::optional<std::string>& element);

/// Whether elements of both types are written alike in one array: of one type, integers, or texts
/// without blanks at their end.
bool same_elements(const ValueType& left, const ValueType& right);

/// array_cat(): arrays of as many dimensions, or one that is an element of the other.
Checked<Typed> joined_arrays(const Typed& left, const Typed& right);

/// array_append() and array_prepend().
Checked<Typed> with_element(const Typed& array, const Typed& element, bool in_front);

}  // namespace backout::postgres
