#pragma once
// The transition relation as tables. What a task, an operation or a late effect does depends on the
// situation alone, not on what else the runner has behind it: the Runner is asked once per
// situation, and the search reads its answers.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory_resource>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "simulator/judge.hpp"
#include "simulator/packed_state.hpp"
#include "simulator/pause.hpp"
#include "simulator/progress.hpp"
#include "simulator/runner.hpp"
#include "simulator/stable_list.hpp"

namespace backout::simulator {

/// What one way in which a move may go makes of a state.
struct Turn {
  enum Flags : std::uint16_t {
    kEnds = 1,    ///< the task has ended
    kLands = 2,   ///< its whole effect came about
    kBegins = 4,  ///< a task ran
    kOpaque = 8,
    kRestarts = 16,  ///< the path is started over
    kStops = 32,     ///< a person takes over at the task
    kLast = 64,      ///< no other way follows in the row
    kNone = 128,     ///< the row is empty
    kTurns = 256,    ///< the phase is another one
  };
  SituationId to = 0;
  std::uint32_t fired = 0;  ///< the faults that befell it, for Relation::fired
  std::uint32_t asks =
      0;  ///< not 0: it depends on what other tasks did; the Runner is asked with these choices
  std::uint16_t flags = 0;
  std::uint8_t faults = 0;  ///< how many befell it
  Phase phase = Phase::running;
  Change change;  ///< all of that but kRestarts, for a packed state
};

/// One transition of a state: a move, and the way it goes in the order of an exhaustive chooser.
struct Ordinal {
  Move move;
  std::uint32_t way = 0;
};

/// Rows of turns, each made when it is first asked for; a row ends with Turn::kLast.
using TurnRow = std::atomic<const Turn*>;

/// A recursive mutex that is held for about a microsecond: to wait a little is quicker than to
/// sleep.
class PatientMutex {
 public:
  void lock() {
    for (int looks = 0; looks < kLooks; ++looks) {
      if (mutex_.try_lock()) return;
      pause_core();
    }
    mutex_.lock();
  }
  void unlock() { mutex_.unlock(); }

 private:
  static constexpr int kLooks = 10000;
  std::recursive_mutex mutex_;
};

class Relation {
 public:
  Relation(Setting& setting, Runner& runner, Judge& judge);

  /// Both halves of a state; join() is the inverse. Begins of runs must come through here before
  /// they are expanded.
  std::pair<SituationId, Progress> split(const RunState& state);
  RunState join(SituationId id, const Progress& progress) const;
  const Situation& situation(SituationId id) const { return nodes_[id].situation; }
  SituationId intern(const Situation& situation);
  std::size_t situations() const { return nodes_.size(); }

  /// Calls `sink(State, fired, const Move&, way)` for each transition, in the order of
  /// Runner::moves and of an exhaustive chooser. The state, a PackedState, must not be final. A
  /// Move of live traffic has the index 0, and `way` counts the operations. May be called by
  /// several threads.
  template <typename State, typename Sink>
  void expand(const State& state, Sink&& sink);

  /// The same with the moves of one task of a running state only; it must be ready.
  template <typename State, typename Sink>
  void expand_task(const State& state, std::size_t task, Sink&& sink);

  /// Judge::visible, or Judge::end of a final state.
  template <typename State>
  Judgement judge(const State& state);

  /// Makes states one that differ only in what nobody asks about any more: they have the same
  /// future, transition for transition, and are judged alike. See merging.cpp.
  template <typename State>
  void merge(State& state);

  /// Whether some way of the task's move leads into what is not known.
  bool may_be_opaque(SituationId id, std::size_t task, std::uint8_t faults_left);

  /// What a path says about its tasks, in a form that is quick to read.
  struct Path {
    std::vector<StepBits> before;
    std::vector<std::uint8_t> attempts;  ///< at most so many in one move
    StepBits all;
    StepBits optional;
    std::size_t budgets = 2;           ///< 1 + the most faults that can befall one move
    std::vector<StepBits> left_out;    ///< by RunState::deployed
    std::vector<SetId> same_left_out;  ///< by RunState::deployed: the first one with that left_out

