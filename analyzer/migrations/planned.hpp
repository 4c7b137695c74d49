#pragma once
// The migrations that a plan's deploy applies, judged as `backout migrations` judges them.

#include <vector>

#include "analyzer/facts.hpp"
#include "model/finding.hpp"

namespace backout::analyzer {

/// Findings of the migrations that the deploy applies, on the state before it; of all that the
/// database has not yet when no step applies any. `Finding::step` is the step that applies the
/// migration, or its id when none does.
std::vector<model::Finding> planned_migration_findings(const Facts& facts);

}  // namespace backout::analyzer
