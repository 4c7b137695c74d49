#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

std::vector<model::Finding> check_hidden_failure(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (model::StepIndex step = 0; step < plan.steps.size(); ++step) {
    const std::string& why = facts.traits[step].hides_failure;
    if (why.empty() || is_a_look(facts, step)) continue;  // a look that cannot fail: check-cannot-fail
    // Whoever goes on behind a failure of what changes no service does not mind one that he never hears of.
    if (facts.traits[step].read_only && (!plan.steps[step].critical || plan.steps[step].on_failure.type == model::OnFailure::Type::carry_on)) continue;
    findings.push_back(about_step(plan, step, model::Severity::error,
                                  fmt::format("nobody sees '{}' fail: {}", plan.steps[step].id, why)));
    findings.back().fix = "make the command stop and fail at the first error (ON_ERROR_STOP, -f, set -e, a checksum)";
  }
  return findings;
}

}  // namespace backout::analyzer
