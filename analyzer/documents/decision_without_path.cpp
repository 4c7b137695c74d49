// A target for a rollback for which there is no procedure.
#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

namespace {

/// Data is damaged, and every way back replaces code.
void look_at_damage(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  if (document.is_script || document.is_aside ||
      document.methods.size() + document.blocks.size() == 0)
    return;
  const bool brings_back =
      document_says(document, {"restor", "backup", "snapshot", "point-in-time", "pitr", "pg_dump",
                               "database rollback", "roll back the database",
                               "rollback the database", "schema", "migration", "recover"});
  if (brings_back) return;
  for (const importers::Trigger& trigger : document.triggers) {
    const std::string text = lower(trigger.text);
    if (trigger.tier == importers::Trigger::Tier::keep ||
        !has_any(text, {"data loss", "data corruption", "corrupted data", "data integrity",
                        "loss of data", "lost data"}))
      continue;
    add_once(found, finding(model::Severity::warning, trigger.span,
                            "damage to data is a reason to roll back, and nothing in this document "
                            "brings data back: older code leaves it as it is",
                            "how data is restored or repaired, and who decides between that and a "
                            "rollback of the code"));
  }
}

}  // namespace

std::vector<model::Finding> check_decision_without_path(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const Document& document = facts.document;
  look_at_damage(facts, found);
  for (const importers::Time& target : document.times) {
    const std::string subject = lower(target.subject);
    if (target.use != importers::Time::Use::target ||
        !has_any(subject, {"full system", "full rollback", "complete rollback"}))
      continue;
    bool procedure = false;
    for (const importers::Section& section : document.sections) {
      const std::string title = lower(section.title);
      procedure = procedure || (has_any(title, {"full", "complete", "entire", "everything"}) &&
                                !has(title, "without"));
    }
    if (procedure) continue;
    found.push_back(finding(
        model::Severity::error, target.span,
        fmt::format(
            "'{}' has a target and no procedure: nobody says in which order the parts go back",
            target.subject),
        "a section with the parts in their order"));
  }
  return found;
}

}  // namespace backout::analyzer::documents
