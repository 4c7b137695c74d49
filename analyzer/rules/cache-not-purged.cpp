#include <algorithm>

#include <fmt/format.h>

#include "analyzer/rules/support.hpp"
#include "services/unsaid_caches.hpp"

namespace backout::analyzer {

std::vector<model::Finding> check_cache_not_purged(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  if (!services::has_unsaid_caches(plan)) return findings;
  for (const Replay& path : facts.paths) {
    for (auto at = path.steps.begin(); at != path.steps.end(); ++at) {
      const auto purges = [&](const Replayed& later) {
        return services::purges_in_words(plan.steps[later.step]);
      };
      const std::string left = services::left_in_caches(facts.context, at->before, at->after,
                                                        plan.steps[at->step].target);
      if (left.empty() || std::any_of(at, path.steps.end(), purges)) continue;
      findings.push_back(about_step(
          plan, at->step, model::Severity::warning,
          fmt::format("behind '{}' edges and browsers may go on with {}: nothing purges them",
                      plan.steps[at->step].id, left)));
      findings.back().fix =
          "declare the cache (kind `cdn`, `immutable: true` where names carry a digest) and purge "
          "it after the step";
    }
  }
  return findings;
}

}  // namespace backout::analyzer
