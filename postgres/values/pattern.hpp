#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "postgres/values/value.hpp"

namespace backout::postgres {

/// Whether `text` matches the regular expression `pattern` somewhere, as the operator ~ tells (~*
/// with `ignore_case`). Knows literals, classes, \d \w \s, groups, alternatives, anchors and
/// quantifiers; anything else is not known, nor what PostgreSQL refuses, what a class makes of a
/// character beyond ASCII, and what takes too many steps.
Truth matches_pattern(std::string_view text, std::string_view pattern, bool ignore_case);

/// How regexp_replace() looks for matches.
struct Replacing {
  bool ignore_case = false;
  bool all = false;  ///< the flag g
};

/// The text with its first match, or all of them, replaced; nothing where matches_pattern() does
/// not know, at quantifiers that take as little as they can, and at a backslash in the replacement.
std::optional<std::string> replace_matches(std::string_view text, std::string_view pattern,
                                           std::string_view replacement, const Replacing& how);

}  // namespace backout::postgres
