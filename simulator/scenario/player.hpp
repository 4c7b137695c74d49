#pragma once
// Plays scenarios: takes the transitions that a scenario names, one by one, and judges as the
// search does.

#include <functional>

#include "simulator/interruptions.hpp"
#include "simulator/judge.hpp"
#include "simulator/scenario/scenario.hpp"

namespace backout::simulator {

/// Where a predicate first did not hold.
struct Broken {
  std::string predicate;  ///< its name
  std::string after;      ///< the step or operation after which; empty: at the end
  std::string why;        ///< what the predicate said; may be empty

  friend bool operator==(const Broken&, const Broken&) = default;
};

/// What came of a scenario.
struct Played {
  std::string path;  ///< that was taken; empty: none could be
  Verdict verdict = Verdict::restored;
  std::string reason;
  std::vector<std::string> residue;  ///< of a run that restored everything else
  Log log;                           ///< everything that happened, the deploy first
  std::vector<Happening> deploy;     ///< what was taken
  std::vector<Happening> rollback;   ///< the same, with what ran besides the scenario
  RunState last;
  /// Predicates that did not hold somewhere, deploy and rollback alike, in their order; the verdict
  /// is about the rollback.
  std::vector<Broken> broken;
  std::vector<model::Mistake> mistakes;  ///< what the scenario asks for and cannot happen there
};

class Player {
 public:
  /// `deploys` need not be explored.
  Player(Setting& setting, Runner& runner, Judge& judge, Deploys& deploys)
      : setting_(setting), runner_(runner), judge_(judge), deploys_(deploys) {}

  /// Plays to the end. What cannot happen where the scenario asks for it is left out, and a
  /// mistake.
  Played play(const Scenario& scenario);

  /// What happens from `run` on when `choose` answers the questions (one of 0..count-1 each) until
  /// `done`: a list for Scenario::rollback.
  std::vector<Happening> drawn(RunState run,
                               const std::function<std::size_t(std::size_t count)>& choose,
                               const std::function<bool()>& done);

  /// The answers with which Runner::next makes it happen in `state`, which must be running or
  /// stopped; nullopt: it cannot happen there.
  std::optional<Choices> choices_of(const RunState& state, const Happening& happening);
  /// What the answers make happen in `state`, by name and without its faults.
  Happening taken(const RunState& state, const Choices& choices);

  /// The happening that leads from a deploy state to the n-th of Deploys::next.
  static Happening happening_of(const std::vector<Deploys::Next>& all, std::size_t which);

 private:
  void play_deploy(const Scenario& scenario, Played& played, DeployState& state);
  std::optional<Choices> choices_of_faults(const RunState& state, const Move& move,
                                           const Happening& happening);
  void play_rollback(const Scenario& scenario, Played& played);
  void judge(Played& played);
  std::vector<Broken> broken(const Played& played);

  Setting& setting_;
  Runner& runner_;
  Judge& judge_;
  Deploys& deploys_;
};

/// Log lines with the world's changes, as counterexamples show them.
std::vector<TraceLine> lines_of(const Setting& setting, const Log& log);

}  // namespace backout::simulator
