#include <fmt/format.h>

#include "analyzer/rules/saved.hpp"
#include "services/replica.hpp"
#include "services/traffic.hpp"

namespace backout::analyzer {

namespace {

/// Whether a replica keeps what the store held when its replay was paused.
bool is_held(const Facts& facts, const services::World& world, model::ServiceIndex store) {
  for (model::ServiceIndex replica = 0; replica < facts.plan->services.size(); ++replica) {
    if (services::primary_of(*facts.plan, replica) != store ||
        services::is_promoted(facts.context, world, replica))
      continue;
    if (!services::is_following(facts.context, world, replica)) return true;
  }
  return false;
}

}  // namespace

std::vector<model::Finding> check_destructive_without_backup(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const Run& run : runs_of(facts)) {
    std::vector<model::ServiceIndex> saved = saved_by_deploy(facts, run.path);
    for (const Replayed& replayed : *run.steps) {
      const model::Step& each = plan.steps[replayed.step];
      const services::Traits& traits = facts.traits[replayed.step];
      if (!traits.takes_backup.empty()) saved.push_back(services::database_of(plan, each.target));
      // Only stores hold what a backup could give back; a container that is removed is started
      // again.
      if (each.target == model::kNone ||
          facts.context.kind(each.target)
              .data(facts.context, each.target, *facts.start.states[each.target])
              .empty())
        continue;
      if (is_refused(replayed) || !is_destructive(facts, replayed) ||
          contains(saved, each.target) || is_held(facts, replayed.before, each.target))
        continue;
      model::Finding finding =
          about_step(plan, replayed.step,
                     run.path == model::kNone ? model::Severity::warning : model::Severity::error,
                     fmt::format("'{}' destroys {} and no step of {} backs '{}' up before", each.id,
                                 traits.destroys.empty() ? "data" : traits.destroys, run.name,
                                 plan.services[each.target].name));
      finding.fix =
          "take and check a backup right before it: one from before the deploy misses everything "
          "written since";
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

}  // namespace backout::analyzer
