#pragma once

#include <string_view>

#include "postgres/values/value.hpp"

namespace backout::postgres {

/// Whether `text` matches the regular expression `pattern` somewhere, as the operator ~ tells (~*
/// with `ignore_case`). Knows literals, classes, \d \w \s, groups, alternatives, anchors and
/// quantifiers; anything else is not known, nor what PostgreSQL refuses, what a class makes of a
/// character beyond ASCII, and what takes too many steps.
Truth matches_pattern(std::string_view text, std::string_view pattern, bool ignore_case);

}  // namespace backout::postgres
