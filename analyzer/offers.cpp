#include "analyzer/offers.hpp"

#include <algorithm>
#include <set>

namespace backout::analyzer {

bool is_offered(const model::Plan& plan, const model::RollbackPath& path, std::size_t prefix) {
  if (path.from.empty()) return true;
  std::set<model::StepIndex> followed;
  for (model::StepIndex step = 0; step < prefix; ++step) {
    for (const model::StepIndex before : model::predecessors(plan, step)) followed.insert(before);
  }
  return std::ranges::any_of(path.from, [&](const std::string& id) {
    const model::StepIndex step = plan.find_step(id);
    return step < prefix && !followed.contains(step);
  });
}

std::size_t last_offer(const model::Plan& plan, const model::RollbackPath& path) {
  for (std::size_t prefix = plan.deploy_count; prefix > 0; --prefix) {
    if (is_offered(plan, path, prefix)) return prefix;
  }
  return plan.deploy_count;
}

}  // namespace backout::analyzer
