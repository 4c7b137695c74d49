#include <algorithm>

#include <fmt/format.h>

#include "analyzer/rules/support.hpp"
#include "analyzer/rules/work.hpp"

namespace backout::analyzer {

namespace {

/// Whether the step runs in some path and is refused in each: step-refused says so.
bool is_always_refused(const Facts& facts, model::StepIndex step) {
  bool any = false;
  for (const Replay& path : facts.paths) {
    for (const Replayed& replayed : path.steps) {
      if (replayed.step != step) continue;
      if (!is_refused(replayed)) return false;
      any = true;
    }
  }
  return any;
}

}  // namespace

std::vector<model::Finding> check_undo_leaves_rest(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (model::StepIndex step = static_cast<model::StepIndex>(plan.deploy_count);
       step < plan.steps.size(); ++step) {
    const std::vector<std::string>& rest = facts.traits[step].leaves;
    if (rest.empty() || is_always_refused(facts, step) || is_declared(plan, plan.steps[step]) ||
        (is_about_workers(plan, step) && !finds_work(facts, step)))
      continue;
    findings.push_back(about_step(plan, step, model::Severity::warning,
                                  fmt::format("'{}' does not bring everything back: {}",
                                              plan.steps[step].id, fmt::join(rest, "; "))));
    const bool is_unsaid = rest.front().find("the plan does not say") != std::string::npos;
    findings.back().fix =
        is_unsaid ? "say it (`kept_back: 0s` where there are none), and wait for them otherwise"
                  : "add the steps that do, or declare it as `residue` with a reason";
  }
  return findings;
}

}  // namespace backout::analyzer
