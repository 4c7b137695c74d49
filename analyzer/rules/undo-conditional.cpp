#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

/// The world after every operation that a live version may run has run once.
services::World with_traffic(const Facts& facts, services::World world,
                             std::vector<std::string>& ran) {
  for (const services::LiveOperation& live : live_operations(facts.context, world)) {
    services::Applied applied = run_operation(facts.context, world, live);
    if (!applied.outcome.ok() || applied.outcome.changes.empty()) continue;
    world = std::move(applied.world);
    ran.push_back(fmt::format("'{}' of version '{}'", live.operation->name, live.version));
  }
  return world;
}

}  // namespace

std::vector<model::Finding> check_undo_conditional(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<std::string> ran;
  const services::World busy = with_traffic(facts, facts.deploy.end, ran);
  std::vector<model::Finding> findings;
  if (ran.empty()) return findings;
  for (const Replayed& replayed : facts.deploy.steps) {
    const model::Step& each = plan.steps[replayed.step];
    std::vector<services::Action> actions;
    if (each.undo.type == model::UndoRef::Type::step) actions = {facts.actions[each.undo.step]};
    if (each.undo.type == model::UndoRef::Type::automatic) {
      actions = undo_of(facts.context, replayed.before, facts.actions[replayed.step]).actions;
    }
    for (const services::Action& action : actions) {
      const services::Outcome quiet =
          services::run(facts.context, facts.deploy.end, action).outcome;
      const services::Outcome refused = services::run(facts.context, busy, action).outcome;
      if (refused.result != services::Outcome::Result::refused ||
          quiet.result == services::Outcome::Result::refused)
        continue;
      model::Finding finding = about_step(
          plan, each.undo.type == model::UndoRef::Type::step ? each.undo.step : replayed.step,
          model::Severity::error,
          fmt::format(
              "{} takes '{}' back only until live traffic has written: after {} it is refused: {}",
              each.undo.type == model::UndoRef::Type::step
                  ? fmt::format("'{}'", plan.steps[each.undo.step].id)
                  : "the automatic undo",
              each.id, fmt::join(ran, ", "), refused.message));
      finding.related.push_back({each.id_span, "what it takes back"});
      finding.fix =
          "let the new version write what the old schema needs too, or decide before it serves";
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

}  // namespace backout::analyzer
