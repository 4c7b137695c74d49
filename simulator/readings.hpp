#pragma once
// What a step is taken to do whose effect nobody can tell: nothing, or what it is there for.

#include <string>
#include <vector>

#include "services/service.hpp"
#include "simulator/matrix.hpp"
#include "simulator/worlds.hpp"

namespace backout::simulator {

/// The step that something with this label belongs to: the one that it names, or the one whose undo it is.
std::string step_of(const std::string& label);

/// A deploy step that is taken back.
struct UndoneStep {
  model::StepIndex step = model::kNone;
  services::Action action;  ///< its own
};
/// The deploy steps that the action's rollback step takes back (`undoes`, or the `undo` of a deploy step), the last first.
std::vector<UndoneStep> undone_by_action(const model::Plan& plan, const services::Action& action);
/// The same of a step, in plan order.
std::vector<model::StepIndex> undone_by(const model::Plan& plan, model::StepIndex rollback_step);

/// Takes back in `world` what the deploy step `undone` made of `before`, which was `after`: a service that has not changed
/// since is as before; of one that has, the facts that the step changed are; else the step's own undo runs, if it has one.
void take_back(const services::Context& context, const services::World& before, const services::World& after,
               const services::Action& undone, services::World& world);

/// explore() under one reading of what nobody can tell.
Matrix explore_as(const Reading& reading, const services::Context& context, const services::World& start,
                  const SearchOptions& options);

/// The opaque steps of which nobody can work out what they leave when they do what they are there for: a step that they
/// take back changed a service whose state cannot be put together again once somebody else changed it, too.
std::vector<model::StepIndex> beyond_imagining(const services::Context& context, const services::World& start,
                                               const std::map<std::string, std::string>& opaque);

/// What two matrices of one plan say together: `works` under the reading that what nobody can tell does what it is there
/// for, `idle` under the one that it does nothing. What is bad in both is certain; else it is UNKNOWN. Where a path runs one
/// of `beyond`, what comes of the first reading is not known.
Matrix both(const model::Plan& plan, Matrix works, const Matrix& idle, const std::vector<model::StepIndex>& beyond);

}  // namespace backout::simulator
