#include <algorithm>

#include <fmt/format.h>

#include "analyzer/rules/support.hpp"
#include "services/postgres_locks.hpp"

namespace backout::analyzer {

namespace {

/// Whether the column held values before the deploy.
bool was_there(const Facts& facts, model::ServiceIndex store, const services::LossyUpdate& update) {
  const std::string path = fmt::format("{}.tables.{}.columns.{}", facts.plan->services[store].name,
                                       update.table, update.column);
  return std::ranges::any_of(services::facts_of(facts.context, facts.start),
                             [&](const services::Fact& fact) {
                               return fact.path == path || fact.path.starts_with(path + '.');
                             });
}

/// Whether some path restores a copy that was taken of the store.
bool is_restored(const Facts& facts, model::ServiceIndex store) {
  return std::ranges::any_of(facts.plan->paths, [&](const model::RollbackPath& path) {
    return path.full && std::ranges::any_of(path.steps, [&](model::StepIndex step) {
             return facts.plan->steps[step].target == store &&
                    !facts.traits[step].restores_backup.empty();
           });
  });
}

/// Whether a full path writes into the table again.
bool is_written_again(const Facts& facts, model::ServiceIndex store, const std::string& table) {
  return std::ranges::any_of(facts.plan->paths, [&](const model::RollbackPath& path) {
    return path.full && std::ranges::any_of(path.steps, [&](model::StepIndex step) {
             const std::vector<services::LossyUpdate> updates =
                 services::lossy_updates(facts.context, facts.actions[step]);
             return facts.plan->steps[step].target == store &&
                    std::ranges::find(updates, table, &services::LossyUpdate::table) !=
                        updates.end();
           });
  });
}

std::string message_of(const model::Step& step, const services::LossyUpdate& update) {
  if (update.function.empty()) {
    return fmt::format("'{}' overwrites '{}' of '{}', and no full path has the old values", step.id,
                       update.column, update.table);
  }
  return fmt::format(
      "'{}' overwrites '{}' of '{}' by {} of itself: values that differ become the same, and no "
      "path has the old ones",
      step.id, update.column, update.table, update.function);
}

bool is_declared_lossy(const Facts& facts, const Replayed& replayed,
                       const services::LossyUpdate& update) {
  const model::Step& each = facts.plan->steps[replayed.step];
  const bool accepted = each.undo.type == model::UndoRef::Type::none && !each.undo.why.empty();
  if (each.point_of_no_return || !each.residue.empty() || accepted) return true;
  return std::ranges::any_of(facts.plan->residue, [&](const model::Residue& residue) {
    return residue.path.find(update.table) != std::string::npos &&
           residue.path.find(update.column) != std::string::npos;
  });
}

}  // namespace

std::vector<model::Finding> check_lossy_update(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const Replayed& replayed : facts.deploy.steps) {
    const model::Step& each = plan.steps[replayed.step];
    for (const services::LossyUpdate& update :
         services::lossy_updates(facts.context, facts.actions[replayed.step])) {
      if (!was_there(facts, each.target, update) || is_restored(facts, each.target) ||
          is_declared_lossy(facts, replayed, update))
        continue;
      // Where the sample rows show it, others say so.
      const bool shown =
          update.function.empty() &&
          (is_destructive(facts, replayed) || is_written_again(facts, each.target, update.table));
      if (shown) continue;
      findings.push_back(
          about_step(plan, replayed.step, model::Severity::error, message_of(each, update)));
      findings.back().fix =
          "keep the old values in a column or a table of their own until the rollback is no longer "
          "needed";
      break;
    }
  }
  return findings;
}

}  // namespace backout::analyzer
