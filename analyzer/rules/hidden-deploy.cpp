#include <algorithm>

#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

/// Whether the step is there to deploy this app: it takes a deploy of it back, or its checks ask for the app.
bool is_meant(const Facts& facts, model::StepIndex step, model::ServiceIndex app) {
  const model::Plan& plan = *facts.plan;
  const std::vector<model::StepIndex>& undoes = plan.steps[step].undoes;
  for (model::StepIndex deployed = 0; deployed < plan.deploy_count; ++deployed) {
    const bool undone = plan.steps[deployed].undo.step == step || contains(undoes, deployed);
    if (undone && (plan.steps[deployed].target == app || contains(facts.traits[deployed].triggers, app))) return true;
  }
  return std::any_of(plan.steps[step].verify.begin(), plan.steps[step].verify.end(),
                     [&](const model::Check& check) { return contains(check.services, app); });
}

}  // namespace

std::vector<model::Finding> check_hidden_deploy(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const Run& run : runs_of(facts)) {
    for (const Replayed& replayed : *run.steps) {
      for (const model::ServiceIndex app : facts.traits[replayed.step].triggers) {
        if (is_meant(facts, replayed.step, app)) continue;
        // A push that is the way to deploy its one watcher is no surprise; a second watcher is, and so is an app that
        // the same run handles by other means.
        const bool alone = facts.traits[replayed.step].triggers.size() == 1;
        model::StepIndex handled = model::kNone;
        for (const Replayed& other : *run.steps) {
          if (plan.steps[other.step].target == app && facts.traits[other.step].changes_version) handled = other.step;
        }
        if (handled == model::kNone && (alone || run.path == model::kNone)) continue;
        model::Finding finding = about_step(
            plan, replayed.step, handled == model::kNone ? model::Severity::warning : model::Severity::error,
            fmt::format("'{}' also deploys '{}', which watches the same branch{}", plan.steps[replayed.step].id, plan.services[app].name,
                        handled == model::kNone ? "" : fmt::format(" and which '{}' handles by other means", plan.steps[handled].id)));
        finding.related.push_back({plan.services[app].span, "the service that deploys by itself"});
        finding.fix = "pause automatic deploys first, or roll both back by the push";
        findings.push_back(std::move(finding));
      }
    }
  }
  return findings;
}

}  // namespace backout::analyzer
