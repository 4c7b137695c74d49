#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

std::vector<model::Finding> check_hidden_failure(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (model::StepIndex step = 0; step < plan.steps.size(); ++step) {
    const std::string& why = facts.traits[step].hides_failure;
    if (why.empty() || facts.traits[step].read_only) continue;  // a look that cannot fail: check-cannot-fail
    findings.push_back(about_step(plan, step, model::Severity::error,
                                  fmt::format("nobody sees '{}' fail: {}", plan.steps[step].id, why)));
    findings.back().fix = "make the command stop and fail at the first error (ON_ERROR_STOP, -f, set -e, a checksum)";
  }
  return findings;
}

}  // namespace backout::analyzer
