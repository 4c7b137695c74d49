#pragma once
// What a state of a rollback run is worth: the oracles of docs/semantics.md.

#include <string>
#include <vector>

#include "simulator/matrix.hpp"
#include "simulator/run_state.hpp"
#include "simulator/setting.hpp"

namespace backout::simulator {

/// A verdict with its reason.
struct Judgement {
  Verdict verdict = Verdict::restored;
  TextId why = 0;
};

/// A run has no more transitions than this: a path has at most kMaxSteps tasks, which run at most
/// twice, and every fault and every operation adds a few. What is longer jumps back again and again
/// while something, such as the list of an app's releases, grows without end.
inline constexpr std::size_t kLongestRun = 4000;

class Judge {
 public:
  explicit Judge(Setting& setting) : setting_(setting) {}

  /// A state that users see while the rollback runs: invariants that must always hold and, as long
  /// as no fault befell the run, refused operations that were not refused where the deploy stopped.
  Judgement visible(const RunState& state);
  /// The end of a run (ended or stuck): visible() and data, facts and invariants besides.
  Judgement end(const RunState& state);
  /// The same as if the effect of every step that ran were known, and what the reading says.
  Judgement end_as_read(const RunState& state);
  /// A run that comes back to where it was, or that is longer than kLongestRun.
  Judgement endless() {
    return say(Verdict::stuck, "the run goes round in circles and never ends");
  }
  /// A state that was not looked at because of a limit.
  Judgement unexplored() {
    return say(Verdict::unknown, "not explored: the limit of states was reached");
  }
  /// What stays behind at the end: declared residue for a full path, everything kept for a partial
  /// one.
  std::vector<std::string> residue(const RunState& state);
  /// The data that the run lost, its declared residue and what its path may lose left out.
  std::vector<Loss> losses(const RunState& state, const Playbook& book);
  /// Whether going from one world to the other made something differ from the start that still
  /// differs in `last`.
  bool adds_difference(WorldId from, WorldId to, const RunState& last);
  /// Whether the plan's objective for lost data allows to lose what was written since the deploy
  /// began.
  bool allows_loss(const Playbook& path) const;
  /// The first operation that `world` refuses though it was not refused before; kNoId when there is
  /// none.
  OperationId refused(WorldId world, SetId broken);

 private:
  bool is_old_state(const RunState& state);
  Judgement incompatible(WorldId world, OperationId operation);
  Judgement lost(const RunState& state, const Playbook& book);
  Judgement down(const RunState& state, const Playbook& book);
  Judgement not_restored(const RunState& state, const Playbook& book);
  Judgement invariants(WorldId world, bool at_end);
  Judgement predicates(WorldId world, bool at_end);
  Judgement say(Verdict verdict, const std::string& why) {
    return {verdict, setting_.worlds().text(why)};
  }

  Setting& setting_;
};

}  // namespace backout::simulator
