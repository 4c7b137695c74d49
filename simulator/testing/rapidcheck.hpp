#pragma once
// Generators for rapidcheck. Include this only where rapidcheck is there: backout itself does not need it.

#include <ostream>
#include <vector>

#include <rapidcheck.h>

#include "simulator/testing/draw_plan.hpp"
#include "simulator/testing/plan_under_test.hpp"

namespace backout::simulator {

/// Values that `draw(chooser)` makes; they shrink to what `simpler(value)` lists, the first of the list first.
template <typename Draw, typename Simpler>
auto drawn(Draw draw, Simpler simpler) {
  using Value = decltype(draw(std::declval<Chooser&>()));
  return rc::Gen<Value>([=](const rc::Random& random, int) {
    SeededChooser chooser(rc::Random(random).next());
    return rc::shrinkable::shrinkRecur(draw(chooser), [=](const Value& value) { return rc::seq::fromContainer(simpler(value)); });
  });
}

/// Any plan over the vocabulary. Plans shrink by losing steps, paths, edges, words about steps, traffic and services, one
/// after the other.
inline rc::Gen<PlanSketch> plans(const Vocabulary& vocabulary = small_vocabulary(), const PlanLimits& limits = {}) {
  return drawn([=](Chooser& chooser) { return draw_plan(chooser, vocabulary, limits); }, simpler);
}

/// Plans whose rollback works, see draw_working_plan; what they shrink to works, too.
inline rc::Gen<PlanSketch> working_plans(const Vocabulary& vocabulary = small_vocabulary(), const PlanLimits& limits = {},
                                         bool checked = false) {
  return drawn([=](Chooser& chooser) { return draw_working_plan(chooser, vocabulary, limits, checked); }, simpler_working);
}

/// Scenarios of the plan: where the deploy stops, which path, which faults, what traffic. They shrink towards an earlier
/// stop, the plain order, no faults and no traffic. `plan` must outlive the generator.
inline rc::Gen<Scenario> scenarios(PlanUnderTest& plan, const ScenarioLimits& limits = {}) {
  return rc::gen::map(rc::gen::container<std::vector<std::uint16_t>>(rc::gen::inRange<std::uint16_t>(0, 1000)),
                      [&plan, limits](const std::vector<std::uint16_t>& choices) { return plan.scenario(choices, limits); });
}

/// How rapidcheck shows a plan: as the file that backout reads.
inline std::ostream& operator<<(std::ostream& out, const PlanSketch& plan) { return out << to_yaml(plan); }
/// How rapidcheck shows a scenario: as the file that `backout replay` reads.
inline std::ostream& operator<<(std::ostream& out, const Scenario& scenario) { return out << to_yaml(scenario); }
inline std::ostream& operator<<(std::ostream& out, Verdict verdict) { return out << to_string(verdict); }

}  // namespace backout::simulator
