#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

/// Whether it asks stores that speak no SQL, where it holds while everything from before the deploy
/// is there.
bool compares_with_the_start(const model::Plan& plan, const model::Check& check) {
  return !check.services.empty() &&
         std::ranges::none_of(check.services, [&](model::ServiceIndex service) {
           return service == model::kNone || plan.services[service].kind == "postgres";
         });
}

/// Why no answer makes the check fail; empty when some does.
std::string why_it_cannot_fail(const model::Plan& plan, const model::Check& check) {
  using Type = model::Check::Type;
  const model::Args& args = check.args;
  switch (check.type) {
    case Type::http:
    case Type::command:
      if (args.flag("fail_on_error", true) || args.has("version")) return "";
      return args.has("expect") && !args.is_unknown("expect")
                 ? ""
                 : "an error passes and no answer is expected";
    case Type::sql:
      return args.has("expect") && !args.is_unknown("expect")
                 ? ""
                 : "it prints a result and compares it with nothing";
    case Type::manual:
      return args.text("manual").empty() || args.is_unknown("manual") ? "it has no criterion" : "";
    case Type::metric:
      if (!args.has("value") && !args.has("baseline")) return "the metric is compared with nothing";
      if (!args.has("op") && args.has("value"))
        return "it does not say on which side of its value the metric must be (`op`)";
      return args.is_unknown("value") ? "its threshold is unknown" : "";
    case Type::rows:
      return args.has("within") || args.has("expect") || compares_with_the_start(plan, check)
                 ? ""
                 : "it counts and compares with nothing";
    case Type::fact:
    case Type::version:
    case Type::same_point:
      return "";
  }
  return "";
}

void check_list(const model::Plan& plan, model::StepIndex step,
                const std::vector<model::Check>& checks, const char* name,
                std::vector<model::Finding>& findings) {
  for (const model::Check& check : checks) {
    const std::string why = why_it_cannot_fail(plan, check);
    if (why.empty()) continue;
    // A machine's check that always passes misleads; a person's check without a criterion is only
    // weak.
    const bool misleads =
        check.type != model::Check::Type::manual && check.type != model::Check::Type::metric;
    model::Finding finding =
        about_step(plan, step, misleads ? model::Severity::error : model::Severity::warning,
                   fmt::format("the {} of '{}' cannot fail: {}", name, plan.steps[step].id, why));
    finding.span = check.span;
    finding.fix = "say what the right answer is (`expect`, `version`, `value`)";
    const model::Node* passes = check.args.find("fail_on_error");
    if (passes != nullptr && passes->as_boolean()) finding.edits = {{passes->span, "true"}};
    findings.push_back(std::move(finding));
  }
}

/// A fact that had some value before the step, too, and the check takes any.
void check_facts(const Facts& facts, std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  std::set<const model::Check*> said;
  for (const Run& run : runs_of(facts)) {
    for (const Replayed& replayed : *run.steps) {
      for (const model::Check& check : plan.steps[replayed.step].verify) {
        if (check.type != model::Check::Type::fact || check.args.has("is") || said.contains(&check))
          continue;
        if (evaluate(facts.context, replayed.before, check).value !=
            services::CheckResult::Value::pass)
          continue;
        said.insert(&check);
        model::Finding finding =
            about_step(plan, replayed.step, model::Severity::warning,
                       fmt::format("the verify of '{}' cannot fail: '{}' had a value before the "
                                   "step, too, and any will do",
                                   plan.steps[replayed.step].id, check.args.text("fact")));
        finding.span = check.span;
        finding.fix = "say which value it must have then (`is`)";
        findings.push_back(std::move(finding));
      }
    }
  }
}

/// A watch that names no metric and checks nothing.
bool watches_nothing(const model::Plan& plan, model::StepIndex step) {
  const model::Step& each = plan.steps[step];
  return each.verb == "watch" && each.verify.empty() && !each.verify_none &&
         each.args.strings("metrics").empty();
}

}  // namespace

std::vector<model::Finding> check_check_cannot_fail(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  check_facts(facts, findings);
  for (model::StepIndex step = 0; step < plan.steps.size(); ++step) {
    check_list(plan, step, plan.steps[step].precheck, "precheck", findings);
    check_list(plan, step, plan.steps[step].verify, "verify", findings);
    if (watches_nothing(plan, step)) {
      findings.push_back(about_step(
          plan, step, model::Severity::warning,
          fmt::format("'{}' watches and compares with nothing: whatever it sees, the run goes on",
                      plan.steps[step].id)));
      findings.back().fix = "say what is watched (`metrics`) or what must hold (`verify`)";
    }
    const services::Traits& traits = facts.traits[step];
    if (!is_a_look(facts, step) || traits.hides_failure.empty()) continue;
    findings.push_back(about_step(
        plan, step, model::Severity::error,
        fmt::format("'{}' looks and cannot fail: {}", plan.steps[step].id, traits.hides_failure)));
    findings.back().fix =
        "say what the right answer is (`expect`, `version`), and make an error fail it";
  }
  return findings;
}

}  // namespace backout::analyzer
