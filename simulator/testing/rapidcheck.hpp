#pragma once
// Generators for rapidcheck. Include this only where rapidcheck is there: backout itself does not
// need it.

#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <rapidcheck.h>

#include "simulator/testing/draw_plan.hpp"
#include "simulator/testing/drawn.hpp"
#include "simulator/testing/failing_examples.hpp"
#include "simulator/testing/plan_under_test.hpp"
#include "simulator/testing/print.hpp"

namespace backout::simulator {

/// Values that `draw(chooser)` makes; they shrink to what `simpler(value)` lists, the first of the
/// list first.
template <typename Draw, typename Simpler>
auto drawn(Draw draw, Simpler simpler) {
  using Value = decltype(draw(std::declval<Chooser&>()));
  return rc::Gen<Value>([=](const rc::Random& random, int) {
    SeededChooser chooser(rc::Random(random).next());
    return rc::shrinkable::shrinkRecur(
        draw(chooser), [=](const Value& value) { return rc::seq::fromContainer(simpler(value)); });
  });
}

/// Those of `values` that can be added to the script's list.
template <typename Part>
std::vector<std::vector<Part>> possible_in(PlanUnderTest plan, const Script& script,
                                           std::vector<Part> Script::*list,
                                           std::vector<std::vector<Part>> values) {
  std::erase_if(values, [&](const std::vector<Part>& each) {
    Script more = script;
    (more.*list).insert((more.*list).end(), each.begin(), each.end());
    return !plan.compose(more);
  });
  return values;
}

/// Any plan over the vocabulary. Plans shrink by losing steps, paths, edges, words about steps,
/// traffic and services, one after the other.
inline rc::Gen<PlanSketch> plans(const Vocabulary& vocabulary = small_vocabulary(),
                                 const PlanLimits& limits = {}) {
  return drawn([=](Chooser& chooser) { return draw_plan(chooser, vocabulary, limits); },
               [](const PlanSketch& plan) { return simpler(plan); });
}

/// Plans whose rollback works, see draw_working_plan; what they shrink to works, too.
inline rc::Gen<PlanSketch> working_plans(const Vocabulary& vocabulary = small_vocabulary(),
                                         const PlanLimits& limits = {}, bool checked = false) {
  return drawn(
      [=](Chooser& chooser) { return draw_working_plan(chooser, vocabulary, limits, checked); },
      simpler_working);
}

/// Scenarios of the plan: where the deploy stops, which path, which faults, what traffic. They
/// shrink towards an earlier stop, the plain order, no faults and no traffic.
inline rc::Gen<Scenario> scenarios(PlanUnderTest plan, const ScenarioLimits& limits = {}) {
  return rc::gen::map(
      rc::gen::container<std::vector<std::uint16_t>>(rc::gen::inRange<std::uint16_t>(0, 1000)),
      [plan, limits](const std::vector<std::uint16_t>& choices) {
        return plan.scenario(choices, limits);
      });
}

/// Scripts of the plan, see PlanUnderTest::compose. They shrink to scripts that can happen, with
/// fewer faults, less traffic and an earlier stop.
inline rc::Gen<Script> scripts(PlanUnderTest plan, const ScenarioLimits& limits = {}) {
  return drawn([plan, limits](Chooser& chooser) { return plan.draw_script(chooser, limits); },
               [plan](const Script& script) {
                 std::vector<Script> all = simpler(script);
                 std::erase_if(all, [&](const Script& each) { return !plan.compose(each); });
                 return all;
               });
}

/// Traffic, or faults, that can happen in `script` besides what it has; at most `most`. They shrink
/// towards none. Traffic and faults that were drawn apart may not go together: compose() says so.
inline rc::Gen<std::vector<TrafficAt>> traffic(PlanUnderTest plan, const Script& script,
                                               std::size_t most = 2) {
  return drawn(
      [plan, script, most](Chooser& chooser) { return plan.draw_traffic(chooser, script, most); },
      [plan, script](const std::vector<TrafficAt>& value) {
        return possible_in(plan, script, &Script::traffic, simpler(value));
      });
}
inline rc::Gen<std::vector<FaultAt>> faults(PlanUnderTest plan, const Script& script,
                                            std::size_t most = 1) {
  return drawn(
      [plan, script, most](Chooser& chooser) { return plan.draw_faults(chooser, script, most); },
      [plan, script](const std::vector<FaultAt>& value) {
        return possible_in(plan, script, &Script::faults, simpler(value));
      });
}

/// What check_scenarios() does besides.
struct ScenarioCheck {
  ScenarioLimits limits = {};
  /// File of the scenarios that failed so far (see FailingExamples): they are tried first, and the
  /// one that fails now joins them. Empty: none.
  std::string examples = {};
  Drawn* drawn = nullptr;  ///< counts what was tried; null: nobody does
};

/// Whether the property holds of one played scenario, as rapidcheck has it: it returns nothing or
/// true, or throws what RC_ASSERT and RC_PRE throw.
template <typename Property>
rc::detail::CaseResult tried(const Property& property, const Played& played) {
  using Result = rc::detail::CaseResult;
  try {
    if constexpr (std::is_same_v<std::invoke_result_t<Property, const Played&>, bool>) {
      return property(played) ? Result(Result::Type::Success)
                              : Result(Result::Type::Failure, "the property returned false");
    } else {
      property(played);
      return Result(Result::Type::Success);
    }
  } catch (const Result& result) {
    return result;
  } catch (const std::exception& error) {
    return Result(Result::Type::Failure, error.what());
  }
}

/// rc::check() of a property of played scenarios, `property(const Played&)`, with a memory of what
/// failed and with counts of what was drawn. True: it holds. An example that can no longer happen
/// in the plan is left out, and said on standard error.
template <typename Property>
bool check_scenarios(const std::string& name, PlanUnderTest plan, Property property,
                     const ScenarioCheck& check = {}) {
  using Type = rc::detail::CaseResult::Type;
  std::optional<FailingExamples> examples;
  if (!check.examples.empty()) examples.emplace(check.examples);
  bool holds = true;
  for (const Scenario& each : examples ? examples->of(name) : std::vector<Scenario>{}) {
    const Played played = plan.play(each);
    if (!played.mistakes.empty()) {
      std::cerr << name << ": an example of " << check.examples
                << " cannot happen any more: " << played.mistakes.front().message << '\n';
      continue;
    }
    const rc::detail::CaseResult result = tried(property, played);
    if (result.type != Type::Failure) continue;
    std::cerr << name << ": still falsified by an example of " << check.examples << '\n'
              << each << result.description << '\n';
    holds = false;
  }
  if (!holds) return false;
  std::optional<Scenario> failed;
  holds = rc::check(name, [&] {
    const Scenario scenario = *scenarios(plan, check.limits);
    const Played played = plan.play(scenario);
    if (check.drawn != nullptr && !failed) check.drawn->note(played);
    const rc::detail::CaseResult result = tried(property, played);
    if (result.type == Type::Failure)
      failed = scenario;  // the last one that fails is the one that it came down to
    if (result.type != Type::Success) throw result;
  });
  if (failed && examples) examples->add(name, *failed);
  return holds;
}

}  // namespace backout::simulator
