#include <fmt/format.h>

#include "analyzer/rules/looks.hpp"

namespace backout::analyzer {

namespace {

/// Whether later steps may rely on it: it saves something or changes what a rollback has to
/// restore.
bool matters(const Facts& facts, const Replayed& replayed) {
  const services::Traits& traits = facts.traits[replayed.step];
  if (traits.read_only) return false;
  return !traits.takes_backup.empty() || !replayed.outcome.ok() ||
         !differences(facts.context, replayed.before, replayed.after, {}).empty();
}

/// Whether some step of the rollback restores the copy.
bool rollback_restores(const Facts& facts, const std::string& copy) {
  return std::any_of(facts.traits.begin() + static_cast<std::ptrdiff_t>(facts.plan->deploy_count),
                     facts.traits.end(), [&](const services::Traits& traits) {
                       return traits.restores_backup == copy;
                     });
}

/// A deploy step that gives something back: when it fails unseen, the deploy ends with that still
/// taken.
void check_releases(const Facts& facts, std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  for (model::StepIndex step = 0; step < plan.deploy_count; ++step) {
    if (plan.steps[step].on_failure.type != model::OnFailure::Type::carry_on ||
        facts.traits[step].releases.empty())
      continue;
    findings.push_back(
        about_step(plan, step, model::Severity::error,
                   fmt::format("the deploy goes on when '{}' fails, and ends without {} given back",
                               plan.steps[step].id, facts.traits[step].releases.front())));
    findings.back().fix = "stop there, or try it again (`retry`), so that somebody sees it";
  }
}

/// Whether the later step is worse for it: a backup that was not taken is missed only where what it
/// is of is destroyed.
bool relies(const Facts& facts, const Run& run, const Replayed& failed, const Replayed& later) {
  const bool destroys = is_destructive(facts, later);
  if (!facts.traits[failed.step].takes_backup.empty()) {
    if (run.path == model::kNone &&
        rollback_restores(facts, facts.traits[failed.step].takes_backup) &&
        is_weighty(facts, later))
      return true;
    return destroys &&
           facts.plan->steps[failed.step].target == facts.plan->steps[later.step].target;
  }
  // A deploy is built up: what comes next was written for what should be there by then.
  const bool builds_on =
      run.path == model::kNone && is_weighty(facts, failed) && is_weighty(facts, later);
  return destroys || facts.traits[later.step].changes_version || builds_on;
}

}  // namespace

std::vector<model::Finding> check_failure_ignored(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  check_releases(facts, findings);
  for (const Run& run : runs_of(facts)) {
    for (std::size_t i = 0; i < run.steps->size(); ++i) {
      const Replayed& replayed = (*run.steps)[i];
      const model::Step& each = plan.steps[replayed.step];
      if (each.on_failure.type != model::OnFailure::Type::carry_on || !matters(facts, replayed))
        continue;
      for (std::size_t later = i + 1; later < run.steps->size(); ++later) {
        const Replayed& next = (*run.steps)[later];
        if (!relies(facts, run, replayed, next)) continue;
        model::Finding finding = about_step(
            plan, replayed.step, model::Severity::error,
            fmt::format(
                "{} goes on when '{}' fails, and '{}' then {}", run.name, each.id,
                plan.steps[next.step].id,
                is_destructive(facts, next) ? "destroys what it should have saved or prepared"
                : run.path == model::kNone  ? "builds on what is not there"
                                            : "puts a version on a state that is half way back"));
        finding.cause = is_destructive(facts, next) ? "destroys" : "serves";
        finding.related.push_back({plan.steps[next.step].id_span, "what runs all the same"});
        finding.fix =
            "stop there (`on_failure: abort`) and give back what was taken with `always: true`";
        findings.push_back(std::move(finding));
        break;
      }
    }
  }
  return findings;
}

}  // namespace backout::analyzer
