#pragma once
// The migrations of a folder that `check` is given: each chain that no plan of the run names is judged as `backout migrations` does.

#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "cli/inputs.hpp"
#include "cli/plan_pipeline.hpp"

namespace backout::cli {

/// What one chain comes to. `plan` holds its files, the folder's name first, and nothing else.
struct ChainReport {
  std::unique_ptr<model::Plan> plan;
  reports::PlanReport report;
  bool unknown = false;  ///< a verdict is unknown
};

/// Judges the chains below `folder`, by their folders' names. `planned` are the folders that plans judge with their own rows;
/// `since` as in --since, empty: every migration. What cannot be read is said on `err`.
std::vector<ChainReport> examine_migrations(const std::string& folder, const InputFilter& filter, const std::vector<std::string>& planned,
                                            const std::string& since, const Selection& selection, std::ostream& err);

}  // namespace backout::cli
