#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "analyzer/rules/balancers.hpp"
#include "analyzer/rules/support.hpp"
#include "services/app.hpp"
#include "services/traffic.hpp"

namespace backout::analyzer {

namespace {

/// The share of an app's users, in percent, that gets through to it.
std::int64_t share_of(const Facts& facts, const services::World& world, model::ServiceIndex app) {
  if (!services::answers(facts.context, world, app) ||
      !services::blocked(facts.context, world, app).empty())
    return 0;
  if (world.record(app).get("intake") == "stopped") return 0;
  std::int64_t share = 0;
  bool routed = false;
  for (model::ServiceIndex balancer = 0; balancer < facts.plan->services.size(); ++balancer) {
    for (const Side& side : sides_of(*facts.plan, balancer)) {
      if (side.app != app) continue;
      routed = true;
      share += weight_of(world, balancer, side);
    }
  }
  return routed ? share : 100;
}

/// The share of the users that the cache is asked for.
std::int64_t users_of(const Facts& facts, const services::World& world, model::ServiceIndex cache) {
  std::int64_t share = 0;
  for (model::ServiceIndex app = 0; app < facts.plan->services.size(); ++app) {
    if (!services::is_app(facts.context.kind(app).spec()) ||
        !services::works_on(*facts.plan, app, cache))
      continue;
    share += share_of(facts, world, app);
  }
  return std::min<std::int64_t>(share, 100);
}

/// Whether the step is one after which the cache is empty, as far as its verb goes.
bool empties(const model::Plan& plan, model::StepIndex step, model::ServiceIndex cache) {
  return plan.steps[step].target == cache &&
         contains(std::vector<std::string>{"flush", "restart", "start", "upgrade"},
                  plan.steps[step].verb);
}

bool is_cold(const services::World& world, model::ServiceIndex cache) {
  return world.record(cache).get("cold") == "true";
}

}  // namespace

std::vector<model::Finding> check_cold_cache(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (model::ServiceIndex cache = 0; cache < plan.services.size(); ++cache) {
    const model::Node* node = plan.services[cache].kind == "cache"
                                  ? plan.services[cache].fields.find("bears_cold")
                                  : nullptr;
    const std::optional<std::int64_t> bears = node == nullptr ? std::nullopt : node->as_integer();
    if (!bears) continue;
    for (const Run& run : runs_of(facts)) {
      for (const Replayed& replayed : *run.steps) {
        const std::int64_t users =
            is_cold(replayed.after, cache) ? users_of(facts, replayed.after, cache) : 0;
        const bool begins = empties(plan, replayed.step, cache) ||
                            !is_cold(replayed.before, cache) ||
                            users > users_of(facts, replayed.before, cache);
        if (users <= *bears || !begins) continue;
        findings.push_back(
            about_step(plan, replayed.step,
                       run.path == model::kNone ? model::Severity::warning : model::Severity::error,
                       fmt::format("after '{}' ({}) '{}' is empty while {}% of the users come, and "
                                   "what is behind it bears {}%",
                                   plan.steps[replayed.step].id, run.name,
                                   plan.services[cache].name, users, *bears)));
        findings.back().related.push_back({plan.services[cache].span, "the cache"});
        findings.back().fix = "keep users out, or let few in, until it is warm again (`warm`)";
      }
    }
  }
  return findings;
}

}  // namespace backout::analyzer
