#include <algorithm>

#include <fmt/format.h>

#include "analyzer/rules/looks.hpp"

namespace backout::analyzer {

namespace {

/// Whether the step asks for a state and answers with success or failure.
bool asks(const Facts& facts, model::StepIndex step) {
  return is_look(facts, step) || facts.plan->steps[step].verb == "rollout_status" ||
         (facts.plan->steps[step].verb == "verify" && facts.traits[step].read_only);
}

}  // namespace

std::vector<model::Finding> check_look_ignored(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const Run& run : runs_of(facts)) {
    for (std::size_t i = 0; i < run.steps->size(); ++i) {
      const model::Step& each = plan.steps[(*run.steps)[i].step];
      const bool goes_on =
          each.on_failure.type == model::OnFailure::Type::carry_on || !each.critical;
      if (!goes_on || !asks(facts, (*run.steps)[i].step)) continue;
      const auto acts = [&](const Replayed& later) {
        return !facts.traits[later.step].read_only &&
               (!later.outcome.changes.empty() || !facts.traits[later.step].irrevocable.empty());
      };
      const auto next = std::find_if(run.steps->begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                     run.steps->end(), acts);
      const bool last = next == run.steps->end();
      findings.push_back(
          about_step(plan, (*run.steps)[i].step, model::Severity::warning,
                     fmt::format("'{}' looks, and {} whatever it sees", each.id,
                                 last ? run.name + " ends as a success"
                                      : fmt::format("'{}' goes on", plan.steps[next->step].id))));
      if (!last)
        findings.back().related.push_back(
            {plan.steps[next->step].id_span, "what runs all the same"});
      findings.back().fix =
          "let its failure stop the run (`on_failure: abort`), or leave the look out";
    }
  }
  return findings;
}

}  // namespace backout::analyzer
