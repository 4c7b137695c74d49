// Commands in a language that is not read: nothing is said of them, and that is said.
#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

std::vector<model::Finding> check_runbook_not_read(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block& block : facts.document.blocks) {
    const bool other = block.language == importers::Language::powershell || block.language == importers::Language::cmd;
    const std::vector<BlockLine> lines = lines_of(block);
    if (block.left_out || !other || lines.empty() || !is_followed(facts, block)) continue;
    add_once(found, finding(model::Severity::note, lines[0].span,
                            fmt::format("{} is not read: nothing is said of the commands of this block", importers::to_string(block.language)),
                            "look through them by hand"));
  }
  return found;
}

}  // namespace backout::analyzer::documents
