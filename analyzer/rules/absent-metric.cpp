#include <fmt/format.h>
#include <set>

#include "analyzer/rules/support.hpp"
#include "services/record_kind.hpp"

namespace backout::analyzer {

namespace {

/// Whether a step of the deploy puts another version of the app, or touches it otherwise.
bool is_deployed(const Facts& facts, model::ServiceIndex app) {
  return std::any_of(facts.deploy.steps.begin(), facts.deploy.steps.end(), [&](const Replayed& replayed) {
    const bool about = facts.plan->steps[replayed.step].target == app || contains(facts.traits[replayed.step].triggers, app);
    return about && !facts.traits[replayed.step].read_only;
  });
}

/// The app that serves the metric itself, if one does that the deploy touches: it is silent just when it is needed.
model::ServiceIndex served_by(const Facts& facts, const model::Metric& metric) {
  const model::Plan& plan = *facts.plan;
  if (metric.source == model::kNone) return model::kNone;
  for (const model::ServiceIndex via : services::named_services(plan, plan.services[metric.source].fields, "via")) {
    if (!plan.services[via].versions.empty() && is_deployed(facts, via)) return via;
  }
  return model::kNone;
}

}  // namespace

std::vector<model::Finding> check_absent_metric(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::set<std::string> triggers;
  for (const model::DecisionRule& rule : plan.decisions.rules) {
    if (rule.decide > model::DecisionRule::Outcome::recommended) continue;
    for (const model::Condition* leaf : leaves(rule.when)) {
      if (leaf->type == model::Condition::Type::metric) triggers.insert(leaf->name);
    }
  }
  std::vector<model::Finding> findings;
  for (const model::Metric& metric : plan.decisions.metrics) {
    if (!triggers.contains(metric.name) || (!metric.absent.empty() && metric.absent != "unknown")) continue;
    const model::ServiceIndex app = served_by(facts, metric);
    model::Finding finding;
    finding.severity = app == model::kNone ? model::Severity::warning : model::Severity::error;
    finding.span = metric.span;
    finding.message = app == model::kNone
                          ? fmt::format("'{}' triggers a rollback and nothing says what its absence means", metric.name)
                          : fmt::format("'{}' comes from '{}' itself: when that is down the metric is absent, nothing triggers, and the dead app reads as healthy",
                                        metric.name, plan.services[app].name);
    finding.fix = "measure from outside, and say what missing data means (`absent: roll_back`)";
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace backout::analyzer
