#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

std::vector<model::Finding> check_not_repeatable(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (model::StepIndex step = 0; step < plan.steps.size(); ++step) {
    const model::Step& each = plan.steps[step];
    const std::string& why = facts.traits[step].not_repeatable;
    if (why.empty()) continue;
    // A rollback that failed half way is run again; a step that is retried runs again by itself.
    const bool retried = each.retry > 0;
    if (!retried && !(each.in_rollback && each.precheck.empty())) continue;
    model::Finding finding = about_step(
        plan, step, model::Severity::error,
        fmt::format("'{}' may run twice ({}), and twice is not once: {}", each.id,
                    retried ? "it is retried" : "a rollback that stopped half way is run again",
                    why));
    finding.fix =
        "name the state that it must reach instead of a step back, or add a `precheck` that ends "
        "it when it has run";
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace backout::analyzer
