// The compiled transition relation is the Runner's: same transitions, same order, in every state that can be reached.
#include <deque>
#include <unordered_set>

#include <gtest/gtest.h>

#include "explored.hpp"
#include "simulator/packed_state.hpp"
#include "simulator/search.hpp"
#include "simulator/testing/draw_plan.hpp"

namespace backout::simulator {
namespace {

/// The begins of a plan's rollback runs: every path where its first deploy step ran, with this many faults.
std::vector<RunState> begins(Setting& setting, Runner& runner, std::uint8_t faults) {
  std::vector<RunState> all;
  for (model::PathIndex path = 0; path < setting.books().paths.size(); ++path) {
    RunState run;
    run.world = setting.worlds().run(Worlds::start(), setting.books().deploy.tasks.front().actions.front()).world;
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

TEST(Relation, IsThatOfTheRunner) {
  std::size_t compared = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    SeededChooser chooser(seed);
    const std::string text = to_yaml(draw_plan(chooser));
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
    for (std::size_t looked = 0; !open.empty() && looked < 400; ++looked) {
      const RunState state = open.front();
      open.pop_front();
      const auto [id, progress] = relation.split(state);
      ASSERT_EQ(relation.join(id, progress), state);
      const bool final = is_final(progress);
      const Judgement judged = relation.judge(PackedState<2>(id, progress));
      const Judgement plain = final ? judge.end(state) : judge.visible(state);
      ASSERT_EQ(judged.verdict, plain.verdict);
      ASSERT_EQ(judged.why, plain.why);
      const std::vector<RunState> after = final ? std::vector<RunState>{} : by_runner(runner, state);
      ASSERT_EQ(compiled<2>(relation, state), after);
      ASSERT_EQ(compiled<3>(relation, state), after);
      ASSERT_EQ(compiled<6>(relation, state), after);
      for (const RunState& next : after) {
        if (seen.insert(next).second) open.push_back(next);
      }
      compared += after.size();
    }
  }
  EXPECT_GT(compared, 50'000U);
}

}  // namespace
}  // namespace backout::simulator
