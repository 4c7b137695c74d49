#pragma once
// Generators for rapidcheck. Include this only where rapidcheck is there: backout itself does not need it.

#include <ostream>
#include <vector>

#include <rapidcheck.h>

#include "simulator/testing/plan_under_test.hpp"

namespace backout::simulator {

/// Scenarios of the plan: where the deploy stops, which path, which faults, what traffic. They shrink towards an earlier
/// stop, the plain order, no faults and no traffic. `plan` must outlive the generator.
inline rc::Gen<Scenario> scenarios(PlanUnderTest& plan, const ScenarioLimits& limits = {}) {
  return rc::gen::map(rc::gen::container<std::vector<std::uint16_t>>(rc::gen::inRange<std::uint16_t>(0, 1000)),
                      [&plan, limits](const std::vector<std::uint16_t>& choices) { return plan.scenario(choices, limits); });
}

/// How rapidcheck shows a scenario: as the file that `backout replay` reads.
inline std::ostream& operator<<(std::ostream& out, const Scenario& scenario) { return out << to_yaml(scenario); }
inline std::ostream& operator<<(std::ostream& out, Verdict verdict) { return out << to_string(verdict); }

}  // namespace backout::simulator
