#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

std::vector<model::Finding> check_undo_lossy(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const Replayed& replayed : facts.deploy.steps) {
    const model::Step& each = plan.steps[replayed.step];
    if (each.point_of_no_return || !each.residue.empty() ||
        each.undo.type == model::UndoRef::Type::none)
      continue;
    const services::Undo undo =
        undo_of(facts.context, replayed.before, facts.actions[replayed.step]);
    if (undo.kind != services::Undo::Class::lossy) continue;
    findings.push_back(about_step(plan, replayed.step, model::Severity::warning,
                                  fmt::format("taking '{}' back loses {}", each.id, undo.why)));
    findings.back().fix =
        "keep what it would lose until the rollback is no longer needed, or declare it as "
        "`residue`";
  }
  return findings;
}

}  // namespace backout::analyzer
