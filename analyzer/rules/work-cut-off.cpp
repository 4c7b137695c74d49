#include <fmt/format.h>

#include "analyzer/rules/support.hpp"
#include "analyzer/rules/work.hpp"

namespace backout::analyzer {

std::vector<model::Finding> check_work_cut_off(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (model::StepIndex step = 0; step < plan.deploy_count; ++step) {
    const model::Step& each = plan.steps[step];
    // In the rollback undo-leaves-rest says so.
    const std::vector<std::string>& leaves = facts.traits[step].leaves;
    if (!is_about_workers(plan, step) || leaves.empty() || is_declared(plan, each) ||
        !finds_work(facts, step))
      continue;
    findings.push_back(about_step(plan, step, model::Severity::warning,
                                  fmt::format("'{}' does not wait for '{}': {}", each.id,
                                              plan.services[each.target].name, leaves.front())));
    findings.back().fix =
        "let them end their jobs first (`drain`), or say that each may begin again (`repeatable`)";
  }
  return findings;
}

}  // namespace backout::analyzer
