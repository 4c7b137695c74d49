#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

/// The deploy up to the last step that changes something: watching may go on after the window.
model::Schedule changing_part(const Facts& facts) {
  model::RollbackPath part;
  std::size_t count = 0;
  for (model::StepIndex step = 0; step < facts.plan->deploy_count; ++step) {
    part.steps.push_back(step);
    if (!facts.traits[step].read_only) count = part.steps.size();
  }
  part.steps.resize(count);
  return schedule_path(*facts.plan, part);
}

}  // namespace

std::vector<model::Finding> check_window_too_short(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  if (!plan.window || plan.window->unknown || plan.paths.empty()) return {};
  const model::Schedule deploy = changing_part(facts);
  std::size_t slowest = plan.paths.size();
  for (std::size_t i = 0; i < plan.paths.size(); ++i) {
    if (!plan.paths[i].full) continue;
    if (slowest == plan.paths.size() ||
        facts.path_times[i].high_ms > facts.path_times[slowest].high_ms)
      slowest = i;
  }
  if (slowest == plan.paths.size()) return {};
  const model::Schedule& rollback = facts.path_times[slowest];
  const std::int64_t low = deploy.low_ms + rollback.low_ms;
  const std::int64_t high = deploy.high_ms + rollback.high_ms;
  if (high <= plan.window->high_ms) return {};
  model::Finding finding;
  finding.severity = model::Severity::warning;
  finding.span = plan.window_span;
  finding.message = fmt::format(
      "the window of {} {} a deploy of {} whose last step is rolled back by '{}' in {}: {} "
      "together",
      model::format_ms(plan.window->high_ms),
      low > plan.window->high_ms ? "never holds" : "need not hold",
      model::format_range_ms(deploy.low_ms, deploy.high_ms), plan.paths[slowest].name,
      model::format_range_ms(rollback.low_ms, rollback.high_ms), model::format_range_ms(low, high));
  finding.related.push_back({plan.paths[slowest].span, "the slowest full path"});
  finding.fix =
      "decide by the latest step from which the rollback still fits, or take a longer window";
  return {std::move(finding)};
}

}  // namespace backout::analyzer
