#pragma once
// Is there any way back? Tells "your order is wrong" from "no order works", and finds the point of no return.

#include <optional>
#include <vector>

#include "simulator/interruptions.hpp"
#include "simulator/search.hpp"

namespace backout::simulator {

/// An order of the path's tasks, other than the written one, in which every run from `start` is restored (with or
/// without residue) when nothing fails; empty: none was found. Looks at a bounded number of orders.
std::vector<std::size_t> working_order(Setting& setting, model::PathIndex path, const RunState& start);

/// Whether some sequence of rollback steps and automatic undos gives the start state back.
struct WayBack {
  enum class Answer { yes, no, unknown };  ///< unknown: the limit was reached, or an action is opaque
  Answer answer = Answer::unknown;
  std::string nearest;  ///< no: what differs in the best attempt
};

/// Looks for a way back from deploy states of one interruption.
class WayBackSearch {
 public:
  WayBackSearch(Setting& setting, Search& search) : setting_(setting), search_(search) {}

  /// `done` are the deploy steps that ran, `run` the world and data that were reached.
  WayBack find(const std::vector<model::StepIndex>& done, const RunState& run);

 private:
  std::vector<ActionId> moves(const std::vector<model::StepIndex>& done);
  std::size_t distance(WorldId world, SetId expected);
  std::string nearest(WorldId world, SetId expected);

  Setting& setting_;
  Search& search_;
  std::unordered_map<WorldId, std::size_t> differences_;
};

/// The first interruption along the deploy's order from which, for some traffic, there is no way back.
std::optional<PointOfNoReturn> point_of_no_return(Setting& setting, Search& search, const Deploys& deploys,
                                                  bool& undecided);

}  // namespace backout::simulator
