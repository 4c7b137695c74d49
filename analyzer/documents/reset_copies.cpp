// Part of misdirected-command: a reset that moves the branch which was to keep what is there.
#include <algorithm>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

/// The branch that the command makes and goes to: `kept` of `git checkout -b kept`; empty for none.
/// What begins at another commit keeps nothing of what is there.
std::string made_by(const Command& command) {
  const bool makes = (is(command, {"git", "checkout"}) && command.has("-b")) ||
                     (is(command, {"git", "switch"}) && (command.has("-c") || command.has("-C")));
  if (!makes) return {};
  const std::vector<std::string> argv = command.argv();
  for (std::size_t i = 2; i < argv.size(); ++i) {
    if (argv[i] == "-b" || argv[i] == "-c" || argv[i] == "-C")
      return i + 2 == argv.size() ? argv[i + 1] : std::string();
  }
  return {};
}

}  // namespace

void look_at_reset_copies(const DocumentFacts& facts, Findings& found) {
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block)) continue;
    std::string branch;
    const Command* made = nullptr;
    for (const Command& command : block->script.commands) {
      const bool leaves = is(command, {"git", "checkout"}) || is(command, {"git", "switch"});
      if (leaves) {
        branch = made_by(command);
        made = &command;
        continue;
      }
      const bool keeps = has_any(
          lower(branch), {"backup", "keep", "kept", "save", "before", "safety", "archive", "old"});
      if (!keeps || !is(command, {"git", "reset"}) || command.has("--soft") ||
          command.has("--mixed"))
        continue;
      model::Finding told = finding(
          model::Severity::error, command.span,
          fmt::format("this moves '{}', the branch that was made to keep what is there: the branch "
                      "that was to go back stays where it is",
                      branch),
          "`git branch NAME` makes the copy and stays on the branch that is reset");
      told.related.push_back({made->span, "goes over to the copy"});
      add_once(found, std::move(told));
      branch.clear();
    }
  }
}

}  // namespace backout::analyzer::documents
