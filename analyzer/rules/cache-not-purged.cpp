#include <fmt/format.h>

#include "analyzer/rules/support.hpp"
#include "model/mention.hpp"

namespace backout::analyzer {

namespace {

/// Whether the plan says that the app is files behind caches: a static host, a CDN, object storage.
bool is_behind_caches(const model::Service& app) {
  const std::string place = app.fields.text("provider") + ' ' + app.fields.text("location");
  return model::mentions(place, {"static", "cdn", "cloudfront", "fastly", "akamai", "s3", "netlify", "pages"});
}

/// Whether a cache of the plan stands in front of the app: then its copies are facts.
bool is_fronted(const model::Plan& plan, model::ServiceIndex app) {
  return std::ranges::any_of(plan.services, [&](const model::Service& service) {
    return service.kind == "cdn" && contains(service.fields.strings("fronts"), plan.services[app].name);
  });
}

}  // namespace

std::vector<model::Finding> check_cache_not_purged(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const Replay& path : facts.paths) {
    for (const Replayed& replayed : path.steps) {
      const model::ServiceIndex app = plan.steps[replayed.step].target;
      if (app == model::kNone || plan.services[app].versions.empty()) continue;
      if (!is_behind_caches(plan.services[app]) || is_fronted(plan, app)) continue;
      const std::vector<std::string> before = facts.context.kind(app).live_versions(facts.context, replayed.before, app);
      if (before.empty() || before == facts.context.kind(app).live_versions(facts.context, replayed.after, app)) continue;
      findings.push_back(about_step(plan, replayed.step, model::Severity::warning,
                                    fmt::format("behind '{}' edges and browsers may go on with what {} of '{}' answered under the same names: nothing purges them",
                                                plan.steps[replayed.step].id, before.front(), plan.services[app].name)));
      findings.back().fix = "declare the cache (kind `cdn`, `immutable: true` where names carry a digest) and purge it after the step";
    }
  }
  return findings;
}

}  // namespace backout::analyzer
