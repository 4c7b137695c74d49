#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

/// How far a time range misses a limit.
enum class Miss { none, boundary, worst_case, always };

Miss miss_of(std::int64_t low_ms, std::int64_t high_ms, bool high_is_open, const model::Duration& limit) {
  const bool excluded = limit.strict;
  if (low_ms > limit.high_ms || (excluded && low_ms == limit.high_ms && low_ms > 0)) return Miss::always;
  if (high_ms > limit.high_ms) return Miss::worst_case;
  return excluded && !high_is_open && high_ms == limit.high_ms ? Miss::boundary : Miss::none;
}

/// The step of the schedule's critical path that takes longest at worst.
model::StepIndex slowest(const model::Plan& plan, const model::Schedule& schedule) {
  model::StepIndex worst = schedule.critical_path.front();
  for (const model::StepIndex step : schedule.critical_path) {
    if (schedule_step(plan, step).high_ms > schedule_step(plan, worst).high_ms) worst = step;
  }
  return worst;
}

const char* phrase(Miss miss) {
  switch (miss) {
    case Miss::always: return "never meets";
    case Miss::worst_case: return "can miss";
    case Miss::boundary: return "at its upper end just misses";
    case Miss::none: break;
  }
  return "meets";
}

}  // namespace

std::vector<model::Finding> check_method_slower_than_objective(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (std::size_t i = 0; i < plan.paths.size(); ++i) {
    const model::RollbackPath& path = plan.paths[i];
    const model::Schedule& schedule = facts.path_times[i];
    if (schedule.critical_path.empty()) continue;
    for (const model::Objective& objective : objectives_of(plan, path)) {
      const auto range = phase_time(plan, schedule, objective.phase);
      if (!range || objective.limit.unknown) continue;
      const Miss miss = miss_of(range->low_ms, range->high_ms, schedule.strict, objective.limit);
      if (miss == Miss::none) continue;
      const model::StepIndex step = slowest(plan, schedule);
      model::Finding finding = about_step(
          plan, step, miss == Miss::boundary ? model::Severity::warning : model::Severity::error,
          fmt::format("path '{}' takes {} and {} its objective of {} ({}); '{}' is its slowest step",
                      path.name, model::format_range_ms(range->low_ms, range->high_ms), phrase(miss),
                      model::to_string(objective.limit), objective.phase, plan.steps[step].id));
      finding.related.push_back({objective.span, "the objective"});
      finding.fix = "use a faster method on this path, run independent steps side by side, or state an objective that it can meet";
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

}  // namespace backout::analyzer
