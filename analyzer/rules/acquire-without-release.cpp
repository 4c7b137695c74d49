#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

/// The first step of `steps` after position `from` that releases `resource`; steps.size() when none does.
std::size_t find_release(const Facts& facts, const std::vector<model::StepIndex>& steps, std::size_t from,
                         const std::string& resource) {
  for (std::size_t i = from + 1; i < steps.size(); ++i) {
    if (contains(facts.traits[steps[i]].releases, resource)) return i;
  }
  return steps.size();
}

/// The first step between an acquire and its release whose failure ends the run before the release.
std::size_t find_exit(const model::Plan& plan, const std::vector<model::StepIndex>& steps, std::size_t acquire,
                      std::size_t release) {
  if (plan.steps[steps[release]].always) return steps.size();
  for (std::size_t i = acquire + 1; i < release; ++i) {
    const model::Step& each = plan.steps[steps[i]];
    if (each.on_failure.type == model::OnFailure::Type::abort && each.critical) return i;
  }
  return steps.size();
}

/// One list of steps in the order in which it runs: a path or the deploy.
void check_run(const Facts& facts, const std::vector<model::StepIndex>& steps, const std::string& name,
               std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    for (const std::string& resource : facts.traits[steps[i]].acquires) {
      const model::Step& each = plan.steps[steps[i]];
      const std::size_t release = find_release(facts, steps, i, resource);
      if (release == steps.size()) {
        findings.push_back(about_step(
            plan, steps[i], model::Severity::error,
            fmt::format("'{}' takes the {} and no later step of {} gives it back", each.id, resource, name)));
        findings.back().fix = "add the step that gives it back, with `always: true`";
        continue;
      }
      const std::size_t exit = find_exit(plan, steps, i, release);
      if (exit == steps.size()) continue;
      model::Finding finding = about_step(
          plan, steps[i], model::Severity::error,
          fmt::format("'{}' takes the {}; when '{}' fails, {} stops and '{}', which gives it back, never runs",
                      each.id, resource, plan.steps[steps[exit]].id, name, plan.steps[steps[release]].id));
      finding.related.push_back({plan.steps[steps[exit]].id_span, "the run can stop here"});
      finding.related.push_back({plan.steps[steps[release]].id_span, "and this is skipped"});
      finding.fix = fmt::format("write `always: true` on '{}'", plan.steps[steps[release]].id);
      findings.push_back(std::move(finding));
    }
  }
}

}  // namespace

std::vector<model::Finding> check_acquire_without_release(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  std::vector<model::StepIndex> deploy(plan.deploy_count);
  for (model::StepIndex step = 0; step < plan.deploy_count; ++step) deploy[step] = step;
  check_run(facts, deploy, "the deploy", findings);
  for (const model::RollbackPath& path : plan.paths) {
    check_run(facts, path.steps, fmt::format("path '{}'", path.name), findings);
  }
  drop_repeated(findings);
  return findings;
}

}  // namespace backout::analyzer
