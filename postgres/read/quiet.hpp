#pragma once
// The parts of a script that are no statement, as PostgreSQL's scanner has them (scan.l).

#include <cstddef>
#include <string_view>

namespace backout::postgres {

/// First byte behind the string, quoted name, dollar quote or comment that begins at `at`; `at`
/// when none does. A lone `$` is passed.
std::size_t skip_quiet(std::string_view text, std::size_t at);

/// First byte at or after `at` that is no blank and in no comment. A comment that nothing closes is
/// none: PostgreSQL refuses it.
std::size_t skip_blanks_and_comments(std::string_view text, std::size_t at);

}  // namespace backout::postgres
