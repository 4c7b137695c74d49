#pragma once

#include <functional>
#include <vector>

#include "differential/oracle.hpp"

namespace backout::tests {

/// Leaves out pieces, then statements of pieces, as long as `fails` holds. Requires fails(pieces).
std::vector<Piece> shrink(std::vector<Piece> pieces,
                          const std::function<bool(const std::vector<Piece>&)>& fails);

}  // namespace backout::tests
