#pragma once
// A plan and a world to try actions on. Steps of the plan's deploy are the actions, by id.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "model/load.hpp"
#include "model/render.hpp"
#include "services/service.hpp"
#include "services/traffic.hpp"

namespace backout::tests {

inline model::Plan load(const std::string& text) {
  auto plan = model::load_plan_text("plan.yaml", text, "", services::catalog());
  if (plan) return std::move(*plan);
  for (const model::Mistake& mistake : plan.error().mistakes) ADD_FAILURE() << mistake.message;
  return {};
}

class Stage {
 public:
  explicit Stage(const std::string& text) : plan_(load(text)), context_(plan_) {
    std::vector<model::Mistake> mistakes;
    world = services::initial_world(context_, mistakes);
    for (const model::Mistake& mistake : mistakes) ADD_FAILURE() << mistake.message;
  }

  const services::Context& context() const { return context_; }
  const model::Plan& plan() const { return plan_; }

  services::Action action(const std::string& step) const {
    return services::action_of(plan_, plan_.steps.at(plan_.find_step(step)));
  }
  services::Outcome run(const services::Action& action) {
    services::Applied applied = services::run(context_, world, action);
    world = std::move(applied.world);
    return std::move(applied.outcome);
  }
  services::Outcome run(const std::string& step) { return run(action(step)); }
  services::Traits traits(const std::string& step) const {
    return services::traits_of(context_, action(step));
  }
  services::Undo undo(const std::string& step) const {
    return services::undo_of(context_, world, action(step));
  }
  /// Does this harm to what the step relies on; false: it cannot be.
  bool harm(const std::string& step, services::Harm harm) {
    const services::Changes changes = services::harmed(context_, world, action(step), harm);
    world = services::with_changes(world, changes);
    return !changes.empty();
  }
  /// The value of `service.fact`; "absent" when there is none.
  std::string fact(const std::string& path) const {
    for (const services::Fact& fact : services::facts_of(context_, world)) {
      if (fact.path == path) return fact.value;
    }
    return "absent";
  }
  /// Runs every live operation once; the messages of those that are refused.
  std::vector<std::string> traffic() {
    std::vector<std::string> refused;
    for (const services::LiveOperation& live : services::live_operations(context_, world)) {
      services::Applied applied = services::run_operation(context_, world, live);
      if (applied.outcome.result == services::Outcome::Result::refused) {
        refused.push_back(live.version + ": " + applied.outcome.message);
      }
      world = std::move(applied.world);
    }
    return refused;
  }
  services::CheckResult check(const std::string& step) const {
    return services::evaluate(context_, world, plan_.steps.at(plan_.find_step(step)).verify.at(0));
  }

  services::World world;

 private:
  model::Plan plan_;
  services::Context context_;
};

}  // namespace backout::tests
