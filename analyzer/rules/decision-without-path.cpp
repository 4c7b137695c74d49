#include <algorithm>

#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

bool same(const model::Condition& one, const model::Condition& other) {
  return one.type == other.type && one.name == other.name && one.op == other.op && one.value == other.value &&
         one.high == other.high && one.value_unknown == other.value_unknown && one.relative == other.relative &&
         std::equal(one.parts.begin(), one.parts.end(), other.parts.begin(), other.parts.end(), same);
}

/// Whether a rule that holds in the same situation says by which path.
bool named_by_another(const model::Decisions& decisions, const model::DecisionRule& rule) {
  return std::any_of(decisions.rules.begin(), decisions.rules.end(), [&](const model::DecisionRule& other) {
    return !other.path.empty() && same(rule.when, other.when);
  });
}

}  // namespace

std::vector<model::Finding> check_decision_without_path(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const model::DecisionRule& rule : plan.decisions.rules) {
    using Outcome = model::DecisionRule::Outcome;
    const bool rolls_back = rule.decide == Outcome::roll_back || rule.decide == Outcome::must_roll_back || rule.decide == Outcome::recommended;
    if (!rolls_back || !rule.path.empty() || plan.paths.size() == 1) continue;
    if (named_by_another(plan.decisions, rule)) continue;
    model::Finding finding;
    finding.severity = model::Severity::error;
    finding.span = rule.span;
    finding.message = plan.paths.empty() ? "the rule decides to roll back and the plan has no rollback"
                                         : fmt::format("the rule decides to roll back and does not say by which of {} paths", plan.paths.size());
    finding.fix = "name the path (`path: name`)";
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace backout::analyzer
