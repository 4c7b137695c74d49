#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

model::Finding about_step(const model::Plan& plan, model::StepIndex step, model::Severity severity,
                          std::string message) {
  model::Finding finding;
  finding.severity = severity;
  finding.message = std::move(message);
  finding.span = plan.steps[step].id_span;
  finding.step = plan.steps[step].id;
  return finding;
}

bool on_timed_path(const model::Plan& plan, model::StepIndex step) {
  return std::any_of(plan.paths.begin(), plan.paths.end(), [&](const model::RollbackPath& path) {
    const bool timed = path.total || path.timeout || (path.full && plan.rollback_total) ||
                       !model::objectives_of(plan, path).empty();
    return timed && contains(path.steps, step);
  });
}

std::vector<const model::Condition*> leaves(const model::Condition& condition) {
  if (condition.parts.empty()) return {&condition};
  std::vector<const model::Condition*> found;
  for (const model::Condition& part : condition.parts) {
    for (const model::Condition* leaf : leaves(part)) found.push_back(leaf);
  }
  return found;
}

std::vector<Run> runs_of(const Facts& facts) {
  std::vector<Run> runs{{"the deploy", model::kNone, &facts.deploy.steps}};
  for (const Replay& replay : facts.paths) {
    runs.push_back({"path '" + facts.plan->paths[replay.path].name + "'", replay.path, &replay.steps});
  }
  return runs;
}

bool is_destructive(const Facts& facts, const Replayed& replayed) {
  if (!facts.traits[replayed.step].destroys.empty()) return true;
  const model::ServiceIndex target = facts.plan->steps[replayed.step].target;
  if (target == model::kNone || replayed.before.states[target] == replayed.after.states[target]) return false;
  const services::Kind& kind = facts.context.kind(target);
  std::vector<services::Datum> before = kind.data(facts.context, target, *replayed.before.states[target]);
  std::vector<services::Datum> after = kind.data(facts.context, target, *replayed.after.states[target]);
  std::sort(before.begin(), before.end());
  std::sort(after.begin(), after.end());
  return !std::includes(after.begin(), after.end(), before.begin(), before.end());
}

bool is_refused(const Replayed& replayed) {
  return replayed.outcome.result == services::Outcome::Result::refused && replayed.outcome.changes.empty();
}

bool can_stop(const std::vector<model::Check>& checks) {
  return std::any_of(checks.begin(), checks.end(), [](const model::Check& check) {
    const bool expects = check.args.has("expect") || check.args.has("is") || check.args.has("value") ||
                         check.args.has("version") || check.args.has("within") || check.args.flag("fail_on_error", true);
    return !check.args.is_unknown("manual") && expects;
  });
}

}  // namespace backout::analyzer
