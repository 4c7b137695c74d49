#pragma once
// The transition relation of a rollback. One relation, driven by a chooser: search, replay and
// random runs all use it.

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "simulator/attempt.hpp"
#include "simulator/matrix.hpp"
#include "simulator/run_state.hpp"

namespace backout::simulator {

/// What happened, for a reader. Worlds are given so that the changes are worked out only for runs
/// that are shown.
struct Event {
  TraceLine::Actor actor = TraceLine::Actor::rollback;
  std::string step;
  std::string text;
  WorldId from = 0;
  WorldId to = 0;
  bool attempt = false;                       ///< an attempt at `step`
  std::optional<Fault> fault = std::nullopt;  ///< the fault that befell it
};
using Log = std::vector<Event>;

/// What a log says of an attempt.
std::string describe(const Worlds& worlds, const Attempt& attempt);

/// Something that may happen next.
struct Move {
  enum class Kind { task, skip, serve, late, killed, second_run, finish, deadlock, take_over };
  Kind kind = Kind::task;
  std::size_t index = 0;  ///< task, skip, take_over: position of the task; serve: of the operation
                          ///< in Worlds::operations

  friend bool operator==(const Move&, const Move&) = default;
};

class Runner {
 public:
  explicit Runner(Setting& setting) : setting_(setting) {}

  /// An effect that is still to come: the actions of `task`, whoever started it. For
  /// RunState::late.
  std::uint32_t pending(const Task& task);
  /// The task of such an effect.
  const Task& pending_task(std::uint32_t late) const { return pending_[late - 1]; }

  /// A rollback by `path` that is about to begin where `from` says: its world, data, traffic and
  /// budgets count.
  RunState begin(model::PathIndex path, RunState from);

  /// What may happen next; never empty. `state` must be running or stopped.
  std::vector<Move> moves(const RunState& state);

  /// One transition: the chooser picks one of moves(state), then how its attempts go. `log` (may be
  /// null) gets what happened.
  RunState next(const RunState& state, Chooser& chooser, Log* log);
  /// The same with the move given: one of moves(state).
  RunState take(const RunState& state, const Move& move, Chooser& chooser, Log* log);

  /// The first half of a task's move: attempts until one is observed to succeed, `retry` is used up
  /// or the world is a guess. Reads and changes nothing of what other tasks did. False: it failed,
  /// and fail_task() is the second half.
  bool try_task(RunState& state, std::size_t task, Chooser& chooser, Log* log);
  /// What the runner does about a task that failed.
  RunState fail_task(RunState state, std::size_t task, Log* log);
  /// Whether fail_task() only goes on or stops, whatever other tasks did.
  bool fails_alone(model::PathIndex path, std::size_t task) const;

  /// The tasks of the path that are left out because no step that they take back began.
  StepSet left_out(const RunState& state) const;

 private:
  const Playbook& book(const RunState& state) const { return setting_.books().paths[state.path]; }
  void add_traffic(const RunState& state, std::vector<Move>& moves);
  void note(Log* log, Event event) const;

  enum class Tried { ended, failed, hopeless };
  Tried try_once(RunState& state, std::size_t task, Chooser& chooser, Log* log);
  RunState abort_at(RunState state, std::size_t task, Log* log);
  RunState take_over(RunState state, Chooser& chooser, Log* log);
  RunState serve(RunState state, const Served& served, Log* log);
  RunState land_late(RunState state, Log* log);
  RunState start_over(RunState state, Fault fault, Log* log);
  RunState stuck(RunState state, const std::string& why) const;

  Setting& setting_;
  std::deque<Task> pending_;
};

}  // namespace backout::simulator
