// The compiled transition relation is the Runner's: same transitions, same order, in every state
// that can be reached.
#include <algorithm>
#include <deque>
#include <unordered_set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "explored.hpp"
#include "simulator/packed_state.hpp"
#include "simulator/search.hpp"
#include "simulator/testing/draw_plan.hpp"

namespace backout::simulator {
namespace {

/// The begins of a plan's rollback runs: every path where its first deploy step ran, with this many
/// faults.
std::vector<RunState> begins(Setting& setting, Runner& runner, std::uint8_t faults) {
  std::vector<RunState> all;
  for (model::PathIndex path = 0; path < setting.books().paths.size(); ++path) {
    RunState run;
    run.world = setting.worlds()
                    .run(Worlds::start(), setting.books().deploy.tasks.front().actions.front())
                    .world;
    run.expected = setting.expected_at_start();
    run.deployed = setting.sets().intern({0});
    run.traffic_left = static_cast<std::uint8_t>(setting.plan().limits.traffic > 0 ? 2 : 0);
    run.faults_left = faults;
    all.push_back(runner.begin(path, run));
  }
  return all;
}

std::vector<RunState> by_runner(Runner& runner, const RunState& state) {
  std::vector<RunState> all;
  ExhaustiveChooser chooser;
  do {
    chooser.rewind();
    all.push_back(runner.next(state, chooser, nullptr));
  } while (chooser.advance());
  return all;
}

/// What the compiled relation makes of a state that is packed into so many words.
template <std::size_t kWords>
std::vector<RunState> compiled(Relation& relation, const RunState& state) {
  const auto [id, progress] = relation.split(state);
  const PackedState<kWords> packed(id, progress);
  EXPECT_EQ(packed.situation(), id);
  EXPECT_EQ(packed.progress(), progress);
  EXPECT_EQ(packed.final(), is_final(progress));
  std::vector<RunState> all;
  if (packed.final()) return all;
  relation.expand(packed, [&](const PackedState<kWords>& next, auto, const Move&, auto) {
    all.push_back(relation.join(next.situation(), next.progress()));
  });
  return all;
}

/// Compares relation and runner in `most` states that runs from the begins come to, near ones or
/// far ones first; how many transitions it compared. `packings` compares what the relation makes of
/// a state that is packed.
template <typename Packings>
std::size_t compare(const std::string& text, std::size_t most, bool far, Packings&& packings) {
  SCOPED_TRACE(text);
  const Loaded loaded(text);
  Worlds worlds(loaded.context, loaded.start);
  std::vector<std::string> unknown;
  Setting setting(worlds, fault_set({"all"}, unknown));
  Runner runner(setting);
  Judge judge(setting);
  Relation relation(setting, runner, judge);
  std::unordered_set<RunState, RunStateHash> seen;
  std::deque<RunState> open;
  for (const RunState& begin : begins(setting, runner, 2)) open.push_back(begin);
  std::size_t compared = 0;
  for (std::size_t looked = 0; !open.empty() && looked < most && !testing::Test::HasFailure();
       ++looked) {
    const RunState state = far ? open.back() : open.front();
    if (far)
      open.pop_back();
    else
      open.pop_front();
    const auto [id, progress] = relation.split(state);
    EXPECT_EQ(relation.join(id, progress), state);
    const bool final = is_final(progress);
    const Judgement judged = relation.judge(PackedState<words_for(kMaxSteps)>(id, progress));
    const Judgement plain = final ? judge.end(state) : judge.visible(state);
    EXPECT_EQ(judged.verdict, plain.verdict);
    EXPECT_EQ(judged.why, plain.why);
    const std::vector<RunState> after = final ? std::vector<RunState>{} : by_runner(runner, state);
    packings(relation, state, after);
    for (auto next = after.rbegin(); next != after.rend();
         ++next) {  // then the plain course is the last
      if (seen.insert(*next).second) open.push_back(*next);
    }
    compared += after.size();
  }
  return compared;
}

TEST(Relation, IsThatOfTheRunner) {
  std::size_t compared = 0;
  for (std::uint64_t seed = 0; seed < 150 && !HasFailure(); ++seed) {
    SeededChooser chooser(seed);
    const std::string text = to_yaml(draw_plan(chooser));
    compared +=
        compare(text, 400, false, [](Relation& relation, const RunState& state, const auto& after) {
          EXPECT_EQ(compiled<2>(relation, state), after);
          EXPECT_EQ(compiled<3>(relation, state), after);
          EXPECT_EQ(compiled<6>(relation, state), after);
          EXPECT_EQ(compiled<words_for(kMaxSteps)>(relation, state), after);
        });
  }
  EXPECT_GT(compared, 50'000U);
}

/// A rollback of so many steps, one after the other.
std::string long_rollback(int steps) {
  std::string text =
      "backout: 1\nname: long\nservices:\n  conf: {kind: config, items: {a: \"1\"}}\n"
      "deploy:\n  steps: [{id: d, do: set, target: conf, key: a, value: \"2\"}]\nrollback:\n  "
      "steps:\n";
  for (int i = 0; i < steps; ++i) {
    text += fmt::format(
        "    - {{id: u{0}, do: set, target: conf, key: k{0}, value: \"1\", timeout: 1m, optional: "
        "{1}}}\n",
        i, i % 3 == 0);
  }
  return text;
}

TEST(Relation, IsThatOfTheRunnerOnLongPaths) {
  std::size_t farthest = 0;
  compare(long_rollback(56), 2000, true,
          [&](Relation& relation, const RunState& state, const auto& after) {
            EXPECT_EQ(compiled<3>(relation, state), after);
            farthest = std::max(farthest, state.landed.count());
          });
  EXPECT_GT(farthest, 50U);
  compare(long_rollback(128), 4000, true,
          [&](Relation& relation, const RunState& state, const auto& after) {
            EXPECT_EQ(compiled<6>(relation, state), after);
            farthest = std::max(farthest, state.landed.count());
          });
  EXPECT_GT(farthest, 120U);
  compare(long_rollback(200), 6000, true,
          [&](Relation& relation, const RunState& state, const auto& after) {
            EXPECT_EQ(compiled<words_for(kMaxSteps)>(relation, state), after);
            farthest = std::max(farthest, state.landed.count());
          });
  EXPECT_GT(farthest, 190U);
}

}  // namespace
}  // namespace backout::simulator
