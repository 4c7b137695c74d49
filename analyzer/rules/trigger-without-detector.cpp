#include <algorithm>

#include <fmt/format.h>

#include "analyzer/rules/support.hpp"
#include "model/situation.hpp"

namespace backout::analyzer {

namespace {

/// Whether machines run the path, and no person.
bool is_automatic(const model::Plan& plan, const model::DecisionRule& rule) {
  if (rule.decide > model::DecisionRule::Outcome::must_roll_back) return false;
  const model::PathIndex path = model::path_of(plan, rule);
  if (path == model::kNone || plan.paths[path].steps.empty()) return false;
  const auto runs = [&](model::By by) {
    return std::ranges::any_of(plan.paths[path].steps,
                               [&](model::StepIndex step) { return plan.steps[step].by == by; });
  };
  return (runs(model::By::automatic) || runs(model::By::ci)) && !runs(model::By::human);
}

/// What in the condition no monitor of the plan tells; empty: a metric that one reports is enough
/// for it.
std::string undetected(const model::Plan& plan, const model::Condition& condition) {
  using Type = model::Condition::Type;
  switch (condition.type) {
    case Type::issue:
      return fmt::format("issue '{}'", condition.name);
    case Type::severity:
      return fmt::format("severity '{}'", condition.name);
    case Type::metric: {
      const auto metric =
          std::ranges::find(plan.decisions.metrics, condition.name, &model::Metric::name);
      const bool reported =
          metric != plan.decisions.metrics.end() && metric->source != model::kNone;
      return reported ? "" : fmt::format("metric '{}'", condition.name);
    }
    case Type::all:
    case Type::any: {
      std::string first;
      for (const model::Condition& part : condition.parts) {
        const std::string missing = undetected(plan, part);
        if (condition.type == Type::any && missing.empty()) return {};
        if (first.empty()) first = missing;
      }
      return first;
    }
    case Type::otherwise:
      return {};
  }
  return {};
}

}  // namespace

std::vector<model::Finding> check_trigger_without_detector(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const model::DecisionRule& rule : plan.decisions.rules) {
    if (!is_automatic(plan, rule)) continue;
    const std::string missing = undetected(plan, rule.when);
    if (missing.empty()) continue;
    model::Finding finding;
    finding.severity = model::Severity::warning;
    finding.span = rule.span;
    finding.message = fmt::format(
        "the rule acts by itself on {}, and no monitor of the plan reports that: nothing triggers",
        missing);
    finding.fix = "name the monitor that tells (a metric with a `source`), or let a person decide";
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace backout::analyzer
