// Plans that tests draw: they load, print the same for the same seed, and become as small as a
// failure lets them.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "explored.hpp"
#include "shrunk.hpp"
#include "simulator/testing/rapidcheck.hpp"

namespace backout::simulator {
namespace {

bool has_verdict(const PlanSketch& plan, Verdict verdict) {
  const Matrix matrix = Loaded(to_yaml(plan)).matrix(0);
  return std::ranges::any_of(
      matrix.cells, [&](const Cell& cell) { return cell.applicable && cell.verdict == verdict; });
}

bool has_failure(const PlanSketch& plan, std::int64_t faults,
                 const std::vector<std::string>& kinds) {
  const Matrix matrix = Loaded(to_yaml(plan)).matrix(faults, kinds);
  return std::ranges::any_of(matrix.cells, [&](const Cell& cell) {
    return cell.applicable && is_worse(cell.verdict, Verdict::restored_with_residue);
  });
}

std::size_t steps_of(const PlanSketch& plan) { return plan.deploy.size() + plan.rollback.size(); }

TEST(PlanSketch, PrintsWhatItHas) {
  PlanSketch plan;
  plan.services = {{"conf", "{kind: config, items: {a: \"1\"}}", {}}};
  plan.invariants = {{"conf", "has_a: {fact: conf.items.a, is: \"1\"}"}};
  plan.residue = {{"conf", "{path: conf.items.b, reason: harmless}"}};
  plan.traffic = 2;
  StepSketch change;
  change.id = "change";
  change.action = {"conf", "do: set, target: conf, key: a, value: \"2\""};
  plan.deploy = {change};
  StepSketch back;
  back.id = "back";
  back.action = {"conf", "do: set, target: conf, key: a, value: \"1\""};
  back.undoes = {"change"};
  back.takes = "1-3m";
  back.timeout = "5m";
  back.verify = "{fact: conf.items.a, is: \"1\"}";
  back.retry = 1;
  back.always = true;
  StepSketch look;
  look.id = "look";
  look.action = {"", "do: task, text: look"};
  look.needs = {"back"};
  look.on_failure = "goto:back";
  look.optional = true;
  plan.rollback = {back, look};
  plan.paths = {{"all", {"back", "look"}, true}, {"some", {"back"}, false}};
  EXPECT_EQ(to_yaml(plan), R"(backout: 1
name: sketch
services:
  conf: {kind: config, items: {a: "1"}}
invariants:
  has_a: {fact: conf.items.a, is: "1"}
residue:
  - {path: conf.items.b, reason: harmless}
limits: {traffic: 2}
deploy:
  steps:
    - {id: change, do: set, target: conf, key: a, value: "2", needs: []}
rollback:
  paths:
    all: {steps: [back, look], full: true}
    some: {steps: [back], full: false}
  steps:
    - {id: back, do: set, target: conf, key: a, value: "1", retry: 1, timeout: 5m, verify: [{fact: conf.items.a, is: "1"}], always: true, undoes: [change], needs: [], takes: 1-3m}
    - {id: look, do: task, text: look, on_failure: "goto:back", optional: true, needs: [back]}
)");
  const Loaded loaded(to_yaml(plan));
  EXPECT_EQ(loaded.plan.paths.size(), 2U);
  // 1 service, 1 invariant, 1 residue, 2 operations; 3 steps with actions, 1 edge, 1 undo; 5 and 2
  // words; 2 paths of 2 and 1 steps, 1 not full.
  EXPECT_EQ(size_of(plan), 1U + 1 + 1 + 2 + 2 * 3 + 1 + 1 + 5 + 2 + 2 + 3 + 1);
}

TEST(PlanSketch, AStepThatGoesIsForgottenEverywhere) {
  PlanSketch plan;
  for (const char* id : {"a", "b", "c"}) {
    StepSketch step;
    step.id = id;
    step.action = {"", "do: task, text: look"};
    if (*id > 'a') step.needs = {std::string(1, static_cast<char>(*id - 1))};
    plan.rollback.push_back(step);
    step.id = std::string("d") + id;
    step.needs = {};
    plan.deploy.push_back(step);
  }
  plan.rollback[0].undoes = {"da", "db"};
  plan.rollback[2].on_failure = "goto:b";
  plan.paths = {{"full", {"a", "b", "c"}, true}, {"only_b", {"b"}, false}};
  plan.rollback[0].on_failure = "rollback:only_b";
  const PlanSketch fewer = without_step(without_step(plan, "b"), "db");
  EXPECT_EQ(fewer.rollback[1].needs, std::vector<std::string>{"a"}) << "c needed b, which needed a";
  EXPECT_EQ(fewer.rollback[1].on_failure, "");
  EXPECT_EQ(fewer.rollback[0].on_failure, "");
  EXPECT_EQ(fewer.rollback[0].undoes, std::vector<std::string>{"da"});
  ASSERT_EQ(fewer.paths.size(), 1U);
  EXPECT_EQ(fewer.paths[0].steps, (std::vector<std::string>{"a", "c"}));
  const Loaded loaded(to_yaml(fewer));
}

TEST(PlanSketch, TheSameSeedIsTheSamePlan) {
  std::set<std::string> different;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SeededChooser one(seed);
    SeededChooser other(seed);
    const PlanSketch plan = draw_plan(one);
    EXPECT_EQ(plan, draw_plan(other));
    different.insert(to_yaml(plan));
  }
  EXPECT_EQ(different.size(), 100U);
}

TEST(PlanSketch, KeepsToItsLimits) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SeededChooser chooser(seed);
    const PlanSketch plan = draw_plan(chooser, small_vocabulary(),
                                      {.deploy_steps = 12, .rollback_steps = 3, .traffic = 0});
    EXPECT_LE(plan.deploy.size(), 12U);
    EXPECT_LE(plan.rollback.size(), 3U);
    EXPECT_EQ(plan.traffic, 0);
  }
}

