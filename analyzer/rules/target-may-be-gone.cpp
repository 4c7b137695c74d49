#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

std::vector<model::Finding> check_target_may_be_gone(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const Replay& replay : facts.paths) {
    std::vector<std::string> there;
    for (const Replayed& replayed : facts.deploy.steps) there.push_back(facts.traits[replayed.step].provides_artefact);
    for (std::size_t i = 0; i < replay.steps.size(); ++i) {
      const model::StepIndex step = replay.steps[i].step;
      there.push_back(facts.traits[step].provides_artefact);
      const std::string& needed = facts.traits[step].needs_artefact;
      if (needed.empty() || contains(there, needed)) continue;
      model::StepIndex destroyer = model::kNone;
      for (std::size_t before = 0; before < i; ++before) {
        const model::StepIndex other = replay.steps[before].step;
        if (plan.steps[other].target == plan.steps[step].target && !facts.traits[other].destroys.empty()) destroyer = other;
      }
      model::Finding finding = about_step(
          plan, step, destroyer == model::kNone ? model::Severity::warning : model::Severity::error,
          fmt::format("'{}' needs {}, and nothing makes sure that it is there{}", plan.steps[step].id, needed,
                      destroyer == model::kNone ? "" : fmt::format("; '{}' has by then destroyed what ran before", plan.steps[destroyer].id)));
      if (destroyer != model::kNone) finding.related.push_back({plan.steps[destroyer].id_span, "from here on there is nothing to go back to"});
      finding.fix = "fetch it first, by digest, before anything is taken down";
      findings.push_back(std::move(finding));
    }
  }
  drop_repeated(findings);
  return findings;
}

}  // namespace backout::analyzer
