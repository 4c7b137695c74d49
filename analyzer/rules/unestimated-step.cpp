#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

/// A step in a list: its id, and what it waits for without a bound.
std::string words(const Facts& facts, model::StepIndex step) {
  const model::Step& each = facts.plan->steps[step];
  const std::string& waits = facts.traits[step].waits_for;
  return waits.empty() || each.timeout ? fmt::format("'{}'", each.id)
                                       : fmt::format("'{}' (no bound: {})", each.id, waits);
}

/// "cannot be decided: 'a', 'b' have no estimate", at the first of the steps.
model::Finding finding_of(const Facts& facts, const std::vector<model::StepIndex>& unestimated,
                          const std::string& what) {
  const model::Plan& plan = *facts.plan;
  std::vector<std::string> steps;
  for (const model::StepIndex step : unestimated) steps.push_back(words(facts, step));
  model::Finding finding =
      about_step(plan, unestimated.front(), model::Severity::warning,
                 fmt::format("whether {} cannot be decided: {} {} no estimate", what,
                             fmt::join(steps, ", "), steps.size() == 1 ? "has" : "have"));
  for (std::size_t at = 1; at < unestimated.size(); ++at)
    finding.related.push_back({plan.steps[unestimated[at]].id_span, "no estimate either"});
  finding.fix = "measure it in a drill and write `takes`";
  return finding;
}

/// Deploy steps without an estimate where the plan says how long the deploy may take.
void check_window(const Facts& facts, std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  if (!plan.window || plan.window->unknown) return;
  std::vector<model::StepIndex> unestimated;
  for (model::StepIndex step = 0; step < plan.deploy_count; ++step) {
    if (!model::schedule_step(plan, step).unestimated.empty()) unestimated.push_back(step);
  }
  if (!unestimated.empty())
    findings.push_back(finding_of(facts, unestimated, "the deploy fits its window"));
}

}  // namespace

std::vector<model::Finding> check_unestimated_step(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  check_window(facts, findings);
  for (std::size_t i = 0; i < plan.paths.size(); ++i) {
    const model::RollbackPath& path = plan.paths[i];
    // A path of which the plan says `none` promises nothing.
    const bool promises = std::ranges::any_of(
        model::objectives_of(plan, path),
        [](const model::Objective& each) { return !each.limit.unknown || each.path.empty(); });
    const bool timed = promises || path.total || (path.full && plan.rollback_total);
    const std::vector<model::StepIndex>& unestimated = facts.path_times[i].unestimated;
    if (timed && !unestimated.empty())
      findings.push_back(
          finding_of(facts, unestimated, fmt::format("path '{}' ends in time", path.name)));
  }
  return findings;
}

}  // namespace backout::analyzer
