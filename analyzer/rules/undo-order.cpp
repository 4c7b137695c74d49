#include <fmt/format.h>
#include <map>

#include "analyzer/edits.hpp"
#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

using Undoers = std::vector<std::vector<model::StepIndex>>;

/// For each deploy step the rollback steps that take it back, as far as the plan names them.
Undoers undo_of_steps(const model::Plan& plan) {
  Undoers undo(plan.deploy_count);
  const auto add = [&](model::StepIndex done, model::StepIndex step) {
    if (done < plan.deploy_count && !contains(undo[done], step)) undo[done].push_back(step);
  };
  for (model::StepIndex step = 0; step < plan.deploy_count; ++step) {
    if (plan.steps[step].undo.type == model::UndoRef::Type::step)
      add(step, plan.steps[step].undo.step);
  }
  for (model::StepIndex step = static_cast<model::StepIndex>(plan.deploy_count);
       step < plan.steps.size(); ++step) {
    for (const model::StepIndex undone : plan.steps[step].undoes) add(undone, step);
  }
  return undo;
}

/// The undos in the order of the path.
std::vector<model::StepIndex> in_path(const model::RollbackPath& path,
                                      const std::vector<model::StepIndex>& undos) {
  std::vector<model::StepIndex> found;
  for (const model::StepIndex step : path.steps) {
    if (contains(undos, step)) found.push_back(step);
  }
  return found;
}

std::size_t position_of(const model::RollbackPath& path, model::StepIndex step) {
  return static_cast<std::size_t>(std::find(path.steps.begin(), path.steps.end(), step) -
                                  path.steps.begin());
}

/// How far the undos, run in this order on the deployed world, are from the one before `earlier`:
/// first what is refused or does nothing, then what differs.
std::pair<int, std::size_t> distance(const Facts& facts, model::StepIndex earlier,
                                     const std::vector<model::StepIndex>& undos) {
  services::World world = facts.deploy.end;
  int failed = 0;
  for (const model::StepIndex step : undos) {
    services::Applied applied = services::run(facts.context, world, facts.actions[step]);
    const auto result = applied.outcome.result;
    failed +=
        result == services::Outcome::Result::refused || result == services::Outcome::Result::noop
            ? 1
            : 0;
    world = std::move(applied.world);
  }
  return {failed, differences(facts.context, facts.deploy.steps[earlier].before, world, {}).size()};
}

/// Whether the path's own order is better for the undos than the reverse of the deploy's: a push
/// that undoes a push sends what the undo before it wrote.
bool is_better(const Facts& facts, const model::RollbackPath& path, model::StepIndex earlier,
               const std::vector<model::StepIndex>& of_earlier,
               const std::vector<model::StepIndex>& of_later) {
  std::vector<model::StepIndex> both = of_earlier;
  both.insert(both.end(), of_later.begin(), of_later.end());
  std::vector<model::StepIndex> reversed = of_later;
  reversed.insert(reversed.end(), of_earlier.begin(), of_earlier.end());
  return distance(facts, earlier, in_path(path, both)) < distance(facts, earlier, reversed);
}

/// Whether the undos do what the step did once more: to clear a cache or restart readers takes
/// nothing back, and belongs behind.
bool is_done_again(const model::Plan& plan, model::StepIndex done,
                   const std::vector<model::StepIndex>& undos) {
  const auto plain = [&](model::StepIndex step) {
    return std::ranges::all_of(plan.steps[step].args.entries,
                               [](const model::Node::Entry& arg) { return arg.key == "command"; });
  };
  return std::ranges::all_of(undos, [&](model::StepIndex undo) {
    return plan.steps[undo].verb == plan.steps[done].verb &&
           plan.steps[undo].target == plan.steps[done].target && plain(undo) && plain(done);
  });
}

}  // namespace

std::vector<model::Finding> check_undo_order(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  const Undoers undo = undo_of_steps(plan);
  std::map<model::ServiceIndex, std::vector<model::StepIndex>> by_service;
  for (model::StepIndex step = 0; step < plan.deploy_count; ++step) {
    if (!undo[step].empty() && plan.steps[step].target != model::kNone)
      by_service[plan.steps[step].target].push_back(step);
  }
  std::vector<model::Finding> findings;
  for (const model::RollbackPath& path : plan.paths) {
    for (const auto& [service, steps] : by_service) {
      // Neighbours suffice: an order that is wrong for two steps apart is wrong for two neighbours
      // in between.
      for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
        const model::StepIndex earlier = steps[i];
        const model::StepIndex later = steps[i + 1];
        const std::vector<model::StepIndex> first = in_path(path, undo[earlier]);
        const std::vector<model::StepIndex> second = in_path(path, undo[later]);
        if (first.empty() || second.empty() ||
            position_of(path, first.front()) >= position_of(path, second.front()))
          continue;
        if (!conflict(facts.footprints[earlier], facts.footprints[later])) continue;
        if (is_done_again(plan, later, second) || is_better(facts, path, earlier, first, second))
          continue;
        model::Finding finding = about_step(
            plan, first.front(), model::Severity::error,
            fmt::format("path '{}' takes '{}' back before '{}', which was deployed on top of it",
                        path.name, plan.steps[earlier].id, plan.steps[later].id));
        finding.related.push_back(
            {plan.steps[second.front()].id_span, "this undo belongs before it"});
        finding.fix = "take steps back in the reverse order of what depends on what";
        finding.edits = move_in_path(plan, path, position_of(path, second.front()),
                                     position_of(path, first.front()));
        findings.push_back(std::move(finding));
      }
    }
  }
  return findings;
}

}  // namespace backout::analyzer
