// A metric whose absence looks like health.
#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

std::vector<model::Finding> check_absent_metric(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block* block : shell_blocks(facts.document)) {
    for (const Command& command : block->script.commands) {
      const std::string& name = command.context.assigns;
      const bool asks =
          command.name() == "curl" && !name.empty() && !command.has("-f") && !command.has("--fail");
      if (!asks || (!has(block->content.text, "$" + name + " >") &&
                    !has(block->content.text, "\"$" + name + "\" -gt")))
        continue;
      if ((has(block->content.text, "-z \"$" + name) ||
           has(block->content.text, "-n \"$" + name)) ||
          command.has("-w"))
        continue;
      model::Finding made =
          finding(model::Severity::error, command.span,
                  fmt::format("when this gets no answer, or an error page, {} is empty and the "
                              "comparison is false: an app that is dead counts as healthy",
                              name),
                  "curl -fsS from outside, and treat no answer as the alarm");
      if (found.empty())
        found.push_back(std::move(made));
      else
        found.back().related.push_back({command.span, "here, too"});
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
