#pragma once
// The transition relation of a rollback. One relation, driven by a chooser: search, replay and random runs all use it.

#include <string>
#include <vector>

#include "simulator/attempt.hpp"
#include "simulator/matrix.hpp"
#include "simulator/run_state.hpp"

namespace backout::simulator {

/// What happened, for a reader. Worlds are given so that the changes are worked out only for runs that are shown.
struct Event {
  TraceLine::Actor actor = TraceLine::Actor::rollback;
  std::string step;
  std::string text;
  WorldId from = 0;
  WorldId to = 0;
};
using Log = std::vector<Event>;

class Runner {
 public:
  explicit Runner(Setting& setting) : setting_(setting) {}

  /// An effect that is still to come: the actions of `task`, whoever started it. For RunState::late.
  std::uint32_t pending(const Task& task);

  /// A rollback by `path` that is about to begin where `from` says: its world, data, traffic and budgets count.
  RunState begin(model::PathIndex path, RunState from);

  /// One transition: a task, an operation of live traffic, a late effect, a fault of the run, or its end. `state`
  /// must be running or stopped. `log` (may be null) gets what happened.
  RunState next(const RunState& state, Chooser& chooser, Log* log);

 private:
  struct Option;

  const Playbook& book(const RunState& state) const { return setting_.books().paths[state.path]; }
  std::vector<Option> options(const RunState& state);
  void add_traffic(const RunState& state, std::vector<Option>& options);
  StepSet left_out(const RunState& state) const;
  void note(Log* log, Event event) const;

  RunState run_task(RunState state, std::size_t task, Chooser& chooser, Log* log);
  bool try_once(RunState& state, std::size_t task, Chooser& chooser, Log* log);
  RunState fail_task(RunState state, std::size_t task, Log* log);
  RunState abort_at(RunState state, std::size_t task, Log* log);
  RunState take_over(RunState state, Chooser& chooser, Log* log);
  RunState serve(RunState state, const Served& served, Log* log);
  RunState land_late(RunState state, Log* log);
  RunState start_over(RunState state, Fault fault, Log* log);
  RunState stuck(RunState state, const std::string& why) const;

  Setting& setting_;
  std::vector<Task> pending_;
};

}  // namespace backout::simulator
