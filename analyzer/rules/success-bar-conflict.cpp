#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "analyzer/rules/support.hpp"
#include "model/situation.hpp"

namespace backout::analyzer {

namespace {

using Op = model::Condition::Op;

bool is_trigger(const model::DecisionRule& rule) { return model::rolls_back(rule.decide); }

/// The value of the metric at which a rollback is first triggered, coming from below (`above`) or
/// from above.
const model::Condition* first_trigger(const model::Plan& plan, const std::string& metric,
                                      bool above) {
  const model::Condition* first = nullptr;
  for (const model::DecisionRule& rule : plan.decisions.rules) {
    if (!is_trigger(rule)) continue;
    for (const model::Condition* leaf : leaves(rule.when)) {
      if (leaf->type != model::Condition::Type::metric || leaf->name != metric ||
          leaf->value_unknown)
        continue;
      if (above ? leaf->op != Op::gt && leaf->op != Op::ge
                : leaf->op != Op::lt && leaf->op != Op::le)
        continue;
      if (first == nullptr || (above ? leaf->value < first->value : leaf->value > first->value))
        first = leaf;
    }
  }
  return first;
}

/// A value at which nothing starts a rollback and none that was started is over.
void check_steady(const model::Plan& plan, model::StepIndex step, const model::Check& check,
                  std::vector<model::Finding>& findings) {
  const std::string op = check.args.text("op");
  const bool above = op.starts_with('l');
  if (check.type != model::Check::Type::metric || !(above || op.starts_with('g'))) return;
  const model::Node* node = check.args.find("value");
  const auto bar = node == nullptr ? std::nullopt : node->as_number();
  const model::Condition* trigger = first_trigger(plan, check.args.text("metric"), above);
  if (!bar || trigger == nullptr || (above ? *bar >= trigger->value : *bar <= trigger->value))
    return;
  model::Finding finding =
      about_step(plan, step, model::Severity::error,
                 fmt::format("a steady '{}' between {:g} and {:g} never triggers a rollback and "
                             "never passes the verify of '{}': nobody knows when it is over",
                             check.args.text("metric"), std::min(*bar, trigger->value),
                             std::max(*bar, trigger->value), plan.steps[step].id));
  finding.span = check.span;
  finding.related.push_back({trigger->span, "the trigger"});
  finding.fix = "compare with the value before the deploy, or make the two meet";
  if (trigger->relative) finding.severity = model::Severity::warning;
  findings.push_back(std::move(finding));
}

/// Values of a metric: from, to.
struct Values {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

Values values_of(Op op, double value, double high) {
  switch (op) {
    case Op::lt:
    case Op::le:
      return {.high = value};
    case Op::gt:
    case Op::ge:
      return {.low = value};
    case Op::eq:
      return {value, value};
    case Op::between:
      return {value, high};
  }
  return {};
}

/// What the check passes with; nothing when it does not say.
std::optional<Values> passing(const model::Check& check) {
  static const std::map<std::string, Op> kOps = {
      {"lt", Op::lt}, {"le", Op::le}, {"gt", Op::gt}, {"ge", Op::ge}};
  const auto op = kOps.find(check.args.text("op"));
  const model::Node* node = check.args.find("value");
  const auto value = node == nullptr ? std::nullopt : node->as_number();
  if (check.type != model::Check::Type::metric || op == kOps.end() || !value ||
      check.args.has("change"))
    return std::nullopt;
  return values_of(op->second, *value, 0);
}

/// Whether the rule rolls back whenever the leaf holds.
bool is_enough(const model::Condition& when, const model::Condition* leaf) {
  if (&when == leaf) return true;
  return when.type == model::Condition::Type::any &&
         std::ranges::any_of(when.parts,
                             [&](const model::Condition& part) { return is_enough(part, leaf); });
}

/// A value with which the check passes and for which a rule rolls back.
void check_overlap(const model::Plan& plan, model::StepIndex step, const model::Check& check,
                   std::vector<model::Finding>& findings) {
  const auto good = passing(check);
  if (!good) return;
  for (const model::DecisionRule& rule : plan.decisions.rules) {
    if (!is_trigger(rule)) continue;
    for (const model::Condition* leaf : leaves(rule.when)) {
      if (leaf->type != model::Condition::Type::metric || leaf->name != check.args.text("metric") ||
          leaf->value_unknown || leaf->relative)
        continue;
      const Values bad = values_of(leaf->op, leaf->value, leaf->high);
      const double low = std::max(good->low, bad.low);
      const double high = std::min(good->high, bad.high);
      if (low >= high || !is_enough(rule.when, leaf)) continue;
      const std::string where = std::isinf(low) ? fmt::format("below {:g}", high)
                                : std::isinf(high)
                                    ? fmt::format("above {:g}", low)
                                    : fmt::format("between {:g} and {:g}", low, high);
      model::Finding finding = about_step(
          plan, step, model::Severity::warning,
          fmt::format("the verify of '{}' passes with '{}' {}, for which a decision rolls back",
                      plan.steps[step].id, leaf->name, where));
      finding.span = check.span;
      finding.related.push_back({leaf->span, "the trigger"});
      finding.fix = "let the check fail where the decision rolls back";
      findings.push_back(std::move(finding));
      return;
    }
  }
}

/// A look of the deploy that fails exactly where the table says to go on.
void check_going_on(const model::Plan& plan, model::StepIndex step, const model::Check& check,
                    std::vector<model::Finding>& findings) {
  const auto good = passing(check);
  if (!good) return;
  const Values fails =
      std::isinf(good->low) ? Values{.low = good->high} : Values{.high = good->low};
  for (const model::DecisionRule& rule : plan.decisions.rules) {
    const model::Condition& when = rule.when;
    const bool goes_on = rule.decide == model::DecisionRule::Outcome::monitor ||
                         rule.decide == model::DecisionRule::Outcome::forward;
    if (!goes_on || when.type != model::Condition::Type::metric ||
        when.name != check.args.text("metric") || when.value_unknown || when.relative)
      continue;
    const Values answered = values_of(when.op, when.value, when.high);
    if (answered.low > fails.low || answered.high < fails.high) continue;
    model::Finding finding = about_step(
        plan, step, model::Severity::warning,
        fmt::format("whatever makes the verify of '{}' fail, the table goes on: it answers every "
                    "'{}' {} {:g} by no rollback",
                    plan.steps[step].id, when.name, std::isinf(good->low) ? "above" : "below",
                    std::isinf(good->low) ? fails.low : fails.high));
    finding.span = check.span;
    finding.related.push_back({rule.span, "the rule"});
    finding.fix = "let the rule roll back, or the check pass";
    findings.push_back(std::move(finding));
    return;
  }
}

}  // namespace

std::vector<model::Finding> check_success_bar_conflict(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (model::StepIndex step = 0; step < plan.steps.size(); ++step) {
    for (const model::Check& check : plan.steps[step].verify) {
      check_overlap(plan, step, check, findings);
      if (step < plan.deploy_count) check_going_on(plan, step, check, findings);
    }
  }
  for (model::StepIndex step = static_cast<model::StepIndex>(plan.deploy_count);
       step < plan.steps.size(); ++step) {
    for (const model::Check& check : plan.steps[step].verify)
      check_steady(plan, step, check, findings);
  }
  return findings;
}

}  // namespace backout::analyzer
