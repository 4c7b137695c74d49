#include <unordered_map>

#include <fmt/format.h>

#include "analyzer/edits.hpp"
#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

std::vector<model::Finding> check_order_contradiction(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const model::RollbackPath& path : plan.paths) {
    std::unordered_map<model::StepIndex, std::size_t> position;
    for (std::size_t i = 0; i < path.steps.size(); ++i) position.emplace(path.steps[i], i);
    for (std::size_t i = 0; i < path.steps.size(); ++i) {
      const model::Step& each = plan.steps[path.steps[i]];
      if (each.first && i > 0) {
        findings.push_back(
            about_step(plan, path.steps[i], model::Severity::error,
                       fmt::format("'{}' is said to come first, and path '{}' starts with '{}'",
                                   each.id, path.name, plan.steps[path.steps.front()].id)));
        findings.back().related.push_back(
            {plan.steps[path.steps.front()].id_span, "this one runs before it"});
        findings.back().fix = "put it first, or drop the claim";
        findings.back().edits = move_in_path(plan, path, i, 0);
      }
      for (const model::StepIndex needed : each.needs) {
        const auto at = position.find(needed);
        if (at == position.end() || at->second < i) continue;
        findings.push_back(
            about_step(plan, path.steps[i], model::Severity::error,
                       fmt::format("path '{}' lists '{}' before '{}', which it needs", path.name,
                                   each.id, plan.steps[needed].id)));
        findings.back().fix = "list them in the order of their needs";
        findings.back().edits = move_in_path(plan, path, at->second, i);
      }
    }
  }
  return findings;
}

}  // namespace backout::analyzer
