#pragma once
// Changes of documents and scripts that do what a finding's fix says, where that is certain.

#include "analyzer/documents/rule.hpp"

namespace backout::analyzer::documents {

/// Gives findings of documents their edits. A rule whose mend is certain has a line in `edits.cpp`.
void add_edits(const DocumentFacts& facts, std::vector<model::Finding>& findings);

}  // namespace backout::analyzer::documents
