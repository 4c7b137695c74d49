#pragma once
// What a path can fall back on that the deploy has saved.

#include <vector>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

/// The stores that the deploy backed up and that nobody has been able to write to since, where the
/// path begins. None for the deploy itself (model::kNone).
std::vector<model::ServiceIndex> saved_by_deploy(const Facts& facts, model::PathIndex path);

}  // namespace backout::analyzer
