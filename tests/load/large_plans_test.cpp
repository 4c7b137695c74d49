// Plans of 100,000 steps. Times are measured by bench/; here is what must not be quadratic, as a
// generous bound.
#include <chrono>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "model/load.hpp"
#include "model/schedule.hpp"
#include "small_catalog.hpp"

namespace backout::model {
namespace {

/// Lanes of ten steps, one service per lane, one rollback path over everything.
std::string large_plan(int steps, bool cyclic) {
  std::string text = "backout: 1\nservices:\n";
  for (int i = 0; i < steps / 10; ++i) {
    text += fmt::format("  app{}: {{kind: app, versions: {{v1: {{}}, v2: {{}}}}, start: v1}}\n", i);
  }
  text += "deploy:\n  steps:\n";
  for (int i = 0; i < steps; ++i) {
    const std::string needs = i % 10 != 0 ? fmt::format("s{}", i - 1)
                              : cyclic    ? fmt::format("s{}", i + 9)
                                          : "";
    text += fmt::format(
        "    - {{id: s{}, do: deploy, target: app{}, version: v2, takes: 1-2m, needs: [{}], undo: "
        "r{}}}\n",
        i, i / 10, needs, i / 10);
  }
  text += "rollback:\n  steps:\n";
  for (int i = 0; i < steps / 10; ++i)
    text += fmt::format("    - {{id: r{0}, do: deploy, target: app{0}, version: v1}}\n", i);
  return text;
}

double seconds_to_load(const std::string& text, tl::expected<Plan, LoadError>& plan) {
  const auto start = std::chrono::steady_clock::now();
  plan = load_plan_text("large.yaml", text, "", tests::small_catalog());
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

TEST(LargePlans, HundredThousandStepsLoad) {
  tl::expected<Plan, LoadError> plan;
  const double seconds = seconds_to_load(large_plan(100'000, false), plan);
  RecordProperty("seconds", fmt::format("{:.2f}", seconds));
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->deploy_count, 100'000u);
  EXPECT_EQ(plan->steps[plan->find_step("s99999")].needs, std::vector{plan->find_step("s99998")});
  EXPECT_EQ(plan->steps[plan->find_step("r7")].undoes.size(), 10u);
  EXPECT_EQ(schedule_deploy(*plan).high_ms, 20 * 60'000);
  EXPECT_LT(seconds, 20);
}

TEST(LargePlans, EveryCycleIsReported) {
  tl::expected<Plan, LoadError> plan;
  const double seconds = seconds_to_load(large_plan(20'000, true), plan);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().mistakes.size(), 2'000u);
  EXPECT_LT(seconds, 20);
}

}  // namespace
}  // namespace backout::model
