#pragma once
// A plan that people have worked on, brought up to what its runbook says today. What they added
// stays: comments, layout, steps and keys of their own, and values where the runbook says nothing.

#include <set>
#include <string>
#include <vector>

namespace backout::importers {

struct Merged {
  std::string text;
  std::vector<std::string> changes;  ///< one line each: what was added, replaced or taken out
};

/// `theirs` with what `drafted` says of it. A step of `theirs` that the draft has not goes when its
/// `source` is in the document `shown`, and stays when it has none or another. Both texts must be
/// plans that load.
Merged merge_plans(const std::string& theirs, const std::string& drafted, const std::string& shown);

/// The documents that the values of a plan say they come from (`source: FILE:LINE`).
std::set<std::string> documents_of_plan(const std::string& text);

}  // namespace backout::importers
