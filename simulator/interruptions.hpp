#pragma once
// Where a deploy may stop: every set of steps that its order allows, with half a step, under live
// traffic.

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "simulator/matrix.hpp"
#include "simulator/runner.hpp"

namespace backout::simulator {

/// A state of the deploy in which it may be interrupted.
struct DeployState {
  WorldId world = 0;
  SetId expected = 0;
  SetId traffic = 0;
  std::uint32_t late = 0;            ///< RunState::late
  TextId why = 0;                    ///< opaque: what nobody can tell the effect of
  StepSet done;                      ///< steps that ended, as the runner sees it
  std::uint16_t half = kWhole;       ///< the step that stopped half way
  std::uint16_t under_way = kWhole;  ///< the step that timed out and is still to take effect
  bool opaque = false;               ///< RunState::opaque
  bool faulted = false;
  bool stopped = false;  ///< the deploy does not go on from here
  bool aborted = false;  ///< the analysis of a rollout has sent its users back by itself
  std::uint16_t sick =
      kNobody;  ///< the app whose version, which the deploy brought, answers errors

  static constexpr std::uint16_t kWhole = 0xffff;
  static constexpr std::uint16_t kNobody = 0xffff;
  friend bool operator==(const DeployState&, const DeployState&) = default;
};

class Deploys {
 public:
  Deploys(Setting& setting, Runner& runner, bool with_faults);

  /// Explores the deploy. Call once.
  void explore();

  /// What may happen in a state of the deploy and where it leads, in a fixed order.
  struct Next {
    DeployState state;
    Event event;
  };
  std::vector<Next> next(const DeployState& state);
  DeployState start() const;
  /// The row of the matrix that the state belongs to, steps in listed order.
  Interruption interruption(const DeployState& state) const;

  /// The rows of the matrix: by number of steps done, then as listed.
  const std::vector<Interruption>& interruptions() const { return rows_; }
  /// The states in which the deploy stops in this row, shortest way first.
  const std::vector<std::size_t>& stops(std::size_t row) const { return stops_[row]; }
  const DeployState& state(std::size_t stop) const { return nodes_[stop].state; }
  std::size_t depth(std::size_t stop) const { return nodes_[stop].depth; }
  /// Whether the plan lets live traffic run.
  bool has_traffic() const { return setting_.plan().limits.traffic > 0; }
  std::size_t traffic(std::size_t stop) const {
    return setting_.sets()[nodes_[stop].state.traffic].size();
  }
  /// A rollback that begins in this state; path and budgets are left to the caller.
  RunState run_from(std::size_t stop) const { return run_from(nodes_[stop].state); }
  RunState run_from(const DeployState& state) const;
  /// Whether the sickness of this state, if any, is what `path` is for: users no longer meet the
  /// sick version behind it; and some step of it notices. Nobody takes another path because of it,
  /// and one that does not notice runs as it does without. `begun` is the path's begin.
  bool concerns(std::size_t stop, const RunState& begun) const;
  /// What happened up to this state.
  Log log(std::size_t stop) const;
  /// The state before it on the shortest way, and what happened between the two; of the start:
  /// itself, nothing.
  std::size_t parent(std::size_t stop) const { return nodes_[stop].parent; }
  const Event& event(std::size_t stop) const { return nodes_[stop].event; }

  const std::vector<DeployStop>& refusals() const { return refusals_; }
  const std::string& bound() const { return bound_; }
  std::size_t states() const { return nodes_.size(); }
  std::size_t transitions() const { return transitions_; }

 private:
  struct Node {
    DeployState state;
    std::size_t parent = 0;
    std::size_t depth = 0;
    Event event;
  };
  struct StateHash {
    std::size_t operator()(const DeployState& state) const;
  };

  void reach(std::size_t parent, const DeployState& state, Event event);
  void try_step(const DeployState& state, std::size_t task, std::vector<Next>& all);
  void try_faults(const DeployState& state, std::size_t task, const Attempt& plain,
                  std::vector<Next>& all);
  void try_unhealthy(const DeployState& state, std::size_t task, std::vector<Next>& all);
  bool is_cure(std::size_t stop, const RunState& begun) const;
  bool is_noticed(std::size_t stop, const RunState& begun) const;
  void fall_sick(const DeployState& state, std::vector<Next>& all);
  void serve(const DeployState& state, std::vector<Next>& all);
  void refuse(const DeployState& state, std::size_t task, TextId why);
  void make_rows();
  Interruption row_of(const DeployState& state, const std::vector<model::StepIndex>& order) const;

  Setting& setting_;
  Runner& runner_;
  bool with_faults_;
  std::vector<Node> nodes_;
  std::unordered_map<DeployState, std::size_t, StateHash> ids_;
  mutable std::map<std::pair<std::size_t, std::uint16_t>, bool> concerned_;
  std::vector<Interruption> rows_;
  std::vector<std::vector<std::size_t>> stops_;
  std::vector<DeployStop> refusals_;
  std::string bound_;
  std::size_t transitions_ = 0;
};

}  // namespace backout::simulator
