// Something that needs quiet runs while others write.
#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {


namespace {

void look_at_renames(const Document& document, std::vector<model::Finding>& found) {
  for (const Block* block : shell_blocks(document)) {
    const std::string text = lower(block->content.text);
    if (has_any(text, {"pg_terminate_backend", "allow_connections", "connection limit"})) continue;
    for (const Command& command : block->script.commands) {
      bool renames = false;
      for (const importers::Word& word : command.words) renames = renames || (has(lower(word.text), "alter database") && has(lower(word.text), "rename to"));
      if (!renames) continue;
      found.push_back(finding(model::Severity::error, command.span,
                              "a database with open connections cannot be renamed: this fails while the application is up, and half of the exchange may be done",
                              "stop the application, REVOKE CONNECT, pg_terminate_backend, and both renames in one script that stops on errors"));
      break;
    }
  }
}

void look_at_optional_stops(const Document& document, std::vector<model::Finding>& found) {
  const bool needed = document_says(document, {"will fail if", "cannot rollback if", "fails if"});
  for (const importers::Section& section : document.sections) {
    const std::string title = lower(section.title);
    const bool stops = title.starts_with("stop ") || title.starts_with("disable ") || title.starts_with("pause ");
    if (!section.optional || !stops || !needed) continue;
    found.push_back(finding(model::Severity::error, section.span,
                            fmt::format("'{}' is optional, but the document says that the database rollback fails on what is written meanwhile", section.title),
                            "stop the writers whenever the database is rolled back"));
  }
}

/// A backfill before the code that fills the column, and a constraint behind it.
void look_at_backfills(const Document& document, std::vector<model::Finding>& found) {
  const Command* backfill = nullptr;
  const Command* constraint = nullptr;
  for (const Block* block : shell_blocks(document)) {
    if (document.role(block->section) != Role::deploy || section_says(document, block->section, {"staging"})) continue;
    for (const Command& command : block->script.commands) {
      const std::string text = lower(full_of(command));
      if (has_any(text, {"downgrade", " down"})) continue;
      if (has(text, "backfill")) backfill = &command;
      if (has_any(text, {"constraint", "not_null", "notnull"})) constraint = &command;
      const bool code = is(command, {"git", "checkout"}) || is(command, {"git", "pull"}) || effect_of(command) == Effect::deploy;
      if (!code || backfill == nullptr) continue;
      model::Finding made = finding(model::Severity::error, backfill->span,
                                    "the backfill runs before the code that fills the column: rows that the old code writes in between stay without a value",
                                    "deploy code that writes both, then backfill, then the constraint");
      made.related.push_back({command.span, "the code comes only here"});
      found.push_back(std::move(made));
      if (constraint != nullptr) {
        model::Finding early = finding(model::Severity::error, constraint->span,
                                       "the constraint is in force while the old code still writes: what it inserts without a value is refused",
                                       "the constraint last, behind the code and a second backfill");
        early.related.push_back({command.span, "the code comes only here"});
        found.push_back(std::move(early));
      }
      return;
    }
  }
}

}  // namespace

std::vector<model::Finding> check_writers_not_stopped(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  look_at_renames(facts.document, found);
  look_at_optional_stops(facts.document, found);
  look_at_backfills(facts.document, found);
  return found;
}

}  // namespace backout::analyzer::documents
