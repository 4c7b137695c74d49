#include <fmt/format.h>
#include <map>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

/// For each deploy step the rollback step that takes it back, if the plan names one.
std::vector<model::StepIndex> undo_of_steps(const model::Plan& plan) {
  std::vector<model::StepIndex> undo(plan.deploy_count, model::kNone);
  for (model::StepIndex step = 0; step < plan.deploy_count; ++step) {
    if (plan.steps[step].undo.type == model::UndoRef::Type::step) undo[step] = plan.steps[step].undo.step;
  }
  for (model::StepIndex step = static_cast<model::StepIndex>(plan.deploy_count); step < plan.steps.size(); ++step) {
    for (const model::StepIndex undone : plan.steps[step].undoes) {
      if (undone < plan.deploy_count) undo[undone] = step;
    }
  }
  return undo;
}

/// How far the two undos, run in this order on the deployed world, are from the one before `earlier`: first what is
/// refused or does nothing, then what differs.
std::pair<int, std::size_t> distance(const Facts& facts, model::StepIndex earlier, model::StepIndex one, model::StepIndex other) {
  services::World world = facts.deploy.end;
  int failed = 0;
  for (const model::StepIndex step : {one, other}) {
    services::Applied applied = services::run(facts.context, world, facts.actions[step]);
    const auto result = applied.outcome.result;
    failed += result == services::Outcome::Result::refused || result == services::Outcome::Result::noop ? 1 : 0;
    world = std::move(applied.world);
  }
  return {failed, differences(facts.context, facts.deploy.steps[earlier].before, world, {}).size()};
}

/// Whether the deploy's own order is better for the undos than the reverse: a push that undoes a push sends what the undo
/// before it wrote.
bool is_better(const Facts& facts, model::StepIndex earlier, model::StepIndex undo_earlier, model::StepIndex undo_later) {
  return distance(facts, earlier, undo_earlier, undo_later) < distance(facts, earlier, undo_later, undo_earlier);
}

}  // namespace

std::vector<model::Finding> check_undo_order(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  const std::vector<model::StepIndex> undo = undo_of_steps(plan);
  std::map<model::ServiceIndex, std::vector<model::StepIndex>> by_service;
  for (model::StepIndex step = 0; step < plan.deploy_count; ++step) {
    if (undo[step] != model::kNone && plan.steps[step].target != model::kNone) by_service[plan.steps[step].target].push_back(step);
  }
  std::vector<model::Finding> findings;
  for (const model::RollbackPath& path : plan.paths) {
    std::map<model::StepIndex, std::size_t> position;
    for (std::size_t i = 0; i < path.steps.size(); ++i) position[path.steps[i]] = i;
    for (const auto& [service, steps] : by_service) {
      // Neighbours suffice: an order that is wrong for two steps apart is wrong for two neighbours in between.
      for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
        const model::StepIndex earlier = steps[i];
        const model::StepIndex later = steps[i + 1];
        if (!position.contains(undo[earlier]) || !position.contains(undo[later])) continue;
        if (position[undo[earlier]] >= position[undo[later]]) continue;
        if (!conflict(facts.footprints[earlier], facts.footprints[later])) continue;
        if (is_better(facts, earlier, undo[earlier], undo[later])) continue;
        model::Finding finding = about_step(
            plan, undo[earlier], model::Severity::error,
            fmt::format("path '{}' takes '{}' back before '{}', which was deployed on top of it", path.name, plan.steps[earlier].id,
                        plan.steps[later].id));
        finding.related.push_back({plan.steps[undo[later]].id_span, "this undo belongs before it"});
        finding.fix = "take steps back in the reverse order of what depends on what";
        findings.push_back(std::move(finding));
      }
    }
  }
  return findings;
}

}  // namespace backout::analyzer
