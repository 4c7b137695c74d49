#pragma once
// A plan under git: what a commit has of it, and which commit it is at.

#include <string>

#include "cli/git.hpp"
#include "cli/plan_pipeline.hpp"
#include "reports/difference/difference.hpp"

namespace backout::cli {

/// Compares `after` with what `base` has of it. The base version is read from a folder of its own,
/// which holds the files below the plan's folder that the plan may name.
GitResult<reports::PlanDifference> compare_with_base(const std::string& file,
                                                     const reports::PlanReport& after,
                                                     const std::string& base,
                                                     const PipelineSettings& settings);

/// "0123456789ab of 2026-11-29", with what was not committed of the plan or the files that it names
/// (`sources`); empty where git knows no commit.
std::string commit_told(const std::string& file, const model::Sources& sources);

}  // namespace backout::cli