    std::size_t count() const { return before.size(); }
  };
  const std::vector<Path>& paths() const { return paths_; }
  bool may_kill() const { return may_kill_; }
  bool may_run_twice() const { return may_run_twice_; }
  /// Whether a run may come back to where it was: only by reactions that jump.
  bool has_circles() const { return jumps_; }

  /// Whose row it is, and its place among those of the situation: of a task, task * Path::budgets +
  /// the faults that may befall it; of a person, task * 8 + landed * 4 + may fault * 2 + may
  /// restart; of traffic, whether it is the last operation.
  enum class Mover { task, person, traffic, late, deadlock };
  /// Calls `look(Mover, std::size_t place, const Turn*)` for each row of a situation that was asked
  /// for so far.
  template <typename Look>
  void each_row(SituationId id, Look&& look) const;
  /// Calls `look(std::size_t place, Verdict)` for each judgement made so far: places 0 and 1 are
  /// visible() by faulted, from 2 on end() by opaque * 8 + stuck * 4 + landed * 2 + began.
  template <typename Look>
  void each_judgement(SituationId id, Look&& look) const;

  /// An answer of the Runner to a turn that asks.
  struct Answer {
    std::uint32_t asks = 0;
    Progress before;
    SituationId to = 0;
    Progress after;
  };
  /// Keeps all answers from now on in `answers`.
  void keep_answers(std::vector<Answer>& answers) { answers_ = &answers; }

  /// How often each fault befell a turn.
  const Setting::FaultCounts& fired(std::uint32_t index) const { return fired_[index]; }
  std::size_t fired_count() const { return fired_.size(); }

 private:
  struct Node {
    Situation situation;
    std::atomic<TurnRow*> tasks{nullptr};    ///< by task and faults that may befall it
    std::atomic<TurnRow*> persons{nullptr};  ///< by task, landed, fault, restart
    std::array<TurnRow, 2> traffic{};        ///< by whether it is the last operation
    TurnRow late{nullptr};
    TurnRow deadlock{nullptr};
    std::array<std::atomic<SituationId>, 2>
        without{};  ///< 1 + the same without what is not asked any more, by Forget
    std::array<std::atomic<std::uint64_t>, 2> visible{};  ///< by faulted
    std::array<std::atomic<std::uint64_t>, 16> end{};     ///< by opaque, stuck, landed, began
  };

  const Turn* task_row(SituationId id, std::size_t task, std::uint8_t faults_left);
  const Turn* make_task_row(SituationId id, std::size_t task, std::uint8_t faults);
  const Turn* person_row(SituationId id, std::uint16_t task, bool landed, bool may_fault,
                         bool may_restart);
  const Turn* make_person_row(SituationId id, std::uint16_t task, bool landed, bool may_fault,
                              bool may_restart);
  const Turn* traffic_row(SituationId id, bool last);
  const Turn* late_row(SituationId id);
  const Turn* deadlock_row(SituationId id);
  TurnRow* table(std::atomic<TurnRow*>& rows, std::size_t count);
  const Turn* publish(TurnRow& row, std::vector<Turn> turns);
  static std::size_t person_place(std::uint16_t task, bool landed, bool may_fault,
                                  bool may_restart) {
    return task * 8U + (landed ? 4U : 0U) + (may_fault ? 2U : 0U) + (may_restart ? 1U : 0U);
  }
  Judgement make_judgement(SituationId id, const Progress& progress,
                           std::atomic<std::uint64_t>& known);
  static Judgement unpack(std::uint64_t judged) {
    return {static_cast<Verdict>(judged & 0xff), static_cast<TextId>(judged >> 8)};
  }

  /// What of a situation is asked no more, see merge().
  enum class Forget { broken, all_but_end };
  SituationId without(SituationId id, Forget what);
  template <typename State>
  bool may_start_over(const State& state) const {
    return jumps_ || (state.round() == 0 && (state.faults_left() > 0 || state.faulted()));
  }

  RunState blank(SituationId id) const;
  Turn turn(const RunState& from, const RunState& to, std::size_t task,
            const Setting::FaultCounts& before);
  void know(SetId deployed);
  std::pair<SituationId, Progress> ask(const Turn& turn, SituationId id, const Progress& progress,
                                       const Move& move);

  template <typename State, typename Sink>
  void follow(const Turn* row, const State& state, const Path& path, const Move& move, Sink&& sink);
  template <typename State, typename Sink>
  void restart(const State& state, const Path& path, Move::Kind kind, std::uint32_t fired,
               Sink&& sink);

