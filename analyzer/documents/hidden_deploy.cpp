// One push that deploys more than the step is about.
#include <algorithm>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {


std::vector<model::Finding> check_hidden_deploy(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const Document& document = facts.document;
  struct Push {
    const Command* command;
    std::uint32_t component;
    std::string branch;
  };
  std::vector<Push> pushes;
  for (const Block* block : shell_blocks(document)) {
    if (block->section == importers::kNowhere || document.role(block->section) != Role::rollback) continue;
    const importers::Section& section = document.sections[block->section];
    if (section.kind != importers::Section::Kind::method || section.parent == importers::kNowhere) continue;
    for (const Command& command : block->script.commands) {
      const auto words = operands(command, 1);
      if (is(command, {"git", "push"}) && words.size() == 2) pushes.push_back({&command, section.parent, words[0]->text + " " + words[1]->text});
    }
  }
  for (std::size_t i = 1; i < pushes.size(); ++i) {
    const bool parts = has_any(lower(document.title_of(pushes[0].component)), {"frontend", "web", "client"}) &&
                       has_any(lower(document.title_of(pushes[i].component)), {"backend", "api", "server"});
    if (!parts || pushes[i].branch != pushes[0].branch || !section_text_says(document, pushes[0].component, {"vercel", "netlify", "pages", "render", "amplify"})) continue;
    model::Finding made = finding(model::Severity::error, pushes[0].command->span,
                                  fmt::format("'{}' and '{}' are rolled back by a push to the same branch: each push builds both", document.title_of(pushes[0].component),
                                              document.title_of(pushes[i].component)),
                                  "roll back each by its own deployment, and say what the platform does with the next push");
    made.related.push_back({pushes[i].command->span, "the same branch"});
    found.push_back(std::move(made));
    break;
  }
  return found;
}

}  // namespace backout::analyzer::documents
