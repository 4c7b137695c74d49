#include <unordered_map>

#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

std::vector<model::Finding> check_contradictory_paths(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (std::size_t i = 0; i < plan.paths.size(); ++i) {
    for (std::size_t j = i + 1; j < plan.paths.size(); ++j) {
      if (!plan.paths[i].full || !plan.paths[j].full) continue;
      const std::vector<model::StepIndex>& one = plan.paths[i].steps;
      const std::vector<model::StepIndex>& other = plan.paths[j].steps;
      std::unordered_map<model::StepIndex, std::size_t> position;
      for (std::size_t at = 0; at < other.size(); ++at) position[other[at]] = at;
      std::vector<model::StepIndex> shared;
      for (const model::StepIndex step : one) {
        if (position.contains(step)) shared.push_back(step);
      }
      for (std::size_t at = 0; at + 1 < shared.size(); ++at) {
        if (position[shared[at]] < position[shared[at + 1]]) continue;
        model::Finding finding;
        finding.severity = model::Severity::warning;
        finding.span = plan.paths[j].span;
        finding.message = fmt::format(
            "paths '{}' and '{}' both claim to restore everything and disagree on the order of "
            "'{}' and '{}'",
            plan.paths[i].name, plan.paths[j].name, plan.steps[shared[at]].id,
            plan.steps[shared[at + 1]].id);
        finding.related.push_back({plan.paths[i].span, "the other order"});
        finding.fix = "find out which order is right and keep one";
        findings.push_back(std::move(finding));
        break;
      }
    }
  }
  return findings;
}

}  // namespace backout::analyzer
