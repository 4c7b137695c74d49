#pragma once
// The decision rows, triggers and targets of a document in the plan language.

#include <string>
#include <vector>

#include "importers/draft/draft.hpp"

namespace backout::importers {

/// The `decisions:` of the plan; empty when the document decides nothing. `path` is the only way back; empty when there are several.
std::string draft_decisions(const DraftInput& input, const std::string& path);

/// The `objectives:` of the plan. `paths` are the ids of the paths by their titles.
std::string draft_objectives(const DraftInput& input, const std::vector<std::pair<std::string, std::string>>& paths);

}  // namespace backout::importers
