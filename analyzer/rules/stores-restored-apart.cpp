#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

std::string point_of(const Facts& facts, const services::World& world, model::ServiceIndex store) {
  for (const services::Fact& fact :
       facts.context.kind(store).facts(facts.context, store, *world.states[store])) {
    if (fact.path == "point") return fact.value;
  }
  return {};
}

/// Stores whose records belong together: one follows the other, or one app uses both.
std::vector<std::pair<model::ServiceIndex, model::ServiceIndex>> related_stores(
    const model::Plan& plan) {
  std::vector<std::pair<model::ServiceIndex, model::ServiceIndex>> pairs;
  for (model::ServiceIndex i = 0; i < plan.services.size(); ++i) {
    const model::ServiceIndex followed = plan.find_service(plan.services[i].fields.text("follows"));
    if (followed != model::kNone) pairs.emplace_back(followed, i);
  }
  for (const model::Invariant& invariant : plan.invariants) {
    if (invariant.check.type != model::Check::Type::same_point) continue;
    for (std::size_t i = 1; i < invariant.check.services.size(); ++i) {
      pairs.emplace_back(invariant.check.services[i - 1], invariant.check.services[i]);
    }
  }
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  return pairs;
}

}  // namespace

std::vector<model::Finding> check_stores_restored_apart(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const Replay& replay : facts.paths) {
    for (const auto& [one, other] : related_stores(plan)) {
      model::StepIndex restore = model::kNone;
      for (const Replayed& replayed : replay.steps) {
        const bool about =
            plan.steps[replayed.step].target == one || plan.steps[replayed.step].target == other;
        if (about && !facts.traits[replayed.step].restores_backup.empty()) restore = replayed.step;
      }
      const std::string first = point_of(facts, replay.end, one);
      const std::string second = point_of(facts, replay.end, other);
      const model::RollbackPath& path = plan.paths[replay.path];
      if (restore == model::kNone || (first == second && !first.empty())) continue;
      model::Finding finding = about_step(
          plan, restore, model::Severity::error,
          fmt::format("path '{}' leaves '{}' at one moment ({}) and '{}' at another ({}): their "
                      "records no longer match",
                      path.name, plan.services[one].name, first.empty() ? "unknown" : first,
                      plan.services[other].name, second.empty() ? "unknown" : second));
      finding.fix = "restore both from one moment, or rebuild the one from the other";
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

}  // namespace backout::analyzer
