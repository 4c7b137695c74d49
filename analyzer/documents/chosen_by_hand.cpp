// Part of unpinned-target: in a list of clicks, whoever rolls back picks the former deployment, and
// nothing records which one was good.
#include <algorithm>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Line;

/// "Find the last stable deployment": an order to pick one, and no word on how one knows it.
bool picks(std::string_view low) {
  static constexpr std::string_view kPicks[] = {
      "find ",   "locate ",   "identify ", "select ",   "choose ",      "pick ",     "click ",
      "promote", "roll back", "rollback ", "redeploy ", "re-deploy ",   "revert to", "look for ",
      "go to ",  "open ",     "buscar ",   "busca ",    "seleccionar ", "localizar"};
  const std::size_t first = low.find_first_not_of(" 0123456789.)-*");
  if (first == std::string_view::npos || !importers::begins_with_any(low.substr(first), kPicks))
    return false;
  return has_any(low, {"previous", "last good", "last known", "last stable", "last working",
                       "last successful", "prior ", "known good", "known-good", "anterior"}) &&
         has_any(low, {"deploy", "build", "release", "version", "revision", "despliegue"}) &&
         !has_any(low, {"migration", "backup", "snapshot", "database", "commit", "tag ", " tag",
                        "recorded", "noted", "written", "log", "history"});
}

/// Whether something says where the good one is written down.
bool says_record(const Document& document) {
  return document_says(
      document, {"deploy log", "release log", "release note", "recorded", "record the ",
                 "note the current", "note the id", "note the live", "write down", "written down",
                 "deployment record", "rollback point", "before each deploy", "release history"});
}

/// Whether the list that the line stands in is one of clicks.
bool is_of_clicks(const Document& document, const Line& line) {
  return any_line(document, line.section, [](const Line&, std::string_view low) {
    return has_any(low, {"dashboard", "console", "click", "button"}) ||
           begins_word(low, {"consola", "painel"});
  });
}

}  // namespace

void look_at_chosen_by_hand(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (document.is_script || document.is_workflow || !document.is_runbook || document.is_aside ||
      says_record(document))
    return;
  OneFinding made;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const Line& line = document.lines[i];
    if (line.kind != Line::Kind::item || !leads_back(facts, line.section) ||
        !picks(document.low().lines[i]) || !is_of_clicks(document, line))
      continue;
    made.add(finding(model::Severity::warning, line.span,
                     "which one that is stands nowhere: whoever clicks takes one that was built "
                     "without an error, and that may be as bad as the one that goes",
                     "note the id or commit of what serves before each deploy, say where it is "
                     "noted, and take that one"));
  }
  std::move(made).add_to(found);
}

}  // namespace backout::analyzer::documents
