// A rollback that brings back only a part of what the deploy changed.
#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

std::vector<model::Finding> check_undo_leaves_rest(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block)) continue;
    for (const Command& command : block->script.commands) {
      const catalogue::Known& known = command.known();
      // What a chart leaves (definitions, hooks) changes with few releases.
      if (known.does != "roll_back" || known.tool == "git" || known.tool == "helm") continue;
      for (const catalogue::Trap& trap : known.traps) {
        if (trap.kind != catalogue::Trap::Kind::partial || !trap.only_if.empty() || trap.tool != known.tool) continue;
        add_once(found, finding(model::Severity::warning, command.span, fmt::format("this does not bring everything back: {}", trap.says),
                                trap.instead.empty() ? "a step for what stays, or a word that it may stay" : trap.instead));
        break;
      }
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
