// Part of acquire-without-release: what `git stash` puts aside on the machine that is rolled back.
#include <algorithm>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

void look_at_stashes(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (document_says(document, {"stash pop", "stash apply", "stash list", "stash drop"})) return;
  OneFinding made;
  for (const Block* block : shell_blocks(document)) {
    const bool back = document.is_script ? names_rollback(facts)
                                         : document.role(block->section) == Role::rollback;
    if (!back || !is_followed(facts, *block)) continue;
    for (const Command& command : block->script.commands) {
      const bool stashes = is(command, {"git", "stash"}) &&
                           (operands(command, 1).empty() || is(command, {"git", "stash", "push"}) ||
                            is(command, {"git", "stash", "save"}));
      if (!stashes) continue;
      made.add(finding(model::Severity::warning, command.span,
                       "what was changed on this machine and never committed (settings, a fix by "
                       "hand) is put aside here, and no step brings it back or looks at it",
                       "`git diff` first, and a step that applies what is needed (`git stash "
                       "pop`) or says that it may go"));
    }
  }
  std::move(made).add_to(found);
}

}  // namespace backout::analyzer::documents
