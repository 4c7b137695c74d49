#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

std::vector<model::Finding> check_misdirected_command(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (model::StepIndex step = 0; step < plan.steps.size(); ++step) {
    const std::string& why = facts.traits[step].misdirected;
    if (why.empty()) continue;
    findings.push_back(about_step(
        plan, step, model::Severity::error,
        fmt::format("'{}' does not do what it is there for: {}", plan.steps[step].id, why)));
    findings.back().fix = "use the command that does it, and try it in a drill";
  }
  return findings;
}

}  // namespace backout::analyzer
