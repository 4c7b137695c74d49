// Properties of the plan beside this file, over every stop of the deploy, fault and order of
// traffic that rapidcheck can think of. The second does not hold for everybody: run with BREAK=1 to
// see what a failure looks like.
#include <cstdlib>
#include <iostream>

#include <backout/rapidcheck.hpp>
#include <backout/simulator.hpp>

using namespace backout::simulator;

int main() {
  PlanUnderTest plan(PLAN);

  // Ours to state, nobody else's: customers are never charged in dollars once the rollback is over.
  // What failed once is remembered in a file and tried first; what was drawn is counted.
  Drawn drawn(plan);
  ScenarioCheck check;
  check.drawn = &drawn;
  if (const char* file = std::getenv("EXAMPLES")) check.examples = file;
  const bool currency = check_scenarios(
      "after a rollback prices are in euros again", plan,
      [&](const Played& played) {
        // A rollback that does not end, or that a step only said to have worked, is another
        // property.
        if (std::getenv("BREAK") == nullptr)
          RC_PRE(played.verdict != Verdict::stuck && played.verdict != Verdict::not_restored);
        RC_ASSERT(plan.after(played).fact("settings.items.currency") == "eur");
      },
      check);
  std::cout << drawn.text();

  // Without faults the rollback gives everything back but for the column that it says stays.
  ScenarioLimits limits;
  limits.faults = std::getenv("BREAK") != nullptr ? 1 : 0;
  const bool restored = rc::check("without faults every rollback restores", [&] {
    const Played played = plan.play(*scenarios(plan, limits));
    RC_ASSERT(played.verdict == Verdict::restored ||
              played.verdict == Verdict::restored_with_residue);
  });
  // One fault after the other, with an order of the new version in between: none of them loses the
  // order.
  bool kept = true;
  Script script = plan.plain_script();
  script.traffic = {{"'inserts orders' of api@v2", "r_release"}};
  for (const FaultAt& fault : plan.more_faults(script)) {
    Script broken = script;
    broken.faults = {fault};
    if (const auto scenario = plan.compose(broken))
      kept = kept && plan.play(*scenario).verdict != Verdict::data_lost;
  }

  // The release fails, and the retry times out: it takes effect just before the price changes.
  script.faults = {{"r_release", 1, Fault::fail}, {"r_release", 2, Fault::late, 0, "r_charge"}};
  kept = kept && plan.play(plan.compose(script).value()).verdict != Verdict::data_lost;

  // What was made apart need not go together; then compose() says what cannot be, and what could.
  script.faults = {{"r_charge", 1, Fault::late, 0, "r_release"}};
  const auto mistake = plan.compose(script).error().front();
  std::cout << mistake.message << "\n      " << mistake.hint << '\n';
  return currency && restored && kept ? 0 : 1;
}
