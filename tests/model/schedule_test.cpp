#include "model/schedule.hpp"

#include <gtest/gtest.h>

namespace backout::model {
namespace {

Step step(std::string id, std::string_view takes, std::vector<StepIndex> needs,
          bool has_needs = true) {
  Step made;
  made.id = std::move(id);
  if (!takes.empty()) made.takes = *parse_duration(takes);
  made.needs = std::move(needs);
  made.has_needs = has_needs;
  return made;
}

Check waits(std::string_view key, std::string_view time) {
  Check check;
  Node value;
  value.type = Node::Type::string;
  value.text = time;
  check.args.entries.push_back({std::string(key), {}, value});
  return check;
}

/// a -> b, a -> c, both -> d; all of it the rollback.
Plan diamond() {
  Plan plan;
  plan.steps = {step("a", "1-2m", {}), step("b", "5-10m", {0}), step("c", "6-7m", {0}),
                step("d", "<1m", {1, 2})};
  for (Step& each : plan.steps) each.in_rollback = true;
  return plan;
}

RollbackPath path(std::vector<StepIndex> steps) {
  RollbackPath made;
  made.steps = std::move(steps);
  return made;
}

using Steps = std::vector<StepIndex>;

TEST(Schedule, BranchesRunAtTheSameTime) {
  const Schedule schedule = schedule_path(diamond(), path({0, 1, 2, 3}));
  EXPECT_EQ(format_range_ms(schedule.low_ms, schedule.high_ms), "7-13m");
  EXPECT_EQ(schedule.critical_path, (Steps{0, 1, 3}));
  EXPECT_TRUE(schedule.strict);
  EXPECT_TRUE(schedule.unestimated.empty());
}

TEST(Schedule, OrderGoesThroughStepsThatAPathLeavesOut) {
  const Plan plan = diamond();
  EXPECT_EQ(path_predecessors(plan, path({0, 3})),
            (std::vector<std::vector<std::size_t>>{{}, {0}}));
  EXPECT_EQ(schedule_path(plan, path({0, 3})).high_ms, 3 * 60'000);
}

TEST(Schedule, StepsWithoutNeedsFollowTheOneListedBefore) {
  Plan plan = diamond();
  for (Step& each : plan.steps) each.has_needs = false;
  EXPECT_EQ(schedule_path(plan, path({2, 1, 3})).critical_path, (Steps{2, 1, 3}));
  EXPECT_EQ(predecessors(plan, 2), Steps{1});
  EXPECT_EQ(predecessors(plan, 0), Steps{});
}

TEST(Schedule, ChecksAndWaitsCountAsVerification) {
  Plan plan = diamond();
  plan.steps[3].settle = *parse_duration("30s");
  plan.steps[3].verify = {waits("for", "5m"), waits("after", "1m")};
  const Schedule schedule = schedule_path(plan, path({3}));
  EXPECT_EQ(schedule.verify_high_ms, 330'000);
  EXPECT_EQ(schedule.high_ms, 390'000);
}

TEST(Schedule, UnknownTimesAreNamed) {
  Plan plan = diamond();
  plan.steps[1].takes = *parse_duration("unknown");
  plan.steps[2].takes.reset();
  EXPECT_EQ(schedule_path(plan, path({0, 1, 2, 3})).unestimated, (Steps{1, 2}));
}

TEST(Schedule, ContradictoryOrdersDoNotHang) {
  Plan plan = diamond();
  plan.steps[0].needs = {3};
  EXPECT_EQ(schedule_path(plan, path({0, 1, 2, 3})).critical_path, Steps{});
}

}  // namespace
}  // namespace backout::model
