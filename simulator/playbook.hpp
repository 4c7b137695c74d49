#pragma once
// What runs: the deploy and each rollback path as lists of tasks with their order. A plan without
// paths gets one, made of the undos of its deploy steps.

#include <bitset>
#include <string>
#include <vector>

#include "model/plan.hpp"
#include "simulator/worlds.hpp"

namespace backout::simulator {

/// Most steps that a deploy or a path may have to be explored.
inline constexpr std::size_t kMaxSteps = 512;
using StepSet = std::bitset<kMaxSteps>;

/// One thing that a runner does.
struct Task {
  model::StepIndex step =
      model::kNone;  ///< the step; in a derived path the deploy step that is taken back
  bool derived = false;
  std::vector<ActionId> actions;  ///< one for a step; what an undo needs, in order
  std::string impossible;         ///< derived: why there is no undo; empty: there is
  StepSet before;                 ///< positions of the tasks that must have ended
  model::OnFailure reaction;      ///< what the runner does when it is observed to fail
  StepSet undoes;     ///< deploy steps without which it is left out; none: it always runs
  StepSet undone_by;  ///< of an `always` step: positions of the tasks that may undo it
};

/// A deploy or a rollback path.
struct Playbook {
  std::string name;
  bool full = false;              ///< it claims to give the start state back
  std::vector<Task> tasks;        ///< in order as written
  std::vector<std::string> from;  ///< ids of deploy steps after which it may be chosen; empty: any
  std::vector<model::Residue>
      residue;  ///< what may stay behind: the plan's, the deploy's and a path's steps'
  std::vector<model::Residue> narrow =
      {};  ///< the same as it counts for facts: services::narrowed(), but for those
};

/// Everything that a run of the plan needs besides the world.
struct Playbooks {
  Playbook deploy;
  std::vector<Playbook> paths;
  std::string too_large;  ///< why the plan cannot be explored; empty: it can
};

/// Tasks of the plan. Derived undos are those of the fault-free deploy in listed order.
Playbooks playbooks_of(Worlds& worlds);

/// The id of a task as reports name it: the step's, or "undo of 'm001'".
std::string name_of(const model::Plan& plan, const Task& task);
/// The step that says how the task is run (timeout, retry, checks); derived tasks have a plain one.
const model::Step& rules_of(const model::Plan& plan, const Task& task);

}  // namespace backout::simulator
