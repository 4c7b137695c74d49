// A path that goes round in circles does the same actions again and again: what a kind remembers
// must end somewhere, or the search of such a plan never does.
#include <gtest/gtest.h>

#include <cstdint>

#include "services/every_kind.hpp"
#include "services/stage.hpp"

namespace backout::tests {
namespace {

/// How much the world holds, in characters.
std::size_t size_of(const Stage& stage, const services::World& world) {
  std::size_t size = 0;
  for (const services::Fact& fact : services::facts_of(stage.context(), world))
    size += fact.path.size() + fact.value.size();
  return size;
}

TEST(Growth, NothingThatAServiceRemembersGrowsForEver) {
  const Stage stage(kEveryKind);
  const model::Plan& plan = stage.plan();
  for (model::ServiceIndex service = 0; service < plan.services.size(); ++service) {
    std::vector<services::Action> actions;
    for (const model::Step& step : plan.steps) {
      if (step.target == service) actions.push_back(services::action_of(plan, step));
    }
    if (actions.empty()) continue;
    services::World world = stage.world;
    std::uint64_t draw = 1;
    constexpr int kSoon = 400;
    constexpr int kLate = 4'000;
    std::size_t soon = 0;
    for (int i = 1; i <= kLate; ++i) {
      draw = draw * 6364136223846793005ULL + 1442695040888963407ULL;
      world = services::run(stage.context(), world, actions[(draw >> 33U) % actions.size()]).world;
      if (i <= kSoon) soon = std::max(soon, size_of(stage, world));
    }
    EXPECT_LE(size_of(stage, world), soon + soon / 2)
        << plan.services[service].name << " (" << plan.services[service].kind << ")";
  }
}

}  // namespace
}  // namespace backout::tests
