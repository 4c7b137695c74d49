#pragma once
// Reports for people: what they say of files is printable, their colours are the program's own.

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include <fmt/format.h>
#include <fmt/ostream.h>

#include "model/printable.hpp"

namespace backout::reports {

/// Text that may go out as it is: printable, with colours or line breaks of the program's own.
struct Painted {
  std::string text;
};

namespace detail {
template <class Value>
constexpr bool is_join = false;
template <class... Parts>
constexpr bool is_join<fmt::join_view<Parts...>> = true;

template <class Value>
decltype(auto) shown(const Value& value) {
  if constexpr (std::is_same_v<Value, Painted>)
    return (value.text);
  else if constexpr (std::is_convertible_v<const Value&, std::string_view>)
    return model::printable(value);
  else if constexpr (is_join<Value>)
    return model::printable(fmt::format("{}", Value(value)));
  else
    return value;
}
}  // namespace detail

/// fmt::print, in which all text but the painted is made printable.
template <class... Values>
void say(std::ostream& out, std::string_view format, const Values&... values) {
  fmt::print(out, fmt::runtime(format), detail::shown(values)...);
}

/// How long the escape sequence is that `text` begins with: a colour, or the head or the end of a
/// link. 0 when it begins with none.
std::size_t sequence_size(std::string_view text);

/// Writes text in which every escape sequence is one that a Paint made.
void write_painted(std::ostream& out, std::string_view text);

}  // namespace backout::reports
