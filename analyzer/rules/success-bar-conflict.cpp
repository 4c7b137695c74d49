#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

using Op = model::Condition::Op;

bool is_trigger(const model::DecisionRule& rule) { return rule.decide <= model::DecisionRule::Outcome::recommended; }

/// The lowest absolute value of the metric that triggers a rollback from above.
const model::Condition* lowest_trigger(const model::Plan& plan, const std::string& metric) {
  const model::Condition* lowest = nullptr;
  for (const model::DecisionRule& rule : plan.decisions.rules) {
    if (!is_trigger(rule)) continue;
    for (const model::Condition* leaf : leaves(rule.when)) {
      if (leaf->type != model::Condition::Type::metric || leaf->name != metric || leaf->value_unknown) continue;
      if (leaf->op != Op::gt && leaf->op != Op::ge) continue;
      if (lowest == nullptr || leaf->value < lowest->value) lowest = leaf;
    }
  }
  return lowest;
}

}  // namespace

std::vector<model::Finding> check_success_bar_conflict(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (model::StepIndex step = static_cast<model::StepIndex>(plan.deploy_count); step < plan.steps.size(); ++step) {
    for (const model::Check& check : plan.steps[step].verify) {
      if (check.type != model::Check::Type::metric || (check.args.text("op") != "lt" && check.args.text("op") != "le")) continue;
      const model::Node* node = check.args.find("value");
      const auto bar = node == nullptr ? std::nullopt : node->as_number();
      const model::Condition* trigger = lowest_trigger(plan, check.args.text("metric"));
      if (!bar || trigger == nullptr || *bar >= trigger->value) continue;
      model::Finding finding = about_step(
          plan, step, model::Severity::error,
          fmt::format("a steady '{}' between {:g} and {:g} never triggers a rollback and never passes the verify of '{}': nobody knows when it is over",
                      check.args.text("metric"), *bar, trigger->value, plan.steps[step].id));
      finding.span = check.span;
      finding.related.push_back({trigger->span, "the trigger"});
      finding.fix = "compare with the value before the deploy, or make the two meet";
      if (trigger->relative) finding.severity = model::Severity::warning;
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

}  // namespace backout::analyzer