  Setting& setting_;
  Runner& runner_;
  Judge& judge_;
  std::vector<Path> paths_;
  std::vector<bool> known_deployed_;
  bool jumps_ = false;  ///< a failure may lead to another path or back to another task
  bool may_kill_;
  bool may_run_twice_;
  StableList<Node> nodes_;
  std::unordered_map<Situation, SituationId, SituationHash> ids_;
  StableList<Setting::FaultCounts> fired_;
  std::uint32_t killed_ = 0;  ///< for fired(): one of Fault::killed
  std::uint32_t twice_ = 0;   ///< for fired(): one of Fault::second_run
  StableList<Choices> choices_;
  std::vector<Answer>* answers_ = nullptr;
  std::pmr::monotonic_buffer_resource memory_;
  PatientMutex making_;  ///< held by whoever asks the Runner or adds to a table
};

template <typename Look>
void Relation::each_row(SituationId id, Look&& look) const {
  const Node& node = nodes_[id];
  const Path& path = paths_[node.situation.path];
  const auto each = [&](Mover mover, const TurnRow* rows, std::size_t count) {
    for (std::size_t place = 0; rows != nullptr && place < count; ++place) {
      if (const Turn* row = rows[place].load(std::memory_order_acquire)) look(mover, place, row);
    }
  };
  each(Mover::task, node.tasks.load(std::memory_order_acquire), path.count() * path.budgets);
  each(Mover::person, node.persons.load(std::memory_order_acquire), path.count() * 8);
  each(Mover::traffic, node.traffic.data(), node.traffic.size());
  each(Mover::late, &node.late, 1);
  each(Mover::deadlock, &node.deadlock, 1);
}

template <typename Look>
void Relation::each_judgement(SituationId id, Look&& look) const {
  const Node& node = nodes_[id];
  const auto each = [&](std::size_t place, const std::atomic<std::uint64_t>& known) {
    const std::uint64_t packed = known.load(std::memory_order_acquire);
    if (packed != 0) look(place, static_cast<Verdict>(packed & 0xff));
  };
  for (std::size_t i = 0; i < node.visible.size(); ++i) each(i, node.visible[i]);
  for (std::size_t i = 0; i < node.end.size(); ++i) each(node.visible.size() + i, node.end[i]);
}

inline const Turn* Relation::task_row(SituationId id, std::size_t task, std::uint8_t faults_left) {
  const Node& node = nodes_[id];
  const Path& path = paths_[node.situation.path];
  const std::uint8_t faults = std::min(faults_left, path.attempts[task]);
  if (const TurnRow* rows = node.tasks.load(std::memory_order_acquire)) {
    if (const Turn* known = rows[task * path.budgets + faults].load(std::memory_order_acquire))
      return known;
  }
  return make_task_row(id, task, faults);
}

inline const Turn* Relation::person_row(SituationId id, std::uint16_t task, bool landed,
                                        bool may_fault, bool may_restart) {
  if (const TurnRow* rows = nodes_[id].persons.load(std::memory_order_acquire)) {
    const TurnRow& row = rows[person_place(task, landed, may_fault, may_restart)];
    if (const Turn* known = row.load(std::memory_order_acquire)) return known;
  }
  return make_person_row(id, task, landed, may_fault, may_restart);
}

template <typename State, typename Sink>
void Relation::follow(const Turn* row, const State& state, const Path& path, const Move& move,
                      Sink&& sink) {
  if ((row->flags & Turn::kNone) != 0) return;
  for (std::uint32_t way = 0;; ++way, ++row) {
    if (row->asks != 0) {
      const auto [to, next] = ask(*row, state.situation(), state.progress(), move);
      sink(State(to, next), row->fired, move, way);
    } else {
      State next = state.after(row->to, row->change);
      if ((row->flags & Turn::kRestarts) != 0) next.set_ended(path.left_out[state.deployed()]);
      sink(next, row->fired, move, way);
    }
    if ((row->flags & Turn::kLast) != 0) return;
  }
}

template <typename State, typename Sink>
void Relation::restart(const State& state, const Path& path, Move::Kind kind, std::uint32_t fired,
                       Sink&& sink) {
  constexpr Change kFromTheStart{.set = 1U << SmallBits::kRound | 1U << SmallBits::kFaulted,
                                 .minus = 1U << SmallBits::kFaultsLeft};
  State next = state.after(state.situation(), kFromTheStart);
  next.set_ended(path.left_out[state.deployed()]);
  sink(next, fired, Move{kind, 0}, std::uint32_t{0});
}

template <typename State, typename Sink>
void Relation::expand_task(const State& state, std::size_t task, Sink&& sink) {
  const SituationId id = state.situation();
  const Path& path = paths_[situation(id).path];
  follow(task_row(id, task, state.faults_left()), state, path, {Move::Kind::task, task}, sink);
  if (!path.optional.test(task)) return;
  const State next = state.after(id, {.task = static_cast<std::uint16_t>(task), .ends = true});
  sink(next, std::uint32_t{0}, Move{Move::Kind::skip, task}, std::uint32_t{0});
}

template <typename State, typename Sink>
void Relation::expand(const State& state, Sink&& sink) {
  using Kind = Move::Kind;
  const SituationId id = state.situation();
  const Path& path = paths_[situation(id).path];
  const auto serve = [&] {
    const std::uint8_t operations = state.traffic_left();
    if (operations != 0)
      follow(traffic_row(id, operations == 1), state, path, {Kind::serve, 0}, sink);
  };
  const auto land = [&] {
    if (situation(id).late != 0) follow(late_row(id), state, path, {Kind::late, 0}, sink);
  };
  if (state.phase() == Phase::stopped) {
    const std::uint16_t task = state.task();
    const Turn* row = person_row(id, task, state.landed().test(task), state.faults_left() > 0,
                                 state.faulted() && state.round() == 0);
    follow(row, state, path, {Kind::take_over, task}, sink);
    serve();
    land();
    return;
  }
  using Tasks = typename State::Tasks;
  const Tasks left = Tasks::first(path.all).without(state.ended());
  const bool may_fault = state.faults_left() > 0 && state.round() == 0 && state.began();
  if (!left.any()) {
    constexpr Change kEnd{.set = static_cast<std::uint32_t>(Phase::ended)
                                 << SmallBits::kPhase};  // it is running
    static_assert(static_cast<int>(Phase::running) == 0);
    sink(state.after(id, kEnd), std::uint32_t{0}, Move{Kind::finish, 0}, std::uint32_t{0});
    if (may_fault && may_run_twice_) restart(state, path, Kind::second_run, twice_, sink);
    return;
  }
  bool any = false;
  left.each([&](std::size_t task) {
    if ((Tasks::first(path.before[task]) & left).any()) return;
    any = true;
    expand_task(state, task, sink);
  });
  if (!any) return follow(deadlock_row(id), state, path, {Kind::deadlock, 0}, sink);
  serve();
  land();
  if (may_fault && may_kill_) restart(state, path, Kind::killed, killed_, sink);
}

template <typename State>
Judgement Relation::judge(const State& state) {
  const bool final = state.final();
  if (!final && !state.began()) return {};
  Node& node = nodes_[state.situation()];
  const bool stuck = state.phase() == Phase::stuck;
  const bool landed = final && state.landed().test(state.task());
  std::atomic<std::uint64_t>& known =
      final ? node.end[(state.opaque() ? 8U : 0U) + (stuck ? 4U : 0U) + (landed ? 2U : 0U) +
                       (state.began() ? 1U : 0U)]
            : node.visible[state.faulted() ? 1 : 0];
  if (const std::uint64_t judged = known.load(std::memory_order_acquire); judged != 0)
    return unpack(judged);
  return make_judgement(state.situation(), state.progress(), known);
}

template <typename State>
void Relation::merge(State& state) {
  const SituationId id = state.situation();
  if (state.final()) {
    state = state.at_end(without(id, Forget::all_but_end));
    return;
  }
  if (state.faulted() && situation(id).broken != 0)
    state.set_situation(without(id, Forget::broken));
  if (state.phase() == Phase::running) state.set_task(0);
  if (!may_start_over(state)) {
    state.set_deployed(0);
    state.forget_landed_of_ended();
  } else if (!jumps_) {
    state.set_deployed(paths_[situation(id).path].same_left_out[state.deployed()]);
  }
}

}  // namespace backout::simulator
