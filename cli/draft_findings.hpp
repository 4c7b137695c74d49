#pragma once
// What rules of plans say of the plan that a document describes, at the document's own lines.

#include <vector>

#include "importers/draft/draft.hpp"
#include "model/finding.hpp"
#include "simulator/matrix.hpp"

namespace backout::cli {

/// Findings of the rules that need no more than a document says: the order of its steps and what
/// its commands do. Steps are named by their commands or titles. What rests on a value that the
/// draft had to leave open is left out. With `search` the ways back are played as well, without
/// faults, within a bound of their own and as long as `limits` lets them.
std::vector<model::Finding> draft_findings(const importers::DraftInput& input, bool search,
                                           const simulator::SearchOptions& limits);

}  // namespace backout::cli
