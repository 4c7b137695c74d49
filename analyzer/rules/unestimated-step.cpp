#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

std::vector<model::Finding> check_unestimated_step(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  std::vector<std::vector<std::string>> paths_of(plan.steps.size());
  for (std::size_t i = 0; i < plan.paths.size(); ++i) {
    const bool timed = !model::objectives_of(plan, plan.paths[i]).empty() || plan.paths[i].total ||
                       (plan.paths[i].full && plan.rollback_total);
    if (!timed) continue;
    for (const model::StepIndex step : facts.path_times[i].unestimated) {
      paths_of[step].push_back(fmt::format("'{}'", plan.paths[i].name));
    }
  }
  for (model::StepIndex step = 0; step < plan.steps.size(); ++step) {
    if (paths_of[step].empty()) continue;
    const bool unbounded = !facts.traits[step].waits_for.empty() && !plan.steps[step].timeout;
    findings.push_back(about_step(
        plan, step, model::Severity::warning,
        fmt::format("'{}' has no estimate{}: whether {} {} in time cannot be decided", plan.steps[step].id,
                    unbounded ? fmt::format(" and no bound ({})", facts.traits[step].waits_for) : "",
                    paths_of[step].size() == 1 ? "path" : "paths",
                    fmt::format("{} {}", fmt::join(paths_of[step], ", "),
                                paths_of[step].size() == 1 ? "ends" : "end"))));
    findings.back().fix = "measure it in a drill and write `takes`";
  }
  return findings;
}

}  // namespace backout::analyzer
