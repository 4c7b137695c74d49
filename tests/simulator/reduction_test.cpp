// Reduction changes no verdict: against the search of every state, over every begin of a rollback
// of random plans.
#include <array>

#include <gtest/gtest.h>

#include "explored.hpp"
#include "simulator/cells.hpp"
#include "simulator/testing/draw_plan.hpp"

namespace backout::simulator {
namespace {

struct Answers {
  std::vector<Value> values;
  std::vector<std::string> reasons;
  std::uint64_t states = 0;
  bool complete = true;
};

/// What a search says of every begin of a rollback with at most `faults` faults.
Answers answers(const Loaded& loaded, std::size_t faults, const std::vector<std::string>& kinds,
                const SearchMode& mode) {
  Worlds worlds(loaded.context, loaded.start);
  std::vector<std::string> unknown;
  Setting setting(worlds, fault_set(kinds, unknown));
  Search search(setting, 20'000, mode);
  Deploys deploys(setting, search.runner(), faults > 0);
  deploys.explore();
  std::vector<RunState> begins;
  for (std::size_t stop = 0; stop < deploys.states(); ++stop) {
    for (model::PathIndex path = 0; path < setting.books().paths.size(); ++path) {
      const auto begin =
          begin_at(deploys, search.runner(), stop, path, static_cast<std::int64_t>(faults));
      if (begin) begins.push_back(*begin);
    }
  }
  search.prepare(begins);
  Answers all;
  for (const RunState& begin : begins) {
    const Value value = search.worst(begin);
    all.values.push_back(value);
    all.reasons.push_back(worlds.text(value.judgement.why));
  }
  all.complete = !search.limit_reached();
  all.states = search.states();
  return all;
}

bool is_bad(Verdict verdict) { return is_worse(verdict, Verdict::restored_with_residue); }

TEST(Reduction, KeepsEveryVerdictAndTheShortestBadRun) {
  const std::vector<std::vector<std::string>> kKinds = {
      {}, {"all"}, {"fail", "fail_applied", "half", "late"}};
  std::array<std::size_t, kVerdictCount> seen{};
  std::uint64_t states = 0;
  std::uint64_t reduced_states = 0;
  std::size_t complete = 0;
  for (std::uint64_t seed = 0; complete < 10'000; ++seed) {
    SeededChooser chooser(seed);
    const std::size_t faults = chooser.choose(8) == 0 ? 2 : chooser.choose(2);
    const auto& kinds = kKinds[chooser.choose(3)];
    const std::string text = to_yaml(draw_plan(chooser));
    const Loaded loaded(text);
    const Answers every = answers(loaded, faults, kinds, {.reduction = false});
    const Answers merged = answers(loaded, faults, kinds, {});
    const Answers reduced = answers(loaded, faults, kinds, {.shortest = false});
    ASSERT_EQ(every.values.size(), reduced.values.size());
    if (!every.complete) continue;  // a jump back that lets a history grow without end
    ++complete;
    // How far away a circle is depends on where it was entered first.
    const bool circles = text.find("goto:") != std::string::npos;
    for (std::size_t i = 0; i < every.values.size(); ++i) {
      const Verdict verdict = every.values[i].judgement.verdict;
      ASSERT_EQ(verdict, merged.values[i].judgement.verdict) << "seed " << seed;
      ASSERT_EQ(verdict, reduced.values[i].judgement.verdict)
          << "seed " << seed << ", " << faults << " faults";
      ++seen[static_cast<std::size_t>(verdict)];
      if (!is_bad(verdict) || circles) continue;
      ASSERT_EQ(every.values[i].length, merged.values[i].length) << "seed " << seed;
      ASSERT_EQ(every.reasons[i], merged.reasons[i]) << "seed " << seed;
      ASSERT_LE(every.values[i].length, reduced.values[i].length) << "seed " << seed;
    }
    states += every.states;
    reduced_states += reduced.states;
  }
  EXPECT_LT(reduced_states * 5, states * 4) << "hardly anything was reduced";
  for (const Verdict verdict :
       {Verdict::stuck, Verdict::data_lost, Verdict::not_restored, Verdict::incompatible,
        Verdict::restored, Verdict::restored_with_residue}) {
    EXPECT_GT(seen[static_cast<std::size_t>(verdict)], 100U) << to_string(verdict);
  }
}

}  // namespace
}  // namespace backout::simulator
