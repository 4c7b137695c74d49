#include "model/migration.hpp"

#include <algorithm>

namespace backout::model {

Span SqlText::span_of(std::size_t begin, std::size_t end) const {
  auto piece = std::upper_bound(pieces.begin(), pieces.end(), begin,
                                [](std::size_t at, const Piece& p) { return at < p.offset; });
  if (piece != pieces.begin()) {
    --piece;
  }
  const std::size_t first = std::min<std::size_t>(piece->span.begin + (begin - piece->offset), piece->span.end);
  const std::size_t last = std::min<std::size_t>(piece->span.begin + (end - piece->offset), piece->span.end);
  return {piece->span.file, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(std::max(first, last))};
}

}  // namespace backout::model
