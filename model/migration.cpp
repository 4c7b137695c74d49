#include "model/migration.hpp"

#include <algorithm>

namespace backout::model {

Span SqlText::span_of(std::size_t begin, std::size_t end) const {
  if (pieces.empty()) return {};
  auto piece = std::upper_bound(pieces.begin(), pieces.end(), begin,
                                [](std::size_t at, const Piece& p) { return at < p.offset; });
  if (piece != pieces.begin()) {
    --piece;
  }
  const auto place = [&](std::size_t at) {
    const std::size_t into = at > piece->offset ? at - piece->offset : 0;
    return std::min<std::size_t>(piece->span.begin + into, piece->span.end);
  };
  const std::size_t first = place(begin);
  const std::size_t last = place(end);
  return {piece->span.file, static_cast<std::uint32_t>(first),
          static_cast<std::uint32_t>(std::max(first, last))};
}

}  // namespace backout::model
