#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

/// The step before position `at` that took down what ran on the same target; kNone when none did.
model::StepIndex destroyer_before(const Facts& facts, const Replay& replay, std::size_t at) {
  const model::Plan& plan = *facts.plan;
  const model::ServiceIndex target = plan.steps[replay.steps[at].step].target;
  for (std::size_t before = at; before-- > 0;) {
    const model::StepIndex step = replay.steps[before].step;
    if (plan.steps[step].target == target && !facts.traits[step].destroys.empty()) return step;
  }
  return model::kNone;
}

model::Finding finding_of(const Facts& facts, const Replay& replay, std::size_t at) {
  const model::Plan& plan = *facts.plan;
  const model::StepIndex step = replay.steps[at].step;
  const model::StepIndex destroyer = destroyer_before(facts, replay, at);
  const bool down = destroyer != model::kNone;
  model::Finding finding =
      about_step(plan, step, down ? model::Severity::error : model::Severity::warning,
                 fmt::format("'{}' needs {}, and nothing makes sure that it is there{}",
                             plan.steps[step].id, facts.traits[step].needs_artefact,
                             down ? fmt::format("; '{}' has by then destroyed what ran before",
                                                plan.steps[destroyer].id)
                                  : ""));
  if (down)
    finding.related.push_back(
        {plan.steps[destroyer].id_span, "from here on there is nothing to go back to"});
  finding.fix =
      "fetch it before anything is taken down, by digest, and keep it as long as a rollback may be "
      "wanted";
  return finding;
}

}  // namespace

std::vector<model::Finding> check_target_may_be_gone(const Facts& facts) {
  std::vector<model::Finding> findings;
  for (const Replay& replay : facts.paths) {
    std::vector<std::string> there;
    for (const Replayed& replayed : facts.deploy.steps)
      there.push_back(facts.traits[replayed.step].provides_artefact);
    for (std::size_t i = 0; i < replay.steps.size(); ++i) {
      const services::Traits& traits = facts.traits[replay.steps[i].step];
      there.push_back(traits.provides_artefact);
      if (traits.needs_artefact.empty() || contains(there, traits.needs_artefact)) continue;
      findings.push_back(finding_of(facts, replay, i));
    }
  }
  return findings;
}

}  // namespace backout::analyzer
