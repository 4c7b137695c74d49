#include "analyzer/rules/support.hpp"

#include <set>
#include <tuple>

namespace backout::analyzer {

model::Finding about_step(const model::Plan& plan, model::StepIndex step, model::Severity severity,
                          std::string message) {
  model::Finding finding;
  finding.severity = severity;
  finding.message = std::move(message);
  finding.span = plan.steps[step].id_span;
  finding.step = plan.steps[step].id;
  return finding;
}

bool on_timed_path(const model::Plan& plan, model::StepIndex step) {
  return std::any_of(plan.paths.begin(), plan.paths.end(), [&](const model::RollbackPath& path) {
    const bool timed = path.total || path.timeout || (path.full && plan.rollback_total) ||
                       !model::objectives_of(plan, path).empty();
    return timed && contains(path.steps, step);
  });
}

std::vector<const model::Condition*> leaves(const model::Condition& condition) {
  if (condition.parts.empty()) return {&condition};
  std::vector<const model::Condition*> found;
  for (const model::Condition& part : condition.parts) {
    for (const model::Condition* leaf : leaves(part)) found.push_back(leaf);
  }
  return found;
}

void drop_repeated(std::vector<model::Finding>& findings) {
  std::set<std::tuple<model::Span, model::Severity>> seen;
  std::erase_if(findings, [&](const model::Finding& finding) {
    return !seen.insert({finding.span, finding.severity}).second;
  });
}

}  // namespace backout::analyzer
