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

std::vector<model::Objective> objectives_of(const model::Plan& plan, const model::RollbackPath& path) {
  std::vector<model::Objective> mine;
  for (const model::Objective& objective : plan.objectives) {
    if (objective.path == path.name) mine.push_back(objective);
  }
  if (!path.full) return mine;
  const std::size_t own = mine.size();
  for (const model::Objective& objective : plan.objectives) {
    if (!objective.path.empty()) continue;
    const bool overridden = std::any_of(mine.begin(), mine.begin() + own, [&](const model::Objective& each) {
      return each.phase == objective.phase;
    });
    if (!overridden) mine.push_back(objective);
  }
  return mine;
}

std::optional<TimeRange> phase_time(const model::Plan& plan, const model::Schedule& schedule,
                                    const std::string& phase) {
  if (phase == "verify") return TimeRange{schedule.verify_low_ms, schedule.verify_high_ms};
  TimeRange range{schedule.low_ms, schedule.high_ms};
  if (phase == "execute") {
    return TimeRange{range.low_ms - schedule.verify_low_ms, range.high_ms - schedule.verify_high_ms};
  }
  if (phase != "total") return std::nullopt;
  for (const auto& response : {plan.detect, plan.respond}) {
    if (!response || response->unknown) continue;
    range.low_ms += response->low_ms;
    range.high_ms += response->high_ms;
  }
  return range;
}

bool on_timed_path(const model::Plan& plan, model::StepIndex step) {
  return std::any_of(plan.paths.begin(), plan.paths.end(), [&](const model::RollbackPath& path) {
    const bool timed = path.total || path.timeout || (path.full && plan.rollback_total) ||
                       !objectives_of(plan, path).empty();
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
