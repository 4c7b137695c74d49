#include <fmt/format.h>

#include "analyzer/rules/support.hpp"
#include "services/downtime.hpp"

namespace backout::analyzer {

namespace {

/// The step of the schedule's critical path that takes longest at worst.
model::StepIndex slowest(const model::Plan& plan, const model::Schedule& schedule) {
  model::StepIndex worst = schedule.critical_path.front();
  for (const model::StepIndex step : schedule.critical_path) {
    if (schedule_step(plan, step).high_ms > schedule_step(plan, worst).high_ms) worst = step;
  }
  return worst;
}

const char* phrase(model::Fit fit) {
  switch (fit) {
    case model::Fit::never:
      return "never meets";
    case model::Fit::worst_case:
      return "can miss";
    case model::Fit::boundary:
      return "at its upper end just misses";
    case model::Fit::fits:
      break;
  }
  return "meets";
}

}  // namespace

std::vector<model::Finding> check_method_slower_than_objective(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (std::size_t i = 0; i < plan.paths.size(); ++i) {
    const model::RollbackPath& path = plan.paths[i];
    for (const model::Objective& objective : model::objectives_of(plan, path)) {
      if (objective.limit.unknown) continue;
      const model::Schedule schedule =
          services::schedule_for(facts.context, facts.start, path, objective, facts.path_times[i]);
      const auto range = model::phase_time(plan, schedule, objective.phase);
      if (!range || schedule.critical_path.empty()) continue;
      const model::Fit fit = model::fit(*range, schedule.strict, objective.limit);
      if (fit == model::Fit::fits) continue;
      const model::StepIndex step = slowest(plan, schedule);
      model::Finding finding = about_step(
          plan, step,
          fit == model::Fit::boundary ? model::Severity::warning : model::Severity::error,
          fmt::format("path '{}' {} {} and {} its objective of {} ({}); '{}' is its slowest step",
                      path.name, services::is_downtime(objective) ? "keeps users out for" : "takes",
                      model::format_range_ms(range->low_ms, range->high_ms), phrase(fit),
                      model::to_string(objective.limit), objective.phase, plan.steps[step].id));
      finding.related.push_back({objective.span, "the objective"});
      finding.fix =
          "use a faster method on this path, run independent steps side by side, or state an "
          "objective that it can meet";
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

}  // namespace backout::analyzer
