#include <algorithm>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>

#include "analyzer/rules/balancers.hpp"
#include "analyzer/rules/rolling_load.hpp"
#include "analyzer/rules/support.hpp"
#include "services/app.hpp"
#include "services/room.hpp"
#include "services/traffic.hpp"

namespace backout::analyzer {

namespace {

/// Share of the traffic in percent and instances of a side; instances 0: the plan does not say.
struct Load {
  std::int64_t percent = 0;
  std::int64_t instances = 0;
};

std::int64_t instances_of(const Facts& facts, const services::World& world,
                          model::ServiceIndex side) {
  if (facts.plan->services[side].fields.has("reconciles")) return 0;  // it scales itself
  return services::instances_of(*facts.plan, world, side).value_or(0);
}

/// A balancer is told its shares; the places of a region are as big as the users that they have.
Load load_of(const Facts& facts, const services::World& world, model::ServiceIndex balancer,
             const Side& side) {
  Load load{weight_of(world, balancer, side), instances_of(facts, world, side.app)};
  if (facts.plan->services[balancer].kind != "region" || load.percent == 0) return load;
  std::int64_t all = 0;
  for (const Side& each : sides_of(*facts.plan, balancer))
    all += weight_of(world, balancer, each) == 0 ? 0 : instances_of(facts, world, each.app);
  if (all > 0) load.percent = 100 * load.instances / all;
  return load;
}

/// A rollout whose stable side was scaled down as the canary grew, and gets all users at once when
/// the deploy stops there.
void check_scaled_down(const Facts& facts, const model::RollbackPath& path,
                       std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  for (const model::StepIndex index : path.steps) {
    const model::Step& step = plan.steps[index];
    if (step.target == model::kNone || plan.services[step.target].kind != "rollout" ||
        !plan.services[step.target].fields.flag("dynamic_stable_scale"))
      continue;
    for (const Replayed& deployed : facts.deploy.steps) {
      const services::Record& before = deployed.after.record(step.target);
      const std::int64_t canary =
          before.has("rolling") ? std::atoll(before.get("weight").c_str()) : 0;
      if (100 <= kMostLoad * (100 - canary)) continue;
      const services::Applied applied =
          services::run(facts.context, deployed.after, facts.actions[index]);
      const services::Record& after = applied.world.record(step.target);
      if (after.has("rolling") || after.get("version") != before.get("version")) continue;
      findings.push_back(about_step(
          plan, index, model::Severity::error,
          fmt::format("'{}' of path '{}' sends all users to the stable side of '{}', which has "
                      "pods for {}% of them by then, when the deploy stops after '{}'",
                      step.id, path.name, plan.services[step.target].name, 100 - canary,
                      plan.steps[deployed.step].id)));
      findings.back().fix =
          "keep the stable side at its size (`dynamicStableScale: false`), or scale it up before "
          "the users come";
      return;
    }
  }
}

/// Whether the plan says `unknown` of what a side bears.
bool is_open(const model::Service& router, const std::string& side) {
  const model::Node* said = router.fields.find("bears");
  const model::Node* of_it = said == nullptr ? nullptr : said->find(side);
  return (said != nullptr && said->is_unknown()) || (of_it != nullptr && of_it->is_unknown());
}

model::Finding about_open_side(const Facts& facts, const Run& run, const Replayed& replayed,
                               std::int64_t gets, const std::string& side) {
  const model::Plan& plan = *facts.plan;
  model::Finding finding = about_step(
      plan, replayed.step, model::Severity::warning,
      fmt::format("'{}' sends {}% of the traffic to side '{}', and what that bears is unknown ({})",
                  plan.steps[replayed.step].id, gets, side, run.name));
  finding.fix = "say what it bears (`bears`), from a test under load";
  return finding;
}

/// A side that gets more than the plan says that it bears.
void check_said(const Facts& facts, const Run& run, const Replayed& replayed,
                std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  const model::Step& step = plan.steps[replayed.step];
  if (step.target == model::kNone || plan.services[step.target].kind != "load_balancer")
    return;  // a region refuses
  for (const Side& side : sides_of(plan, step.target)) {
    const std::optional<std::int64_t> most = services::bears(plan.services[step.target], side.name);
    const std::int64_t gets = weight_of(replayed.after, step.target, side);
    if (gets <= weight_of(replayed.before, step.target, side)) continue;
    if (is_open(plan.services[step.target], side.name))
      findings.push_back(about_open_side(facts, run, replayed, gets, side.name));
    if (!most || gets <= *most) continue;
    findings.push_back(
        about_step(plan, replayed.step, model::Severity::error,
                   fmt::format("'{}' sends {}% of the traffic to side '{}', which bears {}% ({})",
                               step.id, gets, side.name, *most, run.name)));
    findings.back().fix = "make the side larger first, or send it no more than it bears";
  }
}

bool gets_through(const Facts& facts, const services::World& world, model::ServiceIndex app) {
  return services::answers(facts.context, world, app) &&
         services::blocked(facts.context, world, app).empty();
}

/// Who answers those that ask `router`: its sides, or itself.
std::vector<Side> asked_through(const model::Plan& plan, model::ServiceIndex router) {
  if (!services::is_app(services::find_kind(plan.services[router].kind)->spec()))
    return sides_of(plan, router);
  return {{plan.services[router].name, router}};
}

std::int64_t share_of(const services::World& world, model::ServiceIndex router, const Side& side) {
  constexpr std::int64_t kAll = 100;
  return side.app == router ? kAll : weight_of(world, router, side);
}

/// Users come back to a side behind an outage of all of them, and with each come the requests that
/// failed meanwhile.
void check_retries(const Facts& facts, const Run& run, const Replayed& replayed,
                   std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  for (model::ServiceIndex router = 0; router < plan.services.size(); ++router) {
    const model::Node* retries = plan.services[router].fields.find("retries");
    constexpr std::int64_t kMostRetries = 1'000'000;
    const std::int64_t times =
        retries == nullptr ? 0 : std::min(retries->as_integer().value_or(0), kMostRetries);
    const std::vector<Side> sides = asked_through(plan, router);
    const auto served = [&](const Side& side) {
      return gets_through(facts, replayed.before, side.app);
    };
    // Where nothing served before the deploy there are no users to come back.
    const auto had_users = [&](const Side& side) {
      return gets_through(facts, facts.start, side.app);
    };
    if (times <= 0 || std::ranges::any_of(sides, served) || std::ranges::none_of(sides, had_users))
      continue;
    for (const Side& side : sides) {
      const std::optional<std::int64_t> most = services::bears(plan.services[router], side.name);
      const std::int64_t gets = share_of(replayed.after, router, side) * (1 + times);
      if (!most || gets <= *most || !gets_through(facts, replayed.after, side.app)) continue;
      findings.push_back(about_step(
          plan, replayed.step, model::Severity::warning,
          fmt::format(
              "after '{}' users come back to '{}' behind an outage: clients that try again {} "
              "bring up to {}% of the usual load, and it bears {}% ({})",
              plan.steps[replayed.step].id, side.name,
              times == 1 ? "once" : fmt::format("{} times", times), gets, *most, run.name)));
      findings.back().related.push_back({retries->span, "so often they try again"});
      findings.back().fix =
          "let users back in shares, or let clients wait longer each time before they try again";
    }
  }
}

}  // namespace

std::vector<model::Finding> check_side_overloaded(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const model::RollbackPath& path : plan.paths) check_scaled_down(facts, path, findings);
  for (const Run& run : runs_of(facts)) {
    for (const Replayed& replayed : *run.steps) {
      const model::Step& step = plan.steps[replayed.step];
      check_retries(facts, run, replayed, findings);
      if (replayed.outcome.ok()) check_rolling_load(facts, run, replayed, findings);
      const std::vector<Side> sides = sides_of(plan, step.target);
      if (sides.empty() || !replayed.outcome.ok()) continue;
      check_said(facts, run, replayed, findings);
      Load usual;
      bool known = true;
      for (const Side& side : sides) {
        const Load load = load_of(facts, facts.start, step.target, side);
        known = known && load.instances > 0;
        if (known && load.percent * std::max<std::int64_t>(usual.instances, 1) >
                         usual.percent * load.instances)
          usual = load;
      }
      for (const Side& side : sides) {
        const Load load = load_of(facts, replayed.after, step.target, side);
        const bool rises =
            load.percent > load_of(facts, replayed.before, step.target, side).percent;
        if (!known || !rises ||
            load.percent * usual.instances <= kMostLoad * usual.percent * load.instances)
          continue;
        findings.push_back(
            about_step(plan, replayed.step,
                       run.path == model::kNone ? model::Severity::warning : model::Severity::error,
                       fmt::format("'{}' sends {}% of the traffic to side '{}' with {} instance{} "
                                   "({}); before the deploy {} instance{} carried {}%",
                                   step.id, load.percent, side.name, load.instances,
                                   load.instances == 1 ? "" : "s", run.name, usual.instances,
                                   usual.instances == 1 ? "" : "s", usual.percent)));
        findings.back().fix =
            "scale the side first, or go back to the side that carried the traffic";
      }
    }
  }
  return findings;
}

}  // namespace backout::analyzer
