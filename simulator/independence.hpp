#pragma once
// When the moves of one task are enough: partial-order reduction by ample sets.

#include <string>
#include <vector>

#include "simulator/relation.hpp"

namespace backout::simulator {

/// Which tasks of a path change nothing that others look at.
///
/// A task is *quiet* when its footprint names no service that live operations or lasting invariants
/// look at. Where a quiet task is ready and conflicts with no other task that may run before it,
/// its moves are an ample set: whatever run there is, the same run with this task first comes to
/// the same ends and shows the same visible states, but for runs in which a step does not get
/// through for good (`escapes`). The proof is in docs/search.md.
class Independence {
 public:
  static constexpr std::size_t kNoTask = ~std::size_t{0};

  Independence(Setting& setting, Runner& runner);

  /// Whether some state of a run by this path may be reduced.
  bool is_useful(std::uint32_t path) const { return paths_[path].useful; }
  /// A task whose moves are enough in this state; kNoTask: all moves are needed.
  /// `may_be_opaque(task)` says whether its effect may be unknown.
  template <typename State, typename MayBeOpaque>
  std::size_t enough(const Situation& situation, const State& state,
                     MayBeOpaque&& may_be_opaque) const;
  /// Whether what live operations look at, or what nobody can tell, is more than when this was
  /// made: then begin anew.
  bool is_outdated() const;

 private:
  struct Path {
    bool useful = false;
    StepBits all;
    std::vector<StepBits> before;
    StepBits quiet;
    std::vector<StepBits> conflicts;    ///< by task: those whose order with it may matter
    std::vector<StepBits> followed_by;  ///< by task: those that name it in their order
    std::vector<StepBits>
        met_by_late;  ///< by RunState::late: tasks that conflict with the effect to come

    /// Whether a task that conflicts with `task` may run before it. What waits for it may not; but
    /// a task that is left out holds nothing up.
    template <typename Tasks>
    bool is_disturbed(std::size_t task, const Tasks& left) const {
      const Tasks others = Tasks::first(conflicts[task]) & left;
      if (!others.any()) return false;
      Tasks behind;
      Tasks look;
      for (look.add(task); look.any();) {
        Tasks next;
        look.each(
            [&](std::size_t each) { next = next | (Tasks::first(followed_by[each]) & left); });
        look = next.without(behind);
        behind = behind | next;
      }
      return others.without(behind).any();
    }
  };

  /// An effect that may come late, and what it reads and writes.
  struct Late {
    std::uint32_t number = 0;  ///< RunState::late
    services::Footprint footprint;
  };

  /// What may come late of the deploy's steps and of all paths, each once.
  std::vector<Late> lates(Runner& runner) const;
  Path make(const Playbook& book, const std::vector<Late>& lates) const;
  services::Footprint footprint(const Task& task) const;
  bool looks_at_everything(const Task& task) const;
  bool is_quiet(const services::Footprint& footprint) const;

  Setting& setting_;
  bool may_be_late_;
  bool may_be_killed_;
  bool all_is_visible_ = false;    ///< an invariant or a predicate looks at no one knows what
  std::size_t opaque_ = 0;         ///< how many steps were seen whose effect nobody can tell
  std::vector<bool> observed_;     ///< services that operations were seen to look at
  std::vector<std::string> loud_;  ///< names of services that somebody looks at
  std::vector<Path> paths_;
};

template <typename State, typename MayBeOpaque>
std::size_t Independence::enough(const Situation& situation, const State& state,
                                 MayBeOpaque&& may_be_opaque) const {
  using Tasks = typename State::Tasks;
  const Path& path = paths_[situation.path];
  if (!path.useful || state.phase() != Phase::running) return kNoTask;
  if (may_be_killed_ && state.faults_left() > 0 && state.round() == 0) return kNoTask;
  const Tasks left = Tasks::first(path.all).without(state.ended());
  const bool needs_follower =
      state.traffic_left() > 0 || situation.late != 0 || (may_be_late_ && state.faults_left() > 0);
  std::size_t found = kNoTask;
  (left & Tasks::first(path.quiet)).each([&](std::size_t task) {
    if (found != kNoTask || (Tasks::first(path.before[task]) & left).any() ||
        path.is_disturbed(task, left))
      return;
    if (needs_follower && !(Tasks::first(path.followed_by[task]) & left).any()) return;
    if (situation.late != 0 && path.met_by_late[situation.late].test(task)) return;
    if (!may_be_opaque(task)) found = task;
  });
  return found;
}

}  // namespace backout::simulator
