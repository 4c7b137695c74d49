#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

std::vector<model::Finding> check_step_refused(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const Run& run : runs_of(facts)) {
    for (const Replayed& replayed : *run.steps) {
      if (replayed.outcome.result != services::Outcome::Result::refused) continue;
      const bool seen =
          !replayed.outcome.reported_ok &&
          plan.steps[replayed.step].on_failure.type != model::OnFailure::Type::carry_on;
      findings.push_back(about_step(
          plan, replayed.step, model::Severity::error,
          fmt::format("'{}' is refused even when nothing else goes wrong ({}): {}{}",
                      plan.steps[replayed.step].id, run.name, replayed.outcome.message,
                      seen                           ? ""
                      : replayed.outcome.reported_ok ? "; the command reports success all the same"
                                                     : "; the run goes on all the same")));
      findings.back().fix =
          "try the step on a copy; use the tool and the order that fit the state that it meets";
    }
  }
  return findings;
}

}  // namespace backout::analyzer
