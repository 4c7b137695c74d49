#pragma once
// Generators for rapidcheck. Include this only where rapidcheck is there: backout itself does not need it.

#include <ostream>
#include <utility>
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
    return rc::shrinkable::shrinkRecur(draw(chooser),
                                       [=](const Value& value) { return rc::seq::fromContainer(simpler(value)); });
  });
}

/// Those of `values` that can be added to the script's list.
template <typename Part>
std::vector<std::vector<Part>> possible_in(PlanUnderTest plan, const Script& script, std::vector<Part> Script::* list,
                                           std::vector<std::vector<Part>> values) {
  std::erase_if(values, [&](const std::vector<Part>& each) {
    Script more = script;
    (more.*list).insert((more.*list).end(), each.begin(), each.end());
    return !plan.compose(more);
  });
  return values;
}

/// Any plan over the vocabulary. Plans shrink by losing steps, paths, edges, words about steps, traffic and services,
/// one after the other.
inline rc::Gen<PlanSketch> plans(const Vocabulary& vocabulary = small_vocabulary(), const PlanLimits& limits = {}) {
  return drawn([=](Chooser& chooser) { return draw_plan(chooser, vocabulary, limits); },
               [](const PlanSketch& plan) { return simpler(plan); });
}

/// Plans whose rollback works, see draw_working_plan; what they shrink to works, too.
inline rc::Gen<PlanSketch> working_plans(const Vocabulary& vocabulary = small_vocabulary(),
                                         const PlanLimits& limits = {}, bool checked = false) {
  return drawn([=](Chooser& chooser) { return draw_working_plan(chooser, vocabulary, limits, checked); },
               simpler_working);
}

/// Scenarios of the plan: where the deploy stops, which path, which faults, what traffic. They shrink towards an
/// earlier stop, the plain order, no faults and no traffic.
inline rc::Gen<Scenario> scenarios(PlanUnderTest plan, const ScenarioLimits& limits = {}) {
  return rc::gen::map(
      rc::gen::container<std::vector<std::uint16_t>>(rc::gen::inRange<std::uint16_t>(0, 1000)),
      [plan, limits](const std::vector<std::uint16_t>& choices) { return plan.scenario(choices, limits); });
}

/// Scripts of the plan, see PlanUnderTest::compose. They shrink to scripts that can happen, with fewer faults, less
/// traffic and an earlier stop.
inline rc::Gen<Script> scripts(PlanUnderTest plan, const ScenarioLimits& limits = {}) {
  return drawn([plan, limits](Chooser& chooser) { return plan.draw_script(chooser, limits); },
               [plan](const Script& script) {
                 std::vector<Script> all = simpler(script);
                 std::erase_if(all, [&](const Script& each) { return !plan.compose(each); });
                 return all;
               });
}

/// Traffic, or faults, that can happen in `script` besides what it has; at most `most`. They shrink towards none.
/// Traffic and faults that were drawn apart may not go together: compose() says so.
inline rc::Gen<std::vector<TrafficAt>> traffic(PlanUnderTest plan, const Script& script, std::size_t most = 2) {
  return drawn([plan, script, most](Chooser& chooser) { return plan.draw_traffic(chooser, script, most); },
               [plan, script](const std::vector<TrafficAt>& value) {
                 return possible_in(plan, script, &Script::traffic, simpler(value));
               });
}
inline rc::Gen<std::vector<FaultAt>> faults(PlanUnderTest plan, const Script& script, std::size_t most = 1) {
  return drawn([plan, script, most](Chooser& chooser) { return plan.draw_faults(chooser, script, most); },
               [plan, script](const std::vector<FaultAt>& value) {
                 return possible_in(plan, script, &Script::faults, simpler(value));
               });
}

/// How rapidcheck shows a plan: as the file that backout reads.
inline std::ostream& operator<<(std::ostream& out, const PlanSketch& plan) { return out << to_yaml(plan); }
/// How rapidcheck shows a scenario: as the file that `backout replay` reads.
inline std::ostream& operator<<(std::ostream& out, const Scenario& scenario) { return out << to_yaml(scenario); }
/// How rapidcheck shows a script and its parts: a line each.
inline std::ostream& operator<<(std::ostream& out, const Script& script) { return out << describe(script); }
inline std::ostream& operator<<(std::ostream& out, const TrafficAt& traffic) { return out << describe(traffic); }
inline std::ostream& operator<<(std::ostream& out, const FaultAt& fault) { return out << describe(fault); }
inline std::ostream& operator<<(std::ostream& out, Verdict verdict) { return out << to_string(verdict); }

}  // namespace backout::simulator
