// A target for a rollback for which there is no procedure.
#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {


std::vector<model::Finding> check_decision_without_path(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const Document& document = facts.document;
  for (const importers::Time& target : document.times) {
    const std::string subject = lower(target.subject);
    if (target.use != importers::Time::Use::target || !has_any(subject, {"full system", "full rollback", "complete rollback"})) continue;
    bool procedure = false;
    for (const importers::Section& section : document.sections) {
      const std::string title = lower(section.title);
      procedure = procedure || (has_any(title, {"full", "complete", "entire", "everything"}) && !has(title, "without"));
    }
    if (procedure) continue;
    found.push_back(finding(model::Severity::error, target.span,
                            fmt::format("'{}' has a target and no procedure: nobody says in which order the parts go back", target.subject),
                            "a section with the parts in their order"));
  }
  return found;
}

}  // namespace backout::analyzer::documents
