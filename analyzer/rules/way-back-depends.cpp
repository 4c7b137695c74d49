#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "analyzer/rules/balancers.hpp"
#include "analyzer/rules/support.hpp"
#include "model/mention.hpp"

namespace backout::analyzer {

namespace {

/// Whether it is no more than a way in (a VPN, a jump host), by its name or by who provides it:
/// whoever came through it is in.
bool is_way_in(const model::Service& service) {
  return model::mentions(service.name + ' ' + service.fields.text("provider"),
                         {"vpn", "wireguard", "bastion", "jump", "jumphost", "console", "ssh",
                          "tunnel", "teleport", "zscaler", "terminal"});
}

/// Whether the deploy tries what is gone through before or while it changes anything: with a check
/// that can fail, or a way in by going through it.
bool is_tried(const model::Plan& plan, model::ServiceIndex gate) {
  if (plan.services[gate].kind != "deployer") return false;
  const auto asks = [&](const model::Check& check) { return contains(check.services, gate); };
  return std::any_of(
      plan.steps.begin(), plan.steps.begin() + static_cast<std::ptrdiff_t>(plan.deploy_count),
      [&](const model::Step& step) {
        return std::ranges::any_of(step.precheck, asks) || std::ranges::any_of(step.verify, asks) ||
               (contains(step.via, gate) && is_way_in(plan.services[gate]));
      });
}

/// Services that must answer before the step runs: what it goes through, and what its prechecks ask
/// besides its target.
std::vector<model::ServiceIndex> gates_of(const Facts& facts, model::StepIndex index) {
  const model::Plan& plan = *facts.plan;
  const model::Step& step = plan.steps[index];
  std::vector<model::ServiceIndex> all = step.via;
  // What a record is pointed at is where the way back leads, too.
  if (step.target != model::kNone && plan.services[step.target].kind == "dns") return all;
  for (const model::Check& check : step.precheck) {
    const bool asks =
        check.type == model::Check::Type::http ||
        (check.type == model::Check::Type::fact && check.args.text("fact").ends_with("running"));
    if (asks && !check.services.empty() && check.services.front() != step.target)
      all.push_back(check.services.front());
  }
  // A side that gets the traffic is where the way back leads, not what it goes through.
  for (const Side& side : sides_of(plan, step.target)) std::erase(all, side.app);
  // What the plan itself starts and stops is judged by the search.
  std::erase_if(all, [&](model::ServiceIndex service) {
    return std::ranges::any_of(plan.steps,
                               [&](const model::Step& each) { return each.target == service; });
  });
  // A run of a pipeline goes through the pipelines.
  if (step.target != model::kNone && plan.services[step.target].kind == "ci")
    all.push_back(step.target);
  return all;
}

}  // namespace

std::vector<model::Finding> check_way_back_depends(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::map<model::ServiceIndex, std::map<model::StepIndex, std::size_t>>
      steps;                                         // by gate: its steps
  std::map<model::ServiceIndex, std::size_t> paths;  // by gate: paths that need it
  for (const model::RollbackPath& path : plan.paths) {
    std::map<model::ServiceIndex, bool> counted;
    for (const model::StepIndex step : path.steps) {
      for (const model::ServiceIndex gate : gates_of(facts, step)) {
        ++steps[gate][step];
        if (!std::exchange(counted[gate], true)) ++paths[gate];
      }
    }
  }
  std::vector<model::Finding> findings;
  for (const auto& [gate, through] : steps) {
    if (paths[gate] < plan.paths.size() || is_tried(plan, gate)) continue;
    const model::StepIndex first = through.begin()->first;
    const std::string& name = plan.services[gate].name;
    findings.push_back(about_step(
        plan, first, model::Severity::warning,
        fmt::format(
            "every way back goes through '{}' (first '{}'): while it does not answer there is none",
            name, plan.steps[first].id)));
    findings.back().related.push_back({plan.services[gate].span, "what must answer"});
    findings.back().fix = fmt::format("write a path that does without '{}', and try it", name);
  }
  return findings;
}

}  // namespace backout::analyzer
