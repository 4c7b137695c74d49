#include <fmt/format.h>

#include "analyzer/rules/support.hpp"
#include "model/situation.hpp"

namespace backout::analyzer {

namespace {

struct Part {
  std::string what;
  std::int64_t ms = 0;
};

/// Times that the clock of an objective on the total includes, whatever the steps take.
std::vector<Part> fixed_parts(const model::Plan& plan, const model::Schedule& schedule) {
  std::vector<Part> parts;
  if (plan.detect && !plan.detect->unknown) parts.push_back({"detection", plan.detect->low_ms});
  if (plan.respond && !plan.respond->unknown)
    parts.push_back({"the response of a person", plan.respond->low_ms});
  parts.push_back({"the checks' own windows", schedule.verify_low_ms});
  return parts;
}

bool fills(std::int64_t ms, const model::Duration& limit) {
  return !limit.unknown && ms > 0 && (limit.strict ? ms >= limit.high_ms : ms > limit.high_ms);
}

/// A trigger that must hold for longer than the objective on detection allows.
void check_triggers(const model::Plan& plan, const model::Objective& objective,
                    std::vector<model::Finding>& findings) {
  for (const model::DecisionRule& rule : plan.decisions.rules) {
    for (const model::Condition* leaf : leaves(rule.when)) {
      if (!leaf->hold || leaf->hold->unknown || !fills(leaf->hold->low_ms, objective.limit))
        continue;
      model::Finding finding;
      finding.severity = model::Severity::error;
      finding.span = leaf->span;
      finding.message = fmt::format(
          "the trigger on '{}' must hold for {} before anybody may act: the objective of {} for "
          "'{}' cannot be met",
          leaf->name, model::to_string(*leaf->hold), model::to_string(objective.limit),
          objective.phase);
      finding.related.push_back({objective.span, "the objective"});
      finding.fix = "shorten the trigger's window or lengthen the objective by it";
      findings.push_back(std::move(finding));
    }
  }
}

/// Rules that leave more time to begin than the objective allows for the whole.
void check_deadlines(const model::Plan& plan, std::vector<model::Finding>& findings) {
  for (const model::DecisionRule& rule : plan.decisions.rules) {
    const model::PathIndex path = model::path_of(plan, rule);
    const bool acts =
        model::rolls_back(rule.decide) || rule.decide == model::DecisionRule::Outcome::disable_flag;
    if (!acts || path == model::kNone || !rule.within || rule.within->unknown) continue;
    for (const model::Objective& objective : model::objectives_of(plan, plan.paths[path])) {
      if (objective.phase != "total" || objective.limit.unknown ||
          rule.within->high_ms <= objective.limit.high_ms)
        continue;
      model::Finding finding;
      finding.severity = model::Severity::error;
      finding.span = rule.span;
      finding.message = fmt::format(
          "the rule leaves {} to act, and the objective of {} for '{}' is over by then",
          model::to_string(*rule.within), model::to_string(objective.limit), objective.phase);
      finding.related.push_back({objective.span, "the objective"});
      finding.fix = "act sooner, or lengthen the objective by it";
      findings.push_back(std::move(finding));
      break;
    }
  }
}

}  // namespace

std::vector<model::Finding> check_omitted_time(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const model::Objective& objective : plan.objectives) {
    if (objective.phase == "detect") check_triggers(plan, objective, findings);
  }
  check_deadlines(plan, findings);
  for (std::size_t i = 0; i < plan.paths.size(); ++i) {
    for (const model::Objective& objective : model::objectives_of(plan, plan.paths[i])) {
      if (objective.phase != "total") continue;
      for (const Part& part : fixed_parts(plan, facts.path_times[i])) {
        if (!fills(part.ms, objective.limit)) continue;
        model::Finding finding;
        finding.severity = model::Severity::error;
        finding.span = objective.span;
        finding.message = fmt::format("path '{}': {} for {} leaves nothing of the objective of {}",
                                      plan.paths[i].name, model::format_ms(part.ms), part.what,
                                      model::to_string(objective.limit));
        finding.related.push_back({plan.paths[i].span, "the path"});
        finding.fix =
            "count it in: the clock of an objective runs from the trigger to the last passed check";
        findings.push_back(std::move(finding));
      }
    }
  }
  return findings;
}

}  // namespace backout::analyzer
