#pragma once
// What the matrix says of the decisions of a plan.

#include <vector>

#include "simulator/matrix.hpp"

namespace backout::simulator {

/// One finding for each path that decisions choose and that is bad from everywhere from which it
/// may be chosen once the deploy changed something. Places are those of the decisions.
std::vector<model::Finding> findings_of_decisions(const model::Plan& plan, const Matrix& matrix);

}  // namespace backout::simulator
