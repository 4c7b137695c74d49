#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

std::vector<model::Finding> check_no_command(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (model::StepIndex step = 0; step < plan.steps.size(); ++step) {
    const model::Step& each = plan.steps[step];
    const model::Node* command = each.args.find("command");
    if (command == nullptr || !command->is_unknown()) continue;
    model::Finding finding =
        about_step(plan, step, each.in_rollback ? model::Severity::error : model::Severity::warning,
                   fmt::format("nobody knows how '{}' is done: its command is unknown", each.id));
    finding.span = command->span;
    finding.fix = "write the command that the last drill used";
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace backout::analyzer
