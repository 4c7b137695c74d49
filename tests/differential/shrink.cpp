#include "differential/shrink.hpp"

#include <algorithm>

namespace backout::tests {
namespace {

using Fails = std::function<bool(const std::vector<Piece>&)>;

/// Halves first, then smaller and smaller runs of pieces.
void drop_pieces(std::vector<Piece>& pieces, const Fails& fails) {
  for (std::size_t size = pieces.size() / 2; size > 0; size /= 2) {
    for (std::size_t at = 0; at < pieces.size();) {
      std::vector<Piece> fewer = pieces;
      const auto first = fewer.begin() + static_cast<std::ptrdiff_t>(at);
      fewer.erase(first, first + static_cast<std::ptrdiff_t>(std::min(size, pieces.size() - at)));
      if (!fewer.empty() && fails(fewer)) {
        pieces = std::move(fewer);
      } else {
        at += size;
      }
    }
  }
}

void drop_statements(std::vector<Piece>& pieces, const Fails& fails) {
  for (std::size_t piece = 0; piece < pieces.size(); ++piece) {
    for (std::size_t at = pieces[piece].statements.size();
         at-- > 0 && pieces[piece].statements.size() > 1;) {
      std::vector<Piece> fewer = pieces;
      auto& statements = fewer[piece].statements;
      statements.erase(statements.begin() + static_cast<std::ptrdiff_t>(at));
      if (fails(fewer)) pieces = std::move(fewer);
    }
  }
}

}  // namespace

std::vector<Piece> shrink(std::vector<Piece> pieces, const Fails& fails) {
  drop_pieces(pieces, fails);
  drop_statements(pieces, fails);
  return pieces;
}

}  // namespace backout::tests
