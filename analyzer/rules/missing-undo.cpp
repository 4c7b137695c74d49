#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

std::vector<model::Finding> check_missing_undo(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<bool> undone(plan.steps.size(), false);
  for (const model::Step& each : plan.steps) {
    for (const model::StepIndex step : each.undoes) undone[step] = true;
  }
  std::vector<model::Finding> findings;
  for (const Replayed& replayed : facts.deploy.steps) {
    const model::Step& each = plan.steps[replayed.step];
    if (undone[replayed.step] || each.point_of_no_return ||
        each.undo.type == model::UndoRef::Type::step ||
        (each.undo.type == model::UndoRef::Type::none && !each.undo.why.empty())) {
      continue;
    }
    if (each.undo.type == model::UndoRef::Type::none && is_residue(facts, replayed)) continue;
    const bool changes =
        !differences(facts.context, replayed.before, replayed.after, each.residue).empty();
    if (!changes && !is_destructive(facts, replayed)) continue;
    const services::Undo undo =
        undo_of(facts.context, replayed.before, facts.actions[replayed.step]);
    using Class = services::Undo::Class;
    const bool known = undo.kind != Class::none && undo.kind != Class::unknown;
    if (known && each.undo.type == model::UndoRef::Type::automatic) continue;
    if (known && undo.actions.empty())
      continue;  // it comes back by itself: there is nothing to write
    model::Finding finding = about_step(
        plan, replayed.step, known ? model::Severity::warning : model::Severity::error,
        undo.kind == Class::none ? fmt::format("'{}' cannot be taken back: {}", each.id, undo.why)
                                 : fmt::format("nothing says how '{}' is taken back", each.id));
    finding.fix =
        known ? "name the step that takes it back (`undo: id`), or write `undo: auto`"
              : "write an undo, or mark it `point_of_no_return: true` and put the checks before it";
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace backout::analyzer
