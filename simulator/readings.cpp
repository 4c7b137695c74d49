#include "simulator/readings.hpp"

#include <algorithm>

namespace backout::simulator {
namespace {

constexpr std::string_view kUndoOf = "undo of '";

/// `now` with the facts in which `before` and `after` differ as they were before.
services::Record merged(const services::Record& before, const services::Record& after,
                        services::Record now) {
  for (const auto& [key, value] : before.facts()) {
    if (!after.has(key) || after.get(key) != value) now = now.with(key, value);
  }
  for (const auto& [key, value] : after.facts()) {
    if (!before.has(key)) now = now.without(key);
  }
  return now;
}

}  // namespace

std::string step_of(const std::string& label) {
  if (!label.starts_with(kUndoOf)) return label;
  return label.substr(kUndoOf.size(), label.size() - kUndoOf.size() - 1);
}

std::vector<model::StepIndex> undone_by(const model::Plan& plan, model::StepIndex rollback_step) {
  std::vector<model::StepIndex> undone = plan.steps[rollback_step].undoes;
  for (model::StepIndex step = 0; step < plan.deploy_count; ++step) {
    const model::UndoRef& undo = plan.steps[step].undo;
    if (undo.type == model::UndoRef::Type::step && undo.step == rollback_step)
      undone.push_back(step);
  }
  std::sort(undone.begin(), undone.end());
  undone.erase(std::unique(undone.begin(), undone.end()), undone.end());
  return undone;
}

std::vector<UndoneStep> undone_by_action(const model::Plan& plan, const services::Action& action) {
  const model::StepIndex step = plan.find_step(action.label);
  if (step == model::kNone || step < plan.deploy_count) return {};
  std::vector<UndoneStep> all;
  for (const model::StepIndex undone : undone_by(plan, step))
    all.push_back({undone, services::action_of(plan, plan.steps[undone])});
  std::reverse(all.begin(), all.end());
  return all;
}

void take_back(const services::Context& context, const services::World& before,
               const services::World& after, const services::Action& undone,
               services::World& world) {
  bool left = false;
  for (std::size_t at = before.states.next_difference(after.states, 0); at < before.states.size();
       at = before.states.next_difference(after.states, at + 1)) {
    const services::StatePtr now = world.states[at];
    const auto* was = dynamic_cast<const services::Record*>(before.states[at].get());
    if (now == after.states[at] || now->equals(*after.states[at])) {
      world.states.set(at, before.states[at]);
    } else if (was != nullptr) {
      const auto& then = static_cast<const services::Record&>(*after.states[at]);
      world.states.set(at, merged(*was, then, static_cast<const services::Record&>(*now)).share());
    } else {
      left = true;
    }
  }
  if (!left) return;
  for (const services::Action& action : services::undo_of(context, before, undone).actions) {
    const services::Applied applied = services::run(context, world, action);
    if (applied.outcome.ok()) world = applied.world;
  }
}

}  // namespace backout::simulator
