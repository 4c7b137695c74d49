#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

const model::Backup* find_backup(const model::Plan& plan, const std::string& name) {
  for (const model::Backup& backup : plan.backups) {
    if (backup.name == name) return &backup;
  }
  return nullptr;
}

/// Whether an RPO allows to lose what was written since the backup.
bool allowed(const model::Plan& plan, const model::Backup& backup) {
  return plan.rpo && !plan.rpo_unknown && !plan.rpo->unknown && backup.age &&
         !backup.age->unknown && backup.age->high_ms <= plan.rpo->high_ms;
}

/// Whether the restore is what is left of the data: it overwrites them, or the deploy has destroyed
/// them before.
bool is_all_there_is(const Facts& facts, model::StepIndex step) {
  if (!facts.traits[step].destroys.empty()) return true;
  const model::ServiceIndex store = facts.plan->steps[step].target;
  return std::ranges::any_of(facts.deploy.steps, [&](const Replayed& replayed) {
    return facts.plan->steps[replayed.step].target == store &&
           !facts.traits[replayed.step].destroys.empty();
  });
}

}  // namespace

std::vector<model::Finding> check_restore_loses_writes(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (model::StepIndex step = 0; step < plan.steps.size(); ++step) {
    const services::Traits& traits = facts.traits[step];
    // A backup that the plan itself takes is as old as the plan; those from before are as old as
    // they say.
    if (traits.restores_backup.empty() || !is_all_there_is(facts, step)) continue;
    const model::Backup* backup = find_backup(plan, traits.restores_backup);
    if (backup == nullptr || plan.steps[step].args.flag("replay") || allowed(plan, *backup))
      continue;
    const bool aged = backup->age && !backup->age->unknown;
    const bool stated = plan.rpo && !plan.rpo_unknown && !plan.rpo->unknown;
    model::Finding finding = about_step(
        plan, step, model::Severity::error,
        fmt::format("'{}' brings '{}' back, which {}: every write since is lost, {}",
                    plan.steps[step].id, backup->name,
                    aged ? fmt::format("is up to {} old", model::format_ms(backup->age->high_ms))
                         : "is of unknown age",
                    stated ? fmt::format("and the RPO is {}", model::to_string(*plan.rpo))
                           : "and no RPO says how much may be"));
    finding.related.push_back({backup->span, "the backup"});
    finding.fix =
        "replay what was written since, take a fresher backup, or state an RPO that allows it";
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace backout::analyzer
