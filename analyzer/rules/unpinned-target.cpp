#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

std::vector<model::Finding> check_unpinned_target(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (model::StepIndex step = static_cast<model::StepIndex>(plan.deploy_count); step < plan.steps.size(); ++step) {
    const std::string& why = facts.traits[step].unpinned_target;
    if (why.empty()) continue;
    findings.push_back(about_step(plan, step, model::Severity::warning,
                                  fmt::format("what '{}' goes back to is not fixed: {}", plan.steps[step].id, why)));
    findings.back().fix = "record the version, revision or digest that served before, in a step of the deploy, and name it here";
  }
  return findings;
}

}  // namespace backout::analyzer
