#include "services/downtime.hpp"

#include <algorithm>

#include "services/outages.hpp"

namespace backout::services {

namespace {

/// Whether something is down that served before the deploy; `before` is what did not.
bool is_down(const Context& context, const std::vector<Outage>& before, const World& world) {
  return std::ranges::any_of(outages(context, world), [&](const Outage& now) {
    return std::ranges::none_of(before,
                                [&](const Outage& other) { return other.service == now.service; });
  });
}

/// Whether it is down while the action runs, before its end.
bool is_down_within(const Context& context, const std::vector<Outage>& before, const World& world,
                    const Action& action) {
  if (action.service == model::kNone) return false;
  World half = world;
  for (const Action& part : context.kind(action.service).parts(context, world, action)) {
    half = run(context, half, part).world;
    if (is_down(context, before, half)) return true;
  }
  return false;
}

}  // namespace

model::RollbackPath outage_of_path(const Context& context, const World& start,
                                   const model::RollbackPath& path) {
  const Plan& plan = context.plan();
  const std::vector<Outage> before = outages(context, start);
  World world = start;
  for (model::StepIndex step = 0; step < plan.deploy_count; ++step)
    world = run(context, world, action_of(plan, plan.steps[step])).world;
  model::RollbackPath outage = path;
  outage.steps.clear();
  std::size_t until = 0;
  bool down = is_down(context, before, world);
  for (const model::StepIndex step : path.steps) {
    const Action action = action_of(plan, plan.steps[step]);
    const bool within = down || is_down_within(context, before, world, action);
    world = run(context, world, action).world;
    down = is_down(context, before, world);
    if (outage.steps.empty() && !within && !down) continue;
    outage.steps.push_back(step);
    if (within || down) until = outage.steps.size();
  }
  outage.steps.resize(until);
  return outage;
}

model::Schedule schedule_for(const Context& context, const World& start,
                             const model::RollbackPath& path, const model::Objective& objective,
                             const model::Schedule& whole) {
  return is_downtime(objective)
             ? model::schedule_path(context.plan(), outage_of_path(context, start, path))
             : whole;
}

}  // namespace backout::services
