// A step that is said to come first and does not.
#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {


std::vector<model::Finding> check_order_contradiction(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const auto first = [](std::string_view text) {
    return has_any(lower(text), {"do this first", "must be done first", "do this before anything", "always first"});
  };
  for (const importers::Section& bold : facts.document.sections) {
    if (bold.level < 7 || bold.parent == importers::kNowhere || !first(bold.title)) continue;
    const importers::Section& step = facts.document.sections[bold.parent];
    if (step.kind != importers::Section::Kind::step || step.number.value_or(1) <= 1) continue;
    found.push_back(finding(model::Severity::error, bold.span,
                            fmt::format("this is said to come first and stands in step {}: what it stops goes on through the steps before it", *step.number),
                            "make it step 1"));
  }
  for (const importers::Line& line : facts.document.lines) {
    if (line.section == importers::kNowhere) continue;
    const importers::Section& section = facts.document.sections[line.section];
    const bool late = section.kind == importers::Section::Kind::step && section.number.value_or(1) > 1;
    if (!late || !first(line.text)) continue;
    found.push_back(finding(model::Severity::error, line.span,
                            fmt::format("this is said to come first and stands in step {}: what it stops goes on through the steps before it", *section.number),
                            "make it step 1"));
  }
  return found;
}

}  // namespace backout::analyzer::documents
