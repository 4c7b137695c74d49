// Two properties of the plan beside this file, over every stop of the deploy, fault and order of traffic that
// rapidcheck can think of. The second does not hold for everybody: run with BREAK=1 to see what a failure looks like.
#include <cstdlib>
#include <iostream>

#include "simulator/testing/rapidcheck.hpp"

using backout::simulator::PlanUnderTest;
using backout::simulator::Played;
using backout::simulator::Scenario;
using backout::simulator::ScenarioLimits;
using backout::simulator::Verdict;

int main() {
  PlanUnderTest plan(PLAN);

  // Ours to state, nobody else's: customers are never charged in dollars once the rollback is over.
  const bool currency = rc::check("after a rollback prices are in euros again", [&] {
    const Scenario scenario = *backout::simulator::scenarios(plan);
    const Played played = plan.play(scenario);
    RC_PRE(played.verdict != Verdict::stuck);  // a rollback that does not end is another property
    RC_ASSERT(plan.fact(played, "settings.items.currency") == "eur");
  });

  // Without faults the rollback gives everything back but for the column that it says stays.
  ScenarioLimits limits;
  limits.faults = std::getenv("BREAK") != nullptr ? 1 : 0;
  const bool restored = rc::check("without faults every rollback restores", [&] {
    const Played played = plan.play(*backout::simulator::scenarios(plan, limits));
    RC_ASSERT(played.verdict == Verdict::restored || played.verdict == Verdict::restored_with_residue);
  });
  return currency && restored ? 0 : 1;
}
