// Tests of the plan beside this file: what must hold of every rollback, said in C++ and looked at
// everywhere.
#include <backout/googletest.hpp>
#include <backout/simulator.hpp>

using backout::services::WorldView;
using namespace backout::simulator;

// From every place where the deploy may stop, nothing failing: the rollback gives everything back
// but what stays on purpose.
TEST(Orders, CanBeRolledBack) {
  const PlanUnderTest plan(PLAN);
  SearchOptions options;
  options.faults = 0;
  EXPECT_TRUE(restores(plan.matrix(options)));
}

// Ours to state, nobody else's: an order is never charged in dollars by the old version. Looked at
// after every step of every rollback, with live traffic; where it breaks, the matrix says so and
// the counterexample tells how.
TEST(Orders, TheOldVersionNeverChargesDollars) {
  PlanUnderTest plan(PLAN);
  plan.require(predicate("v1 charges euros", [](const WorldView& world) {
    const std::vector<std::string> live = world.live_versions("api");
    return std::ranges::find(live, "v1") == live.end() ||
           world.fact("settings.items.currency") == "eur";
  }));
  const Matrix matrix = plan.matrix();
  for (const auto& finding : plan.findings(matrix)) std::cout << finding.message << '\n';
  // The release is taken back before the price is: v1 serves with dollars in between.
  EXPECT_FALSE(restores(matrix));
}

// The last world answers SQL, too.
TEST(Orders, NoOrderIsLost) {
  const PlanUnderTest plan(PLAN);
  Script script = plan.plain_script();
  script.traffic = {
      {"'inserts orders' of api@v2", "r_release"}};  // an order comes just before r_release begins
  const Played played = plan.play(plan.compose(script).value());
  EXPECT_TRUE(restores(played));
  const auto rows = plan.after(played).sql("db", "SELECT count(*) FROM orders");
  ASSERT_TRUE(rows) << rows.error();
  EXPECT_EQ(rows->rows[0][0].text, "1");
}

// Any run that a seed draws: the same on every machine.
class Seeds : public testing::TestWithParam<std::uint64_t> {};
TEST_P(Seeds, EndWithOneVersion) {
  const PlanUnderTest plan(PLAN);
  SeededChooser chooser(GetParam());
  const Script script = plan.draw_script(chooser);
  const Played played = plan.play(plan.compose(script).value());
  EXPECT_EQ(plan.after(played).live_versions("api").size(), 1u) << script;
}
INSTANTIATE_TEST_SUITE_P(Drawn, Seeds, testing::Range<std::uint64_t>(0, 20));
