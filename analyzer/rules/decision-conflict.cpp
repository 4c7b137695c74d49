#include <fmt/format.h>

#include "analyzer/decision.hpp"
#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

std::string words(const model::DecisionRule& rule) {
  using Outcome = model::DecisionRule::Outcome;
  const std::string by = rule.path.empty() ? "" : fmt::format(" by '{}'", rule.path);
  switch (rule.decide) {
    case Outcome::roll_back:
      return "roll back" + by;
    case Outcome::must_roll_back:
      return "must roll back" + by;
    case Outcome::recommended:
      return "a rollback is recommended" + by;
    case Outcome::maybe:
      return "maybe";
    case Outcome::forward:
      return "fix forward";
    case Outcome::monitor:
      return "monitor";
    case Outcome::disable_flag:
      return "disable the flag";
  }
  return "roll back";
}

}  // namespace

std::vector<model::Finding> check_decision_conflict(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const Conflict& conflict : conflicts(plan.decisions)) {
    const model::DecisionRule& one = plan.decisions.rules[conflict.one];
    const model::DecisionRule& other = plan.decisions.rules[conflict.other];
    model::Finding finding;
    finding.severity = conflict.same_kind ? model::Severity::error : model::Severity::warning;
    finding.span = other.span;
    finding.message = fmt::format("at {} two rules hold and disagree: {}, and {}", conflict.where,
                                  words(one), words(other));
    finding.related.push_back({one.span, "the other rule"});
    finding.fix = "narrow one of them, or say which wins (`hit: first`)";
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace backout::analyzer
