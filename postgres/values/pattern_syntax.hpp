#pragma once

#include <string_view>

namespace backout::postgres {

/// Whether the regular expression is one that PostgreSQL takes and whose shape is known here. It
/// refuses a quantifier with nothing to repeat (`^*`, `x**`), counts above 255 or the wrong way
/// round, and brackets that nobody closes; not known are directors (`***:`), options, look-around
/// and quantified characters of several bytes. Source: manual, "POSIX Regular
/// Expressions", 9.7.3.1, and regcomp.c.
bool is_known_pattern(std::string_view pattern);

}  // namespace backout::postgres
