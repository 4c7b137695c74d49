#pragma once
// Lists and pages whose lines are longer than a terminal is wide.

#include <cstddef>
#include <iosfwd>
#include <string_view>

namespace backout::reports {

/// Writes lines of at most `width` columns: a longer one is broken between words, and goes on below
/// the last of its columns that two spaces part (a name and what it means), or below what stands
/// behind its bullet, or below its own beginning. Code between
/// ``` and rows of a Markdown table stay as they are.
void write_folded(std::string_view text, std::size_t width, std::ostream& out);

}  // namespace backout::reports
