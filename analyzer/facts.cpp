#include "analyzer/facts.hpp"

#include "analyzer/compatibility.hpp"
#include "analyzer/offers.hpp"

namespace backout::analyzer {

namespace {

/// Runs steps one after the other; a refused step changes what it changed and the replay goes on,
/// as an operator would.
void replay(const Facts& facts, const std::vector<model::StepIndex>& steps, Replay& into) {
  for (const model::StepIndex step : steps) {
    services::Applied applied = services::run(facts.context, into.end, facts.actions[step]);
    into.steps.push_back({step, into.end, applied.world, std::move(applied.outcome)});
    into.end = std::move(applied.world);
  }
}

}  // namespace

Facts derive_facts(const model::Plan& plan, std::vector<model::Mistake>& mistakes) {
  Facts facts{&plan, services::Context(plan), {}, {}, {}, {}, {}, {}, {}, {}};
  facts.start = services::initial_world(facts.context, mistakes);
  for (const model::Step& step : plan.steps) {
    facts.actions.push_back(services::action_of(plan, step));
    facts.traits.push_back(services::traits_of(facts.context, facts.actions.back()));
    facts.footprints.push_back(services::footprint_of(facts.context, facts.actions.back()));
  }
  for (const model::RollbackPath& path : plan.paths)
    facts.path_times.push_back(schedule_path(plan, path));
  if (!mistakes.empty()) return facts;

  std::vector<model::StepIndex> deploy(plan.deploy_count);
  for (model::StepIndex step = 0; step < plan.deploy_count; ++step) deploy[step] = step;
  facts.deploy.deployed = plan.deploy_count;
  facts.deploy.end = facts.start;
  replay(facts, deploy, facts.deploy);
  for (model::PathIndex i = 0; i < plan.paths.size(); ++i) {
    const std::size_t deployed = last_offer(plan, plan.paths[i]);
    const bool whole = deployed == plan.deploy_count || deployed > facts.deploy.steps.size();
    Replay run{deployed, i, {}, whole ? facts.deploy.end : facts.deploy.steps[deployed - 1].after};
    replay(facts, plan.paths[i].steps, run);
    facts.paths.push_back(std::move(run));
  }
  facts.incompatibilities = incompatibilities(facts);
  return facts;
}

}  // namespace backout::analyzer
