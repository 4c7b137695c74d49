#include "services/script.hpp"

#include <algorithm>

namespace backout::services {
namespace {

bool takes_back(const Plan& plan, model::StepIndex step) {
  if (!plan.steps[step].undoes.empty()) return true;
  return std::any_of(
      plan.steps.begin(), plan.steps.begin() + static_cast<std::ptrdiff_t>(plan.deploy_count),
      [&](const model::Step& done) {
        return done.undo.type == model::UndoRef::Type::step && done.undo.step == step;
      });
}

}  // namespace

bool runs_regardless(const Context& context, const model::RollbackPath& path,
                     model::StepIndex step) {
  const Plan& plan = context.plan();
  const ServiceIndex target = plan.steps[step].target;
  if (target == model::kNone) return false;
  const Traits own = traits_of(context, action_of(plan, plan.steps[step]));
  const bool is_switch =
      !own.acquires.empty() || !own.releases.empty();  // on and off: workers, maintenance
  if (plan.services[target].versions.empty() && !is_switch) return false;
  if (own.read_only || !own.not_repeatable.empty()) return false;
  return std::any_of(path.steps.begin(), path.steps.end(), [&](model::StepIndex other) {
    return plan.steps[other].target == target && !takes_back(plan, other) &&
           !traits_of(context, action_of(plan, plan.steps[other])).read_only;
  });
}

}  // namespace backout::services
