#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

/// Whether a machine may run the step: it says so, or a path that it is on has a timeout (somebody
/// wrapped it).
bool runs_unattended(const model::Plan& plan, model::StepIndex step) {
  if (plan.steps[step].by == model::By::automatic || plan.steps[step].by == model::By::ci)
    return true;
  for (const model::RollbackPath& path : plan.paths) {
    if (path.timeout && contains(path.steps, step)) return true;
  }
  return false;
}

}  // namespace

std::vector<model::Finding> check_waits_for_person(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (model::StepIndex step = 0; step < plan.steps.size(); ++step) {
    const services::Traits& traits = facts.traits[step];
    if (traits.waits_for.empty()) continue;
    const model::Step& each = plan.steps[step];
    const bool unattended = runs_unattended(plan, step);
    const bool bounded = each.timeout && !each.timeout->unknown;
    // Without an objective nobody says how long is too long, and the wait is as long all the same.
    const bool waited_for = step >= plan.deploy_count || on_timed_path(plan, step);
    if (traits.is_interactive ? (bounded && !unattended) : (bounded || !waited_for)) continue;
    const bool hangs = traits.is_interactive && unattended && !bounded;
    model::Finding finding = about_step(
        plan, step, hangs ? model::Severity::error : model::Severity::warning,
        fmt::format("'{}' {}{}", each.id, traits.waits_for,
                    hangs      ? ", but nobody is there when a machine runs it: it hangs for ever"
                    : !bounded ? ", and nothing bounds the wait"
                               : ", in a step that a machine runs"));
    finding.fix = traits.is_interactive
                      ? "take the answer as an argument, or give it a timeout and a default"
                      : "agree on a response time and write it as `timeout`";
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace backout::analyzer
