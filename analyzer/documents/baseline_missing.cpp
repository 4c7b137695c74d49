// A check compares with a baseline that nobody records.
#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

namespace {

/// "back to the baseline (< 1 %)": the number stands there.
bool names_number(std::string_view text) {
  const std::size_t open = text.find('(', std::min(text.find("baseline"), text.size()));
  return open != std::string_view::npos &&
         text.substr(open, text.find(')', open) - open).find_first_of("0123456789") !=
             std::string_view::npos;
}

}  // namespace

std::vector<model::Finding> check_baseline_missing(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const Document& document = facts.document;
  const bool recorded = document_says(
      document, {"record the", "record row", "record baseline", "save baseline", "baseline_",
                 "baseline.", "note the row", "record counts", "capture baseline", "capture the",
                 "row counts before", "snapshot counts", "pre_rollback_counts", "tee "});
  if (recorded) return found;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const importers::Line& line = document.lines[i];
    const Role role = document.role(line.section);
    const bool looked_at =
        role == Role::verification || role == Role::rollback || role == Role::follow_up;
    const std::string& text = document.low().lines[i];
    const bool compares =
        has_any(text, {"to baseline", "to the baseline", "with baseline", "with the baseline",
                       "within baseline", "at baseline", "against baseline", "against the baseline",
                       "match baseline", "matches baseline", "pre-deployment baseline",
                       "pre-deploy baseline"});
    if (line.kind == importers::Line::Kind::paragraph || !looked_at || !compares ||
        has_any(text, {"5%", "10%", "dashboard"}) || names_number(text))
      continue;
    if (!found.empty()) {
      found.back().related.push_back({line.span, "here, too"});
      continue;
    }
    found.push_back(finding(
        model::Severity::warning, line.span,
        "this compares with a baseline, and no step records one",
        "a step before the deploy that writes the numbers to a file, and a check that reads it"));
  }
  for (const Block& block : document.blocks) {
    if (block.left_out) continue;
    for (const BlockLine& line : lines_of(block)) {
      const std::string text = lower(line.text);
      const bool comment = text.starts_with("--") || text.starts_with('#');
      const bool before =
          has_any(text, {"count before", "counts before", "before migration",
                         "before the migration", "before the deploy", "before deployment",
                         "pre-migration", "pre-deployment", "pre-deploy", "original count"});
      const bool compares = (before || has(text, "baseline")) &&
                            has_any(text, {"match", "compare", "within", "equal", "same as"});
      if (!comment || !compares) continue;
      if (!found.empty()) {
        found.back().related.push_back({line.span, "here, too"});
        continue;
      }
      found.push_back(finding(
          model::Severity::error, line.span,
          "this compares with a baseline, and no step records one",
          "a step before the deploy that writes the numbers to a file, and a check that reads it"));
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
