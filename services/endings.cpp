#include "services/endings.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "services/validity.hpp"

namespace backout::services {

namespace {

using All = std::set<Counted>;

/// The versions that are current in a world.
All current_in(const Context& context, const World& world) {
  All all;
  for (ServiceIndex i = 0; i < context.plan().services.size(); ++i) {
    const auto* record = dynamic_cast<const Record*>(world.states[i].get());
    if (record != nullptr && record->has("current")) all.emplace(i, record->get("current"));
  }
  return all;
}

/// The versions that what is at work in a world requires, and no other instead.
All required_in(const Context& context, const World& world) {
  All all;
  for (const LiveOperation& live : live_operations(context, world)) {
    const Operation& operation = *live.operation;
    if (operation.type != Operation::Type::require || operation.on == model::kNone) continue;
    if (operation.subject.starts_with("valid."))
      all.emplace(operation.on, operation.subject.substr(6));
    if (operation.subject == "current" && operation.values.size() < 2)
      all.emplace(operation.on, operation.expect);
  }
  return all;
}

}  // namespace

std::set<Counted> newly_counted_on(const Context& context, const World& before,
                                   const World& after) {
  All fresh;
  // Each for itself: what was current all along may be required only by the version that came back.
  for (const auto& counted_on : {current_in, required_in}) {
    std::ranges::set_difference(counted_on(context, after), counted_on(context, before),
                                std::inserter(fresh, fresh.end()));
  }
  return fresh;
}

bool is_way_back_of(const Plan& plan, model::StepIndex step, model::StepIndex back) {
  const model::Step& each = plan.steps[step];
  const model::Step& later = plan.steps[back];
  if (each.undo.step == back || std::ranges::find(later.undoes, step) != later.undoes.end())
    return true;
  return each.target != model::kNone && later.target == each.target;
}

Counted former_of(const Plan& plan, model::StepIndex step, const World& before) {
  const ServiceIndex target = plan.steps[step].target;
  const auto* record =
      target == model::kNone ? nullptr : dynamic_cast<const Record*>(before.states[target].get());
  return {target, record == nullptr ? std::string() : record->get("current")};
}

bool has_endings(const Context& context) {
  const Plan& plan = context.plan();
  const auto says_end = [](const model::Service& service) {
    return service.fields.find("expires") != nullptr;
  };
  const bool said = std::ranges::any_of(plan.services, says_end);
  return said || std::ranges::any_of(plan.steps, [&](const model::Step& step) {
           return !step.in_rollback && step.target != model::kNone &&
                  !traits_of(context, action_of(plan, step)).expires.empty();
         });
}

}  // namespace backout::services
