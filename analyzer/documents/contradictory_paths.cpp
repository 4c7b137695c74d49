// Two procedures for one emergency, of which one leaves a part out.
#include <algorithm>
#include <set>
#include <string>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

namespace {

/// The scripts of the repository that a block calls and that roll something back.
std::set<std::string> called(const Block& block) {
  std::set<std::string> all;
  for (const Command& command : block.script.commands) {
    if (command.name().starts_with("./") &&
        has_any(command.name(), {"rollback", "revert", "restore"}))
      all.emplace(command.name());
  }
  return all;
}

}  // namespace

std::vector<model::Finding> check_contradictory_paths(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const Document& document = facts.document;
  for (const Block* block : shell_blocks(document)) {
    const std::set<std::string> mine = called(*block);
    if (mine.empty() || block->section == importers::kNowhere) continue;
    for (const Block* other : shell_blocks(document)) {
      const bool siblings =
          other != block && other->section != importers::kNowhere &&
          document.sections[other->section].parent == document.sections[block->section].parent &&
          other->section != block->section;
      const std::set<std::string> theirs = called(*other);
      if (!siblings || theirs.size() <= mine.size() || !std::ranges::includes(theirs, mine))
        continue;
      for (const Command& command : block->script.commands) {
        if (!mine.contains(std::string(command.name()))) continue;
        model::Finding made = finding(
            model::Severity::error, command.span,
            fmt::format("'{}' rolls back less than '{}' for the same emergency: what it leaves out "
                        "stays on the new version",
                        document.title_of(block->section), document.title_of(other->section)),
            "one procedure, or say when which of them holds");
        made.related.push_back({other->span, "the other procedure"});
        found.push_back(std::move(made));
        break;
      }
      break;
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
