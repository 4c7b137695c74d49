#include <fmt/format.h>

#include "analyzer/rules/support.hpp"
#include "services/replica.hpp"

namespace backout::analyzer {

namespace {

/// Whether a step before position `end` of the run reads the backup and fails when it cannot be
/// read.
bool tried_before(const Facts& facts, const Run& run, std::size_t end, const std::string& backup) {
  for (std::size_t i = 0; i < end; ++i) {
    const model::Step& each = facts.plan->steps[(*run.steps)[i].step];
    const bool reads =
        each.verb == "verify" || (each.verb == "fetch" && each.args.flag("checksum"));
    if (reads && each.args.text("name") == backup) return true;
  }
  return false;
}

/// A backup from before the deploy that a step of the run restores.
void check_restore(const Facts& facts, const Run& run, std::size_t at,
                   std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  const model::StepIndex step = (*run.steps)[at].step;
  for (const model::Backup& backup : plan.backups) {
    if (backup.name != facts.traits[step].restores_backup) continue;
    const bool tried =
        (!backup.verified.empty() && backup.verified != "never" && backup.verified != "unknown") ||
        tried_before(facts, run, at, backup.name);
    if (tried) continue;
    findings.push_back(about_step(
        plan, step, model::Severity::warning,
        fmt::format("'{}' relies on backup '{}', {}", plan.steps[step].id, backup.name,
                    backup.verified == "never" ? "which nobody has ever tried to read"
                                               : "and nothing says that it can be read")));
    findings.back().related.push_back({backup.span, "the backup"});
    findings.back().fix =
        "restore it into a copy in a drill, and check it before anything is destroyed";
  }
}

/// A backup that a step of the run takes, and on which a later one relies when it destroys.
void check_taken(const Facts& facts, const Run& run, std::size_t at,
                 std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  const model::StepIndex step = (*run.steps)[at].step;
  const model::Step& each = plan.steps[step];
  const std::string& backup = facts.traits[step].takes_backup;
  if (backup.empty() || each.args.flag("verify") || can_stop(each.verify)) return;
  for (std::size_t later = at + 1; later < run.steps->size(); ++later) {
    const Replayed& next = (*run.steps)[later];
    if (plan.steps[next.step].target != services::database_of(plan, each.target) ||
        !is_destructive(facts, next))
      continue;
    if (tried_before(facts, run, later, backup) || can_stop(plan.steps[next.step].precheck)) return;
    findings.push_back(about_step(
        plan, step, model::Severity::warning,
        fmt::format("'{}' relies on the backup of '{}', which nothing checks: an empty file passes",
                    plan.steps[next.step].id, each.id)));
    findings.back().cause = "nothing checks it";
    findings.back().related.push_back(
        {plan.steps[next.step].id_span, "what it is to make harmless"});
    findings.back().fix = "list or restore it before going on (`verify: true`, or a check)";
    return;
  }
}

/// A copy that a step of the deploy takes, that nothing checks, and that a step of the path
/// restores.
void check_restore_of_taken(const Facts& facts, const Run& run, std::size_t at,
                            std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  const model::StepIndex step = (*run.steps)[at].step;
  const std::string& copy = facts.traits[step].restores_backup;
  if (run.path == model::kNone || copy.empty()) return;
  const Run deploy{"the deploy", model::kNone, &facts.deploy.steps};
  for (model::StepIndex taker = 0; taker < plan.deploy_count; ++taker) {
    const model::Step& each = plan.steps[taker];
    if (facts.traits[taker].takes_backup != copy ||
        services::database_of(plan, each.target) != plan.steps[step].target)
      continue;
    const bool read = each.args.flag("verify") || can_stop(each.verify) ||
                      can_stop(plan.steps[step].precheck) ||
                      tried_before(facts, deploy, deploy.steps->size(), copy) ||
                      tried_before(facts, run, at, copy);
    if (read) continue;
    findings.push_back(about_step(
        plan, step, model::Severity::warning,
        fmt::format(
            "'{}' relies on the copy that '{}' takes, which nothing checks: an empty file passes",
            plan.steps[step].id, each.id)));
    findings.back().related.push_back({each.id_span, "the copy"});
    findings.back().fix = "list or restore it before going on (`verify: true`, or a check)";
  }
}

}  // namespace

std::vector<model::Finding> check_backup_unchecked(const Facts& facts) {
  std::vector<model::Finding> findings;
  for (const Run& run : runs_of(facts)) {
    for (std::size_t at = 0; at < run.steps->size(); ++at) {
      check_restore(facts, run, at, findings);
      check_restore_of_taken(facts, run, at, findings);
      check_taken(facts, run, at, findings);
    }
  }
  return findings;
}

}  // namespace backout::analyzer
