#pragma once
// The exhaustive search over runs: every order, outcome and operation of traffic, each state judged once.

#include <memory_resource>
#include <unordered_map>
#include <vector>

#include "simulator/judge.hpp"
#include "simulator/runner.hpp"

namespace backout::simulator {

/// The worst that can happen from a state on, and the shortest way there.
struct Value {
  Judgement judgement;
  std::uint32_t length = 0;  ///< transitions to the state that is judged so
  Choices first;             ///< the first of them; with length 0 the state itself
};

class Search {
 public:
  /// Looks at no more than `max_states` states.
  Search(Setting& setting, std::uint64_t max_states) : runner_(setting), judge_(setting), max_states_(max_states) {}

  Runner& runner() { return runner_; }
  Judge& judge() { return judge_; }

  /// The worst over all runs from `state` on. Each state is worked out once.
  const Value& worst(const RunState& state);
  /// The run that `worst(state)` speaks of: what happens, up to the state that is judged so, which it returns.
  RunState replay(RunState state, Log& log);

  std::uint64_t states() const { return values_.size(); }
  std::uint64_t transitions() const { return transitions_; }
  bool limit_reached() const { return limit_reached_; }

 private:
  struct Entry {
    Value value;
    bool open = true;  ///< being worked out: met again, the run goes round in circles
  };

  Entry explore(const RunState& state);

  Runner runner_;
  Judge judge_;
  std::uint64_t max_states_;
  std::uint64_t transitions_ = 0;
  bool limit_reached_ = false;
  std::pmr::monotonic_buffer_resource memory_;  // states are never forgotten one by one
  std::pmr::unordered_map<RunState, Entry, RunStateHash> values_{&memory_};
  Value circle_;
  Value unexplored_;
};

}  // namespace backout::simulator
