#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

/// Another version that is built as the same artefact as the one that the step serves; empty when there is none.
std::string twin_of(const model::Plan& plan, const model::Step& step) {
  if (step.target == model::kNone) return {};
  const model::Service& app = plan.services[step.target];
  const model::Version* version = app.find_version(step.args.text_or("version", step.args.text("to")));
  if (version == nullptr || version->artefact.empty() || version->artefact == "unknown") return {};
  for (const model::Version& other : app.versions) {
    if (other.name != version->name && other.artefact == version->artefact) return other.name;
  }
  return {};
}

/// A rollback that serves what it is to take away: two versions are one artefact.
void check_twins(const Facts& facts, model::StepIndex step, std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  const std::string twin = twin_of(plan, plan.steps[step]);
  if (twin.empty() || !facts.traits[step].changes_version) return;
  const model::Service& app = plan.services[plan.steps[step].target];
  const std::string& artefact = app.find_version(twin)->artefact;
  findings.push_back(about_step(plan, step, model::Severity::error,
                                fmt::format("'{}' serves '{}', which is what version '{}' is, too: it serves what runs",
                                            plan.steps[step].id, artefact, twin)));
  findings.back().related.push_back({app.find_version(twin)->span, "the other version"});
  findings.back().fix = "give every build a tag of its own, or name the digest";
}

}  // namespace

std::vector<model::Finding> check_unpinned_target(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (model::StepIndex step = 0; step < plan.deploy_count; ++step) {
    const std::string& why = facts.traits[step].unpinned_target;
    if (!why.ends_with("may move")) continue;  // only tags: who goes forward may go to the newest
    findings.push_back(about_step(plan, step, model::Severity::note,
                                  fmt::format("what '{}' deploys is not fixed: {}", plan.steps[step].id, why)));
    findings.back().fix = "deploy by digest, commit or full version number, so that it can be named again";
  }
  for (model::StepIndex step = static_cast<model::StepIndex>(plan.deploy_count); step < plan.steps.size(); ++step) {
    check_twins(facts, step, findings);
    const std::string& why = facts.traits[step].unpinned_target;
    if (why.empty()) continue;
    findings.push_back(about_step(plan, step, model::Severity::warning,
                                  fmt::format("what '{}' goes back to is not fixed: {}", plan.steps[step].id, why)));
    findings.back().fix = "record the version, revision or digest that served before, in a step of the deploy, and name it here";
  }
  return findings;
}

}  // namespace backout::analyzer
