// Old code serves on the new schema until the database goes back.
#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {


std::vector<model::Finding> check_version_schema_mismatch(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const Document& document = facts.document;
  const importers::Section* code = nullptr;
  for (const importers::Section& section : document.sections) {
    const std::string title = lower(section.title);
    if (section.role == Role::rollback && section.kind == importers::Section::Kind::step && has(title, "code") && !has(title, "verify") && code == nullptr) code = &section;
  }
  if (code == nullptr) return found;
  for (const Block* block : shell_blocks(document)) {
    for (const Command& command : block->script.commands) {
      const std::string text = lower(full_of(command));
      const bool narrows = has_any(text, {"constraint", "not_null", "notnull"}) && has_any(text, {"down", "rollback", "undo"});
      if (!narrows || command.span.begin < code->span.begin) continue;
      model::Finding made = finding(model::Severity::error, code->span,
                                    "the old code serves on the new schema from here on until the constraint is taken back: what it inserts without the new column may be refused",
                                    "take the constraint back first (that is safe for both versions), then the code");
      made.related.push_back({command.span, "the constraint goes only here"});
      found.push_back(std::move(made));
      return found;
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
