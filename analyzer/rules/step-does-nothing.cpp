#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

std::vector<model::Finding> check_step_does_nothing(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const Run& run : runs_of(facts)) {
    for (const Replayed& replayed : *run.steps) {
      if (replayed.outcome.result != services::Outcome::Result::noop) continue;
      findings.push_back(about_step(
          plan, replayed.step, model::Severity::error,
          fmt::format("'{}' reports success and changes nothing ({}): {}",
                      plan.steps[replayed.step].id, run.name, replayed.outcome.message)));
      findings.back().fix =
          "use the command that does it, and verify the effect, not the exit status";
    }
  }
  return findings;
}

}  // namespace backout::analyzer
