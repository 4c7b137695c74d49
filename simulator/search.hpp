#pragma once
// The exhaustive search over runs: every order, outcome and operation of traffic, each state judged once.

#include <cstdint>
#include <memory>

#include "simulator/judge.hpp"
#include "simulator/relation.hpp"
#include "simulator/runner.hpp"

namespace backout::simulator {

/// The worst that can happen from a state on, and how far away it is.
struct Value {
  Judgement judgement;
  std::uint32_t length = 0;   ///< transitions to the state that is judged so, by the shortest way
  std::uint32_t ordinal = 0;  ///< the first of them, in the order of Relation::expand; with length 0 none
};

class Search {
 public:
  /// Looks at no more than `max_states` states.
  Search(Setting& setting, std::uint64_t max_states);
  Search(const Search&) = delete;
  ~Search();

  Runner& runner() { return runner_; }
  Judge& judge() { return judge_; }

  /// The worst over all runs from `state` on. Each state is worked out once.
  Value worst(const RunState& state);
  /// The run that `worst(state)` speaks of: what happens, up to the state that is judged so, which it returns.
  RunState replay(RunState state, Log& log);

  std::uint64_t states() const;
  std::uint64_t transitions() const;
  /// Memory of the states.
  std::uint64_t bytes() const;
  bool limit_reached() const;

  /// The search proper, for states of one width.
  class Table;

 private:
  RunState take(const RunState& state, std::uint32_t ordinal, Log& log);

  Setting& setting_;
  Runner runner_;
  Judge judge_;
  Relation relation_;
  std::unique_ptr<Table> table_;
};

}  // namespace backout::simulator
