#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

/// The apps whose version the path takes back: the ones that are suspected when it is chosen.
std::vector<model::ServiceIndex> suspects(const Facts& facts, const model::RollbackPath& path) {
  std::vector<model::ServiceIndex> apps;
  for (const model::StepIndex step : path.steps) {
    if (facts.traits[step].changes_version) apps.push_back(facts.plan->steps[step].target);
  }
  return apps;
}

}  // namespace

std::vector<model::Finding> check_depends_on_broken(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const model::RollbackPath& path : plan.paths) {
    std::vector<model::ServiceIndex> broken = suspects(facts, path);
    for (const model::StepIndex step : path.steps) {
      const services::Traits& traits = facts.traits[step];
      if (traits.changes_version)
        std::erase(broken, plan.steps[step].target);  // from here on it should work again
      if (traits.read_only) continue;  // a look that fails is the news that it is there to bring
      for (const model::ServiceIndex via : traits.via) {
        if (!contains(broken, via)) continue;
        findings.push_back(
            about_step(plan, step, model::Severity::warning,
                       fmt::format("'{}' goes through '{}', which path '{}' has not yet taken "
                                   "back: when that is what is broken, the step cannot run",
                                   plan.steps[step].id, plan.services[via].name, path.name)));
        findings.back().fix =
            "give it a way that does not depend on the app (the balancer, the platform, the "
            "database)";
      }
    }
  }
  return findings;
}

}  // namespace backout::analyzer
