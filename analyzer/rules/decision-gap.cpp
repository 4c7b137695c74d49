#include <fmt/format.h>

#include "analyzer/decision.hpp"
#include "analyzer/rules/support.hpp"
#include "model/mention.hpp"

namespace backout::analyzer {

namespace {

using Outcome = model::DecisionRule::Outcome;

bool speaks_of(const model::DecisionRule& rule, const std::string& metric) {
  return std::ranges::any_of(leaves(rule.when), [&](const model::Condition* leaf) {
    return leaf->type == model::Condition::Type::metric && leaf->name == metric;
  });
}

/// A step of the deploy whose check reads the metric; kNone: there is none.
model::StepIndex reader_of(const model::Plan& plan, const std::string& metric) {
  for (model::StepIndex step = 0; step < plan.deploy_count; ++step) {
    for (const model::Check& check : plan.steps[step].verify) {
      if (check.type == model::Check::Type::metric && check.args.text("metric") == metric)
        return step;
    }
  }
  return model::kNone;
}

/// A table by which nothing is ever rolled back.
void check_purpose(const model::Plan& plan, std::vector<model::Finding>& findings) {
  const auto acts = [](const model::DecisionRule& rule) {
    return rule.decide <= Outcome::maybe || rule.decide == Outcome::disable_flag;
  };
  if (plan.decisions.rules.empty() || plan.paths.empty() ||
      std::ranges::any_of(plan.decisions.rules, acts))
    return;
  model::Finding finding;
  finding.severity = model::Severity::warning;
  finding.span = plan.decisions.span;
  finding.message = "no rule ever decides to roll back: whatever is seen, the table goes on";
  finding.fix = "add a rule with `decide: rollback` for what the deploy is watched for";
  findings.push_back(std::move(finding));
}

/// Metrics that the table lists and the deploy looks at, and that no rule speaks of.
void check_metrics(const model::Plan& plan, std::vector<model::Finding>& findings) {
  if (plan.decisions.rules.empty()) return;
  for (const model::Metric& metric : plan.decisions.metrics) {
    const model::Span& table = plan.decisions.span;
    if (metric.span.begin < table.begin || metric.span.end > table.end)
      continue;  // only a monitor's
    const model::StepIndex reader = reader_of(plan, metric.name);
    const bool spoken = std::ranges::any_of(
        plan.decisions.rules,
        [&](const model::DecisionRule& rule) { return speaks_of(rule, metric.name); });
    if (spoken || reader == model::kNone) continue;
    model::Finding finding;
    finding.severity = model::Severity::warning;
    finding.span = metric.span;
    finding.message = fmt::format("no rule says what follows from '{}', which '{}' looks at",
                                  metric.name, plan.steps[reader].id);
    finding.related.push_back({plan.steps[reader].id_span, "who looks at it"});
    finding.fix = "add a rule for it, or take it out of the table";
    findings.push_back(std::move(finding));
  }
}

/// Issues that the table lists and leaves to `otherwise`. "other" and the like are what that is
/// for.
void check_issues(const model::Plan& plan, std::vector<model::Finding>& findings) {
  const auto falls_through = [](const model::DecisionRule& rule) {
    return rule.when.type == model::Condition::Type::otherwise;
  };
  if (!std::ranges::any_of(plan.decisions.rules, falls_through)) return;  // without it: gaps()
  for (const std::string& issue : plan.decisions.issues) {
    const bool rest = model::mentions(issue, {"other", "others", "otherwise"}) || issue == "none" ||
                      issue == "unknown" || issue == "rest";
    const bool spoken =
        std::ranges::any_of(plan.decisions.rules, [&](const model::DecisionRule& rule) {
          return std::ranges::any_of(leaves(rule.when), [&](const model::Condition* leaf) {
            return leaf->type == model::Condition::Type::issue && leaf->name == issue;
          });
        });
    if (rest || spoken) continue;
    model::Finding finding;
    finding.severity = model::Severity::warning;
    finding.span = plan.decisions.span;
    finding.message = fmt::format(
        "no rule speaks of issue '{}', which the table lists: `otherwise` answers it", issue);
    finding.fix = "add a rule for it, or take it out of the list";
    findings.push_back(std::move(finding));
  }
}

}  // namespace

std::vector<model::Finding> check_decision_gap(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  check_purpose(plan, findings);
  check_metrics(plan, findings);
  check_issues(plan, findings);
  for (const Region& region : gaps(plan.decisions)) {
    model::Finding finding;
    // Between two thresholds the table contradicts itself by silence; an issue without any rule is
    // only unfinished.
    finding.severity = region.unlisted ? model::Severity::warning : model::Severity::error;
    finding.span =
        region.unlisted ? plan.decisions.span : plan.decisions.rules[region.near_rule].span;
    finding.message = fmt::format("no rule says what to do at {}", region.text);
    finding.fix = "extend a rule to it or add one: `decide: monitor` is a decision too";
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace backout::analyzer
