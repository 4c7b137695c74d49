#pragma once
// What every rule may ask about a plan, worked out once: the dependency graph, traits and
// footprints of all steps, the worlds along the deploy and along every path when nothing fails.

#include <string>
#include <vector>

#include "model/plan.hpp"
#include "model/schedule.hpp"
#include "services/service.hpp"

namespace backout::analyzer {

/// A step as it runs in a fault-free replay.
struct Replayed {
  model::StepIndex step = model::kNone;
  services::World before;
  services::World after;
  services::Outcome outcome;
};

/// The fault-free replay of the deploy in listed order, cut off after `deployed` steps, then
/// (optionally) of a path.
struct Replay {
  std::size_t deployed = 0;              ///< number of deploy steps that ran
  model::PathIndex path = model::kNone;  ///< kNone: no rollback
  std::vector<Replayed> steps;
  services::World end;
};

/// A stretch of a run in which an operation of a live version is refused.
struct Incompatibility {
  services::LiveOperation live;
  std::size_t deployed = 0;                ///< deploy steps that had run
  model::PathIndex path = model::kNone;    ///< kNone: during the deploy
  model::StepIndex begins = model::kNone;  ///< the step after which it fails
  model::StepIndex ends =
      model::kNone;  ///< the step after which it works again; kNone: it never does in this run
  std::int64_t low_ms = 0;  ///< from the beginning of `begins` to the end of `ends`
  std::int64_t high_ms = 0;
  bool untimed = false;  ///< a step in between has no estimate
  std::string why;
};

/// All of it.
struct Facts {
  const model::Plan* plan = nullptr;
  services::Context context;
  services::World start;
  std::vector<services::Action> actions;        ///< by step
  std::vector<services::Traits> traits;         ///< by step
  std::vector<services::Footprint> footprints;  ///< by step
  std::vector<model::Schedule> path_times;      ///< by path
  Replay deploy;                                ///< the whole deploy
  std::vector<Replay>
      paths;  ///< by path: as much of the deploy as the path is offered after, then the path
  std::vector<Incompatibility> incompatibilities;
};

/// Works the facts out. `mistakes` gets what only the kinds can see (SQL that does not parse).
/// Near-linear in the number of steps.
Facts derive_facts(const model::Plan& plan, std::vector<model::Mistake>& mistakes);

}  // namespace backout::analyzer
