#pragma once
// The migrations of a folder that `check` is given: each chain that no plan of the run names is
// judged as `backout migrations` does.

#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "cli/inputs.hpp"
#include "cli/plan_pipeline.hpp"

namespace backout::cli {

/// What one chain comes to. `plan` holds the folder's name and the files that findings are in, and
/// nothing else.
struct ChainReport {
  std::unique_ptr<model::Plan> plan;
  reports::PlanReport report;
};

struct FolderMigrations {
  std::vector<ChainReport> chains;  ///< by their folders' names
  bool found = false;       ///< there are migrations, be they judged here, by a plan, or unchanged
  bool incomplete = false;  ///< a verdict is unknown
  bool invalid = false;     ///< one cannot be read, which is said then
};

/// Judges the chains below `folder`. `planned` are the folders that plans judge with their own
/// rows; `since` as in --since, empty: every migration. Migrations of another tool or database are
/// said on `err` and left out.
FolderMigrations examine_migrations(const std::string& folder, const InputFilter& filter,
                                    const std::vector<std::string>& planned,
                                    const std::string& since, const Selection& selection,
                                    Watch* watch, std::ostream& err);

}  // namespace backout::cli
