#include "analyzer/rules/saved.hpp"

#include <algorithm>

#include "services/replica.hpp"
#include "services/traffic.hpp"

namespace backout::analyzer {

std::vector<model::ServiceIndex> saved_by_deploy(const Facts& facts, model::PathIndex path) {
  std::vector<model::ServiceIndex> saved;
  const std::size_t deployed =
      path == model::kNone ? 0 : std::min(facts.paths[path].deployed, facts.deploy.steps.size());
  for (std::size_t i = 0; i < deployed; ++i) {
    const Replayed& replayed = facts.deploy.steps[i];
    const model::ServiceIndex target = facts.plan->steps[replayed.step].target;
    if (!facts.traits[replayed.step].takes_backup.empty())
      saved.push_back(services::database_of(*facts.plan, target));
    std::erase_if(saved, [&](model::ServiceIndex store) {
      return !services::writers(facts.context, replayed.before, store).empty() ||
             !services::writers(facts.context, replayed.after, store).empty();
    });
  }
  return saved;
}

}  // namespace backout::analyzer
