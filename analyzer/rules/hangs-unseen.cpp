#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

/// Whether some path has the step and does not give the whole of it up after some time.
bool is_unbounded(const model::Plan& plan, model::StepIndex step) {
  return std::ranges::any_of(plan.paths, [&](const model::RollbackPath& path) {
    return contains(path.steps, step) && !path.timeout;
  });
}

}  // namespace

std::vector<model::Finding> check_hangs_unseen(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::StepIndex> unbounded;
  for (auto step = static_cast<model::StepIndex>(plan.deploy_count); step < plan.steps.size();
       ++step) {
    const model::Step& each = plan.steps[step];
    if ((each.by != model::By::automatic && each.by != model::By::ci) || each.timeout ||
        !facts.traits[step].waits_for.empty())
      continue;
    if (!on_timed_path(plan, step) || !is_unbounded(plan, step)) continue;
    unbounded.push_back(step);
  }
  if (unbounded.empty()) return {};
  std::vector<std::string> ids;
  for (const model::StepIndex step : unbounded)
    ids.push_back(fmt::format("'{}'", plan.steps[step].id));
  model::Finding finding = about_step(
      plan, unbounded.front(), model::Severity::warning,
      fmt::format(
          "{} {} by {} without a timeout: when {} hangs, nobody ends it and the objective passes",
          fmt::join(ids, ", "), ids.size() == 1 ? "runs" : "run",
          ids.size() == 1 ? "itself" : "themselves", ids.size() == 1 ? "it" : "one of them"));
  for (std::size_t at = 1; at < unbounded.size(); ++at)
    finding.related.push_back({plan.steps[unbounded[at]].id_span, "no timeout either"});
  finding.fix = "give the step a `timeout`, or the path";
  return {std::move(finding)};
}

}  // namespace backout::analyzer
