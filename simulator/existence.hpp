#pragma once
// Is there any way back? Tells "your order is wrong" from "no order works", and finds the point of
// no return.

#include <optional>
#include <vector>

#include "simulator/interruptions.hpp"
#include "simulator/search.hpp"

namespace backout::simulator {

/// An order of the path's tasks, other than the written one, in which every run from each of
/// `starts` (at least one) is restored (with or without residue) when nothing fails; empty: none
/// was found. Looks at a bounded number of orders, those that work from the first of `starts`.
std::vector<std::size_t> working_order(Setting& setting, model::PathIndex path,
                                       const std::vector<RunState>& starts);

/// Whether some sequence of rollback steps and automatic undos gives the start state back.
struct WayBack {
  enum class Answer { yes, no, unknown };  ///< unknown: the limit was reached
  Answer answer = Answer::unknown;
  std::string nearest;  ///< no: what differs in the best attempt
};

/// Looks for a way back from deploy states. Two worlds with the same essential facts and data count
/// as one; backups that would be taken after the interruption are not considered.
class WayBackSearch {
 public:
  explicit WayBackSearch(Setting& setting);

  /// `done` are the deploy steps that ran, `run` the world and data that were reached.
  WayBack find(const std::vector<model::StepIndex>& done, const RunState& run);

 private:
  /// What of a service's state a rollback must give back.
  struct Essence {
    std::uint32_t facts = 0;  ///< number of its essential facts that no residue names
    std::uint32_t all = 0;    ///< number of these and its data
  };

  std::vector<ActionId> moves(const std::vector<model::StepIndex>& done);
  Essence essence(std::size_t service, WorldId world);
  Row key(WorldId world);
  std::size_t distance(WorldId world, SetId expected);
  std::string nearest(WorldId world, SetId expected);
  std::vector<DatumId> lost(WorldId world, SetId expected);

  Setting& setting_;
  std::vector<model::Residue> residue_;  ///< for data
  std::vector<model::Residue> narrow_;   ///< for facts
  std::vector<std::unordered_map<std::uint32_t, Essence>>
      essences_;  ///< by service: state -> essence
};

/// The first interruption along the deploy's order from which, for some traffic, there is no way
/// back. `restored` says of each row whether some path restores everything from it: there is a way
/// back, then. `undecided` becomes true when a limit leaves the question open somewhere.
std::optional<PointOfNoReturn> point_of_no_return(Setting& setting, const Deploys& deploys,
                                                  const std::vector<bool>& restored,
                                                  bool& undecided);

}  // namespace backout::simulator
