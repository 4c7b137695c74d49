#include <cstdlib>

#include <fmt/format.h>

#include "analyzer/rules/balancers.hpp"
#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

/// Apps that split their traffic between two versions by themselves.
bool splits(const model::Plan& plan, model::ServiceIndex service) {
  if (service == model::kNone) return false;
  return plan.services[service].kind == "rollout" || plan.services[service].kind == "serverless";
}

/// Versions in people's hands, of which a share of the users is offered the newer one.
bool is_client(const model::Plan& plan, model::ServiceIndex service) {
  return service != model::kNone && plan.services[service].kind == "client";
}

std::int64_t exposed_by_offer(const services::Record& client, const std::string& start) {
  if (client.get("offered") == start) return 0;
  const std::string& share = client.get("offered_to");
  return share.empty() ? 100 : std::strtol(share.c_str(), nullptr, 10);
}

bool routes_traffic(const model::Plan& plan, model::ServiceIndex service) {
  return splits(plan, service) || is_client(plan, service) || !sides_of(plan, service).empty();
}

/// The share of such an app's users that its new versions get.
std::int64_t exposed_by_split(const services::Record& app, const std::string& start) {
  if (app.get("running") != "true") return 0;
  const std::string& weight = app.get("weight");
  const std::int64_t share =
      app.has("rolling") && !weight.empty() ? std::strtol(weight.c_str(), nullptr, 10) : 0;
  return (app.get("version") != start ? 100 - share : 0) +
         (app.get("rolling") != start ? share : 0);
}

/// Whether the deploy, as far as it came (`stopped`), sends users to a side that had none and runs
/// what no side with users ran.
bool is_opened(const Facts& facts, const services::World& stopped, model::ServiceIndex balancer,
               const Side& side) {
  if (weight_of(facts.start, balancer, side) > 0 || weight_of(stopped, balancer, side) == 0)
    return false;
  const std::string& version = stopped.record(side.app).get("version");
  return std::ranges::none_of(sides_of(*facts.plan, balancer), [&](const Side& other) {
    return weight_of(facts.start, balancer, other) > 0 &&
           facts.start.record(other.app).get("version") == version;
  });
}

/// The share of the traffic in percent that goes to versions which did not serve before the deploy.
std::int64_t exposed(const Facts& facts, const services::World& stopped,
                     const services::World& world, model::ServiceIndex balancer) {
  if (is_client(*facts.plan, balancer))
    return exposed_by_offer(world.record(balancer), facts.plan->services[balancer].start);
  if (splits(*facts.plan, balancer))
    return exposed_by_split(world.record(balancer), facts.plan->services[balancer].start);
  std::int64_t percent = 0;
  for (const Side& side : sides_of(*facts.plan, balancer)) {
    const bool is_new =
        world.record(side.app).get("version") != facts.plan->services[side.app].start;
    if (is_new || is_opened(facts, stopped, balancer, side))
      percent += weight_of(world, balancer, side);
  }
  return percent;
}

/// Whether the step runs where the first `deployed` steps of the deploy did.
bool applies(const model::Step& step, std::size_t deployed) {
  return step.undoes.empty() ||
         std::ranges::any_of(step.undoes, [&](model::StepIndex done) { return done < deployed; });
}

/// The path from behind the first `deployed` steps: the first step that sends more to the new
/// version.
void follow(const Facts& facts, const model::RollbackPath& path, std::size_t deployed,
            std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  const services::World& stopped = facts.deploy.steps[deployed - 1].after;
  services::World world = stopped;
  for (const model::StepIndex index : path.steps) {
    const model::Step& step = plan.steps[index];
    if (!applies(step, deployed)) continue;
    const services::Applied applied = services::run(facts.context, world, facts.actions[index]);
    if (routes_traffic(plan, step.target)) {
      const std::int64_t before = exposed(facts, stopped, world, step.target);
      const std::int64_t after = exposed(facts, stopped, applied.world, step.target);
      if (after > before) {
        findings.push_back(about_step(
            plan, index, model::Severity::error,
            fmt::format("'{}' of path '{}' sends more traffic to the new version, {}% instead of "
                        "{}%, when the deploy stops after '{}'",
                        step.id, path.name, after, before, plan.steps[deployed - 1].id)));
        findings.back().fix =
            "take traffic away from the new version first; give it back to a side only once that "
            "serves the old one";
        return;
      }
    }
    world = applied.world;
  }
}

}  // namespace

std::vector<model::Finding> check_exposure_rises(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const model::RollbackPath& path : plan.paths) {
    const bool routes = std::ranges::any_of(path.steps, [&](model::StepIndex step) {
      return routes_traffic(plan, plan.steps[step].target);
    });
    for (std::size_t deployed = 1; routes && deployed <= facts.deploy.steps.size(); ++deployed) {
      const std::string& last = plan.steps[deployed - 1].id;
      if (path.from.empty() || contains(path.from, last)) follow(facts, path, deployed, findings);
    }
  }
  return findings;
}

}  // namespace backout::analyzer
