#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace backout::postgres {

/// `text` without blanks (C's isspace) at either end.
std::string_view trim(std::string_view text);

/// ASCII letters in lower or upper case; other bytes as they are, as the C locale does.
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);

/// Number of UTF-8 characters: bytes that do not continue one.
std::size_t count_characters(std::string_view text);

/// The first `count` characters.
std::string_view first_characters(std::string_view text, std::size_t count);

/// Whether `text` matches a LIKE pattern with '\' as the escape; case is ignored for ILIKE.
bool like(std::string_view text, std::string_view pattern, bool ignore_case);

/// Elements of an array literal "{a,"b c",NULL}" (nothing for NULL); nothing when it is malformed.
/// Nested arrays come back as their own literals (holds_arrays).
std::optional<std::vector<std::optional<std::string>>> split_array(std::string_view text);

/// An array literal without the bounds that it says of itself ("[0:1]={a,b}").
std::string_view without_bounds(std::string_view array);

/// Whether the elements of an array literal are arrays themselves: text in braces that stands in
/// quotes is none.
bool holds_arrays(std::string_view array);
/// The elements of an array of however many dimensions and bounds, one behind the other; nothing
/// when it is malformed.
std::optional<std::vector<std::optional<std::string>>> flat_elements(std::string_view array,
                                                                     int depth = 1);

/// The array literal of `elements`, quoted where array_out quotes; `arrays`: they are array
/// literals themselves.
std::string join_array(const std::vector<std::optional<std::string>>& elements,
                       bool arrays = false);

/// The composite literal of `fields`, quoted where record_out quotes.
std::string join_record(const std::vector<std::optional<std::string>>& fields);

/// The identifiers of a text, unquoted ones in lower case.
std::set<std::string> words_of(std::string_view text);

}  // namespace backout::postgres
