// The times of a cell never cross: minimum, P50, P95, maximum.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "model/schedule.hpp"
#include "services/downtime.hpp"
#include "simulator/campaign/tell.hpp"
#include "simulator/explored.hpp"
#include "simulator/testing/rapidcheck.hpp"

namespace backout::simulator {
namespace {

/// A drawn plan may have millions of states: the times of what was searched may not cross either.
constexpr std::uint64_t kMostStates = 20'000;

Matrix timed(const Loaded& loaded) {
  SearchOptions bounded;
  bounded.faults = 1;
  bounded.max_states = kMostStates;
  Matrix matrix = explore(loaded.context, loaded.start, bounded);
  CampaignOptions options;
  options.faults = 1;
  Campaign campaign(loaded.context, loaded.start, options);
  if (campaign.impossible().empty()) add_times(matrix, campaign);
  return matrix;
}

RC_GTEST_PROP(Times, OfACellNeverCross, ()) {
  const std::string response =
      *rc::gen::element<std::string>("", "  response: {detect: 1-4m, respond: 2-9m}\n");
  const Loaded loaded(to_yaml(*plans()) + response);
  for (const Cell& cell : timed(loaded).cells) {
    if (!cell.time_p50_ms) continue;
    RC_ASSERT(cell.time_low_ms <= *cell.time_p50_ms);
    RC_ASSERT(*cell.time_p50_ms <= *cell.time_p95_ms);
    RC_ASSERT(*cell.time_p95_ms <= cell.time_high_ms);
  }
}

RC_GTEST_PROP(Times, UsersAreOutForNoLongerThanThePathTakes, ()) {
  const Loaded loaded(to_yaml(*plans()));
  for (const model::RollbackPath& path : loaded.plan.paths) {
    const model::Schedule whole = model::schedule_path(loaded.plan, path);
    const model::RollbackPath outage = services::outage_of_path(loaded.context, loaded.start, path);
    const model::Schedule down = model::schedule_path(loaded.plan, outage);
    RC_CLASSIFY(!outage.steps.empty(), "takes something down");
    RC_ASSERT(down.low_ms <= down.high_ms);
    RC_ASSERT(down.low_ms <= whole.low_ms);
    RC_ASSERT(down.high_ms <= whole.high_ms);
  }
}

TEST(Times, TheClockOfACellStartsAtTheFailureAndCountsWhatRunsFromThere) {
  const Loaded loaded(R"(backout: 1
name: clock
services:
  conf: {kind: config, items: {a: "1", b: "1"}}
deploy:
  steps:
    - {id: set_a, do: set, target: conf, key: a, value: "2"}
    - {id: set_b, do: set, target: conf, key: b, value: "2"}
rollback:
  response: {detect: 5m, respond: 2m}
  paths: {full: {steps: [back_b, back_a], full: true}}
  steps:
    - {id: back_b, do: set, target: conf, key: b, value: "1", undoes: [set_b], takes: 10-20m}
    - {id: back_a, do: set, target: conf, key: a, value: "1", undoes: [set_a], takes: 1m}
)");
  const Matrix matrix = timed(loaded);
  const Cell first = cell(matrix, "after 'set_a'", "full");
  EXPECT_EQ(first.time_low_ms, 8 * 60'000);
  EXPECT_EQ(first.time_high_ms, 8 * 60'000);
  EXPECT_EQ(first.time_p95_ms, 8 * 60'000);
  const Cell last = cell(matrix, "after 'set_b'", "full");
  EXPECT_EQ(last.time_low_ms, 18 * 60'000);
  EXPECT_EQ(last.time_high_ms, 28 * 60'000);
  EXPECT_LE(last.time_p95_ms, 28 * 60'000);
}

}  // namespace
}  // namespace backout::simulator