RC_GTEST_PROP(PlanSketchProperty, EachSimplerPlanLoadsAndIsSmaller, ()) {
  const PlanSketch plan = *plans();
  for (const PlanSketch& each : simpler(plan)) {
    const bool fewer_steps = steps_of(each) < steps_of(plan);
    RC_ASSERT(fewer_steps || (steps_of(each) == steps_of(plan) && size_of(each) < size_of(plan)));
    const Loaded loaded(to_yaml(each));  // throws when it does not load
    RC_ASSERT(loaded.plan.steps.size() == steps_of(each));
  }
}

TEST(PlanSketch, WithoutAnythingToKeepNothingIsLeft) {
  const PlanSketch least = shrunk(plans(), 1, [](const PlanSketch&) { return true; });
  EXPECT_EQ(to_yaml(least), R"(backout: 1
name: sketch
limits: {traffic: 0}
deploy:
  steps:
    - {id: d0, do: task, text: nothing, needs: []}
rollback:
  steps:
    - {id: u0, do: task, text: nothing, needs: []}
)");
  EXPECT_TRUE(simpler(least).empty());
}

/// "Every full rollback restores" fails. What is left: one change, the services that it cannot be
/// without, and another step.
TEST(PlanSketch, ARollbackThatDoesNotRestoreShrinksToOneChange) {
  const auto is_bad = [](const PlanSketch& plan) {
    return has_verdict(plan, Verdict::not_restored);
  };
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const PlanSketch least = shrunk(plans(), seed, is_bad);
    const bool of_app =
        least.deploy[0].action.service == "api" || least.rollback[0].action.service == "api";
    const std::size_t services = of_app ? 3 : 1;  // the app uses two others
    EXPECT_EQ(least.services.size(), services) << least;
    EXPECT_EQ(steps_of(least), 2U) << least;
    EXPECT_EQ(size_of(least), services + 2 + 1) << least;
  }
}

/// "No step jumps back" fails.
TEST(PlanSketch, AJumpShrinksToTheTwoStepsThatItJoins) {
  const auto jumps = [](const PlanSketch& plan) {
    return std::ranges::any_of(
        plan.rollback, [](const StepSketch& step) { return step.on_failure.starts_with("goto:"); });
  };
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const PlanSketch least = shrunk(plans(), seed, jumps);
    EXPECT_EQ(least.rollback.size(), 2U) << least;
    EXPECT_EQ(size_of(least), 1U + 2 + 1) << least;
  }
}

TEST(WorkingPlans, StayWorkingWhenTheyShrink) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    SeededChooser chooser(seed);
    PlanSketch plan = draw_working_plan(chooser);
    while (true) {
      EXPECT_FALSE(has_failure(plan, 1, {})) << plan;
      const std::vector<PlanSketch> smaller = simpler_working(plan);
      if (smaller.empty()) break;
      plan = smaller[chooser.choose(smaller.size())];
    }
    EXPECT_EQ(steps_of(plan), 2U) << plan;
  }
}

}  // namespace
}  // namespace backout::simulator
