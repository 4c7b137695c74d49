// Something that needs quiet runs while others write.
#include <algorithm>

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
    const bool deploys = document.role(block->section) == Role::deploy ||
                         (document.role(block->section) == Role::other && has_any(lower(document.title), {"deploy", "release"}));
    if (!deploys || section_says(document, block->section, {"staging"})) continue;
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

/// A restore into the database that the application is using.
void look_at_restores(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  for (const Block* block : shell_blocks(document)) {
    const Role role = document.role(block->section);
    if (!is_followed(facts, *block) || role == Role::deploy || role == Role::verification) continue;
    const std::uint32_t chapter = chapter_of(document, block->section);
    for (const Command& command : block->script.commands) {
      const bool fed = std::ranges::any_of(command.redirects, [](const importers::Redirect& each) {
        return each.op == "<" && has_any(lower(each.target), {"backup", "dump"});
      });
      const bool loads = (runs(command, "psql") || runs(command, "mysql")) && (fed || has_any(lower(command.value("-f").value_or("")), {"backup", "dump"}));
      const bool restores = loads || (runs(command, "pg_restore") && !command.has("-l") && !command.has("--list")) || runs(command, "mongorestore");
      const bool other = has_any(lower(full_of(command)), {"test", "staging", "temp", "recovery", "verify", "_new", "restore_"});
      if (!restores || other) continue;
      const bool quiet = section_text_says(document, chapter, {"stop", "maintenance", "scale", "down", "shut", "read-only", "pause", "terminate", "suspend", "drain", "quiesce",
                                                               "createdb", "create database", "new instance", "0 replicas"});
      if (quiet) continue;
      add_once(found, finding(model::Severity::error, command.span,
                              "the restore runs while the application writes: what it writes meanwhile is lost or collides with what comes back",
                              "stop the application and its workers first, and start them when the restore has been looked at"));
    }
  }
}

}  // namespace

std::vector<model::Finding> check_writers_not_stopped(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  look_at_renames(facts.document, found);
  look_at_optional_stops(facts.document, found);
  look_at_backfills(facts.document, found);
  look_at_restores(facts, found);
  return found;
}

}  // namespace backout::analyzer::documents
