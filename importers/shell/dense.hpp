#pragma once
// What nobody writes by hand: thousands of words or brackets in one line, a thousand brackets that
// nobody closes. The grammar of the shell keeps all that is open on one stack, whose nodes count
// their children in 16 bits, and its way out of errors costs the square of what is open, and of the
// errors: such text is left out before it is read.

#include <cstddef>
#include <string_view>
#include <vector>

namespace backout::importers {

struct DensePart {
  std::size_t begin;
  std::size_t end;
};

/// The lines of more than kMostTokens words and signs; and all from the line on with which more
/// than kMostOpen are open, or were closed and never opened, with which the text has more than
/// kMostSigns signs or kMostTokensOfAll words and signs, or which is one of more than kMostTied
/// lines of one pipe. In order, without overlap.
std::vector<DensePart> dense_parts(std::string_view text);

inline constexpr std::size_t kMostTokens = 2000;
inline constexpr std::size_t kMostOpen = 500;
inline constexpr std::size_t kMostTied = 200;
/// All of them may come to stand in one error, and be looked at once more for each.
inline constexpr std::size_t kMostSigns = 20'000;
inline constexpr std::size_t kMostTokensOfAll = 60'000;

}  // namespace backout::importers
