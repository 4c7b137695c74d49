// A way back leans on what the document itself says is not there yet.
#include <algorithm>

#include "analyzer/documents/common.hpp"
#include "analyzer/documents/prose.hpp"
#include "analyzer/documents/timelines.hpp"

namespace backout::analyzer::documents {

namespace {

bool is_unbuilt(std::string_view text) {
  if (has_any(text, {"if not ", "improvement", "optional", "nice to have", "assumption"}))
    return false;
  return has_any(text, {"(planned)",
                        "planned for phase",
                        "planned for q",
                        "planned for v",
                        "not yet implemented",
                        "to be implemented",
                        "not yet configured",
                        "not yet set up",
                        "not yet built",
                        "not yet automated",
                        "to be set up",
                        "to be defined",
                        "to be determined",
                        "to be decided",
                        "once implemented",
                        "when implemented",
                        "(future)",
                        "future phase",
                        "not configured yet",
                        "not set up yet",
                        "not implemented yet",
                        "(to be created",
                        "(todo)",
                        "(todo:",
                        "noch nicht eingerichtet",
                        "aún no implementado",
                        "ainda não implementado",
                        "pas encore en place"});
}

/// Whether somebody leans on the section when something has gone wrong.
bool is_leant_on(const DocumentFacts& facts, std::uint32_t section) {
  const Document& document = facts.document;
  const Role role = document.role(section);
  if (role == Role::prevention || role == Role::follow_up || role == Role::template_text ||
      role == Role::reference)
    return false;
  if (section_says(document, section,
                   {"next step",   "todo",         "to-do",          "future",      "roadmap",
                    "improvement", "gap",          "backlog",        "open item",   "known limit",
                    "limitation",  "out of scope", "changelog",      "history",     "planned",
                    "remaining",   "status",       "recommendation", "action item", "appendix"}))
    return false;
  return is_procedure(facts, section) || role == Role::rollback || role == Role::targets ||
         role == Role::verification ||
         section_says(
             document, section,
             {"backup", "recover", "restor", "failover", "mitigation", "rollback", "disaster"});
}

}  // namespace

std::vector<model::Finding> check_relies_on_unbuilt(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const Document& document = facts.document;
  if (document.is_script || !document.is_runbook || document.is_aside) return found;
  look_at_denied_means(facts, found);
  const auto report = [&](model::Span span) {
    add_once(
        found,
        finding(model::Severity::warning, span,
                "the way back leans on this, and it is not there yet by the document's own words",
                "build it, or write the way back without it until then"));
  };
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    if (is_unbuilt(document.low().lines[i]) && is_leant_on(facts, document.lines[i].section))
      report(document.lines[i].span);
  }
  for (const importers::Table& table : document.tables) {
    if (!is_leant_on(facts, table.section)) continue;
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
      if (std::ranges::any_of(table.rows[r],
                              [](const std::string& cell) { return is_unbuilt(lower(cell)); }))
        report(table.spans[r]);
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
