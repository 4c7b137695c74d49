#pragma once
// The exhaustive search over runs: every order, outcome and operation of traffic, each state judged
// once.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "simulator/independence.hpp"
#include "simulator/judge.hpp"
#include "simulator/relation.hpp"
#include "simulator/runner.hpp"

namespace backout::simulator {

/// The worst that can happen from a state on, and how far away it is.
struct Value {
  Judgement judgement;
  std::uint32_t length = 0;  ///< transitions to the state that is judged so, by the shortest way
  std::uint32_t ordinal =
      0;  ///< the first of them, in the order of Relation::expand; with length 0 none
  /// Some run has a step that does not get through for good, and the verdict is not for this
  /// reason: what reduction left out may be worse.
  bool escapes = false;
};

/// Asked now and then with the number of states that were met; false: the search stops there, as at
/// a limit of states. With several threads it is asked from all of them.
using GoOn = std::function<bool(std::uint64_t states)>;

/// How a search may save work. The verdicts are the same.
struct SearchMode {
  /// Merges states whose futures are the same, and leaves out orders of independent steps.
  bool reduction = true;
  /// With reduction: works a bad verdict out once more with all orders, for the shortest run that
  /// shows it, unless that reaches the limit of states.
  bool shortest = true;
  /// How many threads prepare() uses. Where reactions may lead back to where a run was, it is one.
  std::size_t threads = 1;
  GoOn go_on = {};
};

class Search {
 public:
  /// Looks at no more than `max_states` states, with and without the orders that reduction leaves
  /// out.
  Search(Setting& setting, std::uint64_t max_states, const SearchMode& mode = {});
  Search(const Search&) = delete;
  ~Search();

  Runner& runner() { return runner_; }
  Judge& judge() { return judge_; }
  Relation& relation() { return relation_; }

  /// Works out many begins, by the deploy steps that ran, on several threads if there are;
  /// afterwards worst() has the answers. The answers and all counts are the same for any number of
  /// threads, but for one case: with several threads, false says that a limit was reached, and that
  /// this search is good for nothing.
  bool prepare(const std::vector<RunState>& begins);
  /// The worst over all runs from `state` on. What was not prepared is worked out now; then states
  /// that other begins met before may be counted once more.
  Value worst(const RunState& state);
  /// The run that `worst(state)` speaks of: what happens, up to the state that is judged so, which
  /// it returns. Where the verdict is RESTORED there is nothing to show: it returns `state`.
  RunState replay(RunState state, Log& log);

  std::uint64_t states() const;
  std::uint64_t transitions() const;
  /// Memory of the states.
  std::uint64_t bytes() const;
  bool limit_reached() const;
  /// Whether go_on said no.
  bool stopped() const { return stopped_; }

  /// The search proper, for states of one width.
  class Table;

 private:
  Value answer(Table& table, const RunState& state);
  /// Whether the reduced search answers for runs from `state`; afterwards the table with all orders
  /// has the answer else.
  bool is_reduced(const RunState& state);
  bool may_reduce(const RunState& state);
  bool is_sure(const Value& value) const;
  bool wants_shortest(const Value& value) const;
  void begin_anew();
  void work_out(Table& table, const std::vector<RunState>& begins);
  RunState take(Table& table, const RunState& state, std::uint32_t ordinal, Log& log);

  Setting& setting_;
  std::uint64_t max_states_;
  SearchMode mode_;
  std::atomic<bool> stopped_ = false;
  GoOn go_on_;  ///< remembers the answer no
  Runner runner_;
  Judge judge_;
  Relation relation_;
  std::size_t threads_;
  std::unique_ptr<Independence> independence_;
  std::unique_ptr<Table> reduced_;
  std::unique_ptr<Table> all_;
  bool incomplete_ = false;
  std::uint64_t forgotten_states_ = 0;  ///< of reduced searches that began anew
  std::uint64_t forgotten_transitions_ = 0;
};

}  // namespace backout::simulator
