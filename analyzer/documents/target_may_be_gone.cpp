// What is served now is removed before what replaces it is known to be there.
#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {


std::vector<model::Finding> check_target_may_be_gone(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block* block : shell_blocks(facts.document)) {
    const Command* removed = nullptr;
    bool looked = false;
    for (const Command& command : block->script.commands) {
      looked = looked || is(command, {"docker", "pull"}) || is(command, {"docker", "image", "inspect"}) || is(command, {"docker", "load"}) ||
               is(command, {"docker", "images"}) || is(command, {"docker", "build"});
      if (is(command, {"docker", "rm"}) && !looked) removed = &command;
      if (!is(command, {"docker", "run"}) || removed == nullptr) continue;
      model::Finding made = finding(model::Severity::error, removed->span,
                                    "the container is removed before the previous image is known to be there: when the pull fails or it crashes, nothing is left to go back to",
                                    "docker pull IMAGE@DIGEST first, rename the old container, and remove it last");
      made.related.push_back({command.span, "the previous image is needed here"});
      found.push_back(std::move(made));
      break;
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
