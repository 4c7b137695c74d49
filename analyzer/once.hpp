#pragma once
// One finding per cause: the paths and cells that show it are listed in it.

#include <vector>

#include "model/finding.hpp"
#include "model/plan.hpp"

namespace backout::analyzer {

/// `findings` of which those of one rule, place and cause are one, with all their paths and the
/// worst severity. A finding that has no `cause` has its message for one, without the names of
/// paths. The order of the first of each is kept.
std::vector<model::Finding> once(const model::Plan& plan, std::vector<model::Finding> findings);

}  // namespace backout::analyzer
