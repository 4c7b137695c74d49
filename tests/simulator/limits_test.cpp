// Plans of many steps, and what a limit takes back.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "explored.hpp"

namespace backout::simulator {
namespace {

/// A deploy of `count` settings and the way back of all but the last `forgotten`.
std::string long_plan(std::size_t count, std::size_t forgotten = 0, const std::string& more = "") {
  std::string items;
  std::string deploy;
  std::string steps;
  std::string ids;
  for (std::size_t i = 0; i < count; ++i) {
    items += fmt::format("{}k{}: \"1\"", i == 0 ? "" : ", ", i);
    deploy +=
        fmt::format("    - {{id: set_{0}, do: set, target: conf, key: k{0}, value: \"2\"}}\n", i);
  }
  for (std::size_t i = count - forgotten; i-- > 0;) {
    steps += fmt::format(
        "    - {{id: back_{0}, do: set, target: conf, key: k{0}, value: \"1\", undoes: "
        "[set_{0}]}}\n",
        i);
    ids += fmt::format("{}back_{}", ids.empty() ? "" : ", ", i);
  }
  return fmt::format(
      "backout: 1\nname: long\n{}services:\n  conf: {{kind: config, items: {{{}}}}}\ndeploy:\n  "
      "steps:\n{}rollback:\n"
      "  paths: {{full: {{steps: [{}], full: true}}}}\n  steps:\n{}",
      more, items, deploy, ids, steps);
}

TEST(Limits, MoreThan128StepsAreExplored) {
  for (const std::size_t count : {127U, 128U, 129U, 130U, 200U}) {
    const Loaded loaded(long_plan(count));
    const Matrix matrix = loaded.matrix();
    EXPECT_EQ(matrix.completeness.level, Completeness::Level::exhaustive)
        << count << matrix.completeness.bound;
    EXPECT_EQ(matrix.interruptions.size(), count + 1);
    EXPECT_EQ(cell(matrix, fmt::format("after 'set_{}'", count - 1), "full").verdict,
              Verdict::restored)
        << count;
    EXPECT_TRUE(matrix.point_of_no_return_decided);
  }
}

TEST(Limits, AForgottenStepBehindThe128thIsFound) {
  const Loaded loaded(long_plan(131, 1));
  const Matrix matrix = loaded.matrix();
  EXPECT_EQ(cell(matrix, "after 'set_129'", "full").verdict, Verdict::restored);
  const Cell last = cell(matrix, "after 'set_130'", "full");
  EXPECT_EQ(last.verdict, Verdict::not_restored);
  EXPECT_EQ(last.culprit, loaded.plan.find_step("set_130"));
}

TEST(Limits, AFaultAtALateStepIsMended) {
  std::string text = long_plan(135);
  const Loaded loaded(text);
  const Matrix matrix = loaded.matrix(1, {"fail"});
  EXPECT_EQ(cell(matrix, "after 'set_134'", "full").verdict, Verdict::restored);
  EXPECT_GT(matrix.completeness.faults.at("fail"), 0U);
}

TEST(Limits, WhatIsTooLongSaysSoAndDecidesNothing) {
  const Loaded loaded(long_plan(513));
  const Matrix matrix = loaded.matrix();
  EXPECT_EQ(matrix.completeness.level, Completeness::Level::bounded);
  EXPECT_EQ(matrix.completeness.bound, "the deploy has 513 steps, and at most 512 are explored");
  EXPECT_FALSE(matrix.point_of_no_return_decided);
  EXPECT_EQ(matrix.cells.front().verdict, Verdict::unknown);
}

TEST(Limits, ALimitOfStatesTakesThePointOfNoReturnBack) {
  const Loaded loaded(long_plan(12, 0, "limits: {states: 5}\n"));
  const Matrix matrix = loaded.matrix();
  EXPECT_EQ(matrix.completeness.level, Completeness::Level::bounded);
  EXPECT_FALSE(matrix.point_of_no_return);
  EXPECT_FALSE(matrix.point_of_no_return_decided);
}

}  // namespace
}  // namespace backout::simulator
