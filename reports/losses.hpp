#pragma once
// What a rollback loses, for people who know the business and not the paths of facts.

#include <string>

#include "simulator/matrix.hpp"

namespace backout::reports {

/// One sentence over all cells that lose data: by how many of the ways back, from how many places,
/// what was there before and what was written since. Empty when none does.
std::string losses_in_words(const simulator::Matrix& matrix);

}  // namespace backout::reports
