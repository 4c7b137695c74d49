// A step that rolls back, and nobody has written down how.
#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {


namespace {

using importers::Segment;

bool says_act(std::string_view title) {
  const std::string low = lower(title);
  if (has(low, "use your deployment process") || has(low, "your deployment command")) return true;
  for (const std::string_view verb : {"redeploy", "deploy previous", "deploy the previous", "restart application", "restart the app", "roll back", "rollback ",
                                      "restore ", "switch traffic", "revert "}) {
    if (low.starts_with(verb)) return true;
  }
  return false;
}

/// Whether a command, or another comment about the same thing with a command, follows before the next comment.
bool has_command(const Block& block, std::uint32_t segment) {
  for (const Command& command : block.script.commands) {
    if (command.segment == segment) return true;
  }
  return false;
}

}  // namespace

std::vector<model::Finding> check_no_command(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block& block : facts.document.blocks) {
    const Role role = facts.document.role(block.section);
    const bool back = role == Role::rollback || role == Role::other;
    const bool shell = block.language == importers::Language::shell || block.language == importers::Language::empty;
    if (block.left_out || !back || !shell || block.fence.empty() || block.script.whole) continue;
    for (std::uint32_t s = 1; s < block.script.segments.size(); ++s) {
      const Segment& segment = block.script.segments[s];
      if (!says_act(segment.title) || has_command(block, s)) continue;
      // A title of what follows: the next comment has the command.
      const bool titles = s + 1 < block.script.segments.size() && has_command(block, s + 1) && s == 1;
      if (titles || has(segment.title, "://")) continue;
      found.push_back(finding(model::Severity::error, segment.span,
                              fmt::format("'{}' is the step that rolls back, and it has no command", segment.title),
                              "write the command, with the version that served before"));
      break;
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
