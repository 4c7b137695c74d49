#pragma once
// What nobody writes by hand: thousands of words or brackets in one line, a thousand brackets that nobody closes. The grammar of
// the shell keeps all that is open on one stack, whose nodes count their children in 16 bits, and its way out of errors costs the
// square of what is open: such text is left out before it is read.

#include <cstddef>
#include <string_view>
#include <vector>

namespace backout::importers {

struct DensePart {
  std::size_t begin;
  std::size_t end;
};

/// The lines of more than kMostTokens, and all from the line on in which more than kMostOpen are open; in order, without overlap.
std::vector<DensePart> dense_parts(std::string_view text);

inline constexpr std::size_t kMostTokens = 2000;
inline constexpr std::size_t kMostOpen = 500;

}  // namespace backout::importers
