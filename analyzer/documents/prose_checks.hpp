#pragma once
// Part of check-cannot-fail: checks that stand in words.

#include <vector>

#include "analyzer/documents/rule.hpp"

namespace backout::analyzer::documents {

/// Adds at most one finding, with the other places as related ones.
void look_at_prose_checks(const DocumentFacts& facts, std::vector<model::Finding>& found);

}  // namespace backout::analyzer::documents
