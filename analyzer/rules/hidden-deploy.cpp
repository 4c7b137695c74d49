#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

/// Whether the step is there to deploy this app: it takes a deploy of it back, or its checks ask
/// for the app.
bool is_meant(const Facts& facts, model::StepIndex step, model::ServiceIndex app) {
  const model::Plan& plan = *facts.plan;
  const std::vector<model::StepIndex>& undoes = plan.steps[step].undoes;
  for (model::StepIndex deployed = 0; deployed < plan.deploy_count; ++deployed) {
    const bool undone = plan.steps[deployed].undo.step == step || contains(undoes, deployed);
    if (undone &&
        (plan.steps[deployed].target == app || contains(facts.traits[deployed].triggers, app)))
      return true;
  }
  return std::any_of(plan.steps[step].verify.begin(), plan.steps[step].verify.end(),
                     [&](const model::Check& check) { return contains(check.services, app); });
}

/// The step of the run that puts a version of the app itself; kNone when none does.
model::StepIndex handled_by(const Facts& facts, const Run& run, model::ServiceIndex app) {
  model::StepIndex handled = model::kNone;
  for (const Replayed& other : *run.steps) {
    if (facts.plan->steps[other.step].target == app && facts.traits[other.step].changes_version)
      handled = other.step;
  }
  return handled;
}

model::Finding finding_of(const model::Plan& plan, model::StepIndex step, model::ServiceIndex app,
                          model::StepIndex handled) {
  const bool twice = handled != model::kNone;
  model::Finding finding = about_step(
      plan, step, twice ? model::Severity::error : model::Severity::warning,
      fmt::format(
          "'{}' also deploys '{}', which watches the same branch{}", plan.steps[step].id,
          plan.services[app].name,
          twice ? fmt::format(" and which '{}' handles by other means", plan.steps[handled].id)
                : ""));
  finding.related.push_back({plan.services[app].span, "the service that deploys by itself"});
  finding.fix = "pause automatic deploys first, or roll both back by the push";
  return finding;
}

/// A push of which nothing says for which of several apps it is.
model::Finding finding_of_all(const model::Plan& plan, model::StepIndex step,
                              const std::vector<model::ServiceIndex>& apps) {
  std::vector<std::string> names;
  for (const model::ServiceIndex app : apps)
    names.push_back(fmt::format("'{}'", plan.services[app].name));
  model::Finding finding = about_step(plan, step, model::Severity::warning,
                                      fmt::format("'{}' deploys all that watch the branch: {}",
                                                  plan.steps[step].id, fmt::join(names, ", ")));
  for (const model::ServiceIndex app : apps)
    finding.related.push_back({plan.services[app].span, "it deploys by itself"});
  finding.fix =
      "pause automatic deploys first, or say what the push is for: a check that asks it, `undoes`";
  return finding;
}

}  // namespace

std::vector<model::Finding> check_hidden_deploy(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const Run& run : runs_of(facts)) {
    for (const Replayed& replayed : *run.steps) {
      bool meant = false;
      std::vector<model::ServiceIndex> others;
      for (const model::ServiceIndex app : facts.traits[replayed.step].triggers) {
        const model::StepIndex handled = handled_by(facts, run, app);
        if (is_meant(facts, replayed.step, app)) {
          meant = true;
        } else if (handled != model::kNone) {
          findings.push_back(finding_of(plan, replayed.step, app, handled));
        } else {
          others.push_back(app);
        }
      }
      // A push that is the way to deploy its one watcher is no surprise, and in the deploy none is;
      // a second watcher is.
      if (run.path == model::kNone) continue;
      if (!meant && others.size() > 1)
        findings.push_back(finding_of_all(plan, replayed.step, others));
      for (const model::ServiceIndex app : meant ? others : std::vector<model::ServiceIndex>{}) {
        findings.push_back(finding_of(plan, replayed.step, app, model::kNone));
      }
    }
  }
  return findings;
}

}  // namespace backout::analyzer
