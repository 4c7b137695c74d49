#pragma once
// Which migrations a change touches: by their scripts and by the files that say how their tool runs
// them.

#include <string>
#include <vector>

#include "cli/git.hpp"
#include "model/migration.hpp"
#include "model/source.hpp"

namespace backout::cli {

/// By migration: whether one of its files differs from the commit, or a file of its folder is gone
/// and it has no down.
GitResult<std::vector<bool>> changed_since(const model::MigrationSet& set,
                                           const model::Sources& sources, const std::string& ref);

}  // namespace backout::cli
