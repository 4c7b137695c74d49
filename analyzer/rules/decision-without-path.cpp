#include <algorithm>

#include <fmt/format.h>

#include "analyzer/rules/support.hpp"
#include "model/situation.hpp"

namespace backout::analyzer {

namespace {

bool same(const model::Condition& one, const model::Condition& other) {
  return one.type == other.type && one.name == other.name && one.op == other.op &&
         one.value == other.value && one.high == other.high &&
         one.value_unknown == other.value_unknown && one.relative == other.relative &&
         std::equal(one.parts.begin(), one.parts.end(), other.parts.begin(), other.parts.end(),
                    same);
}

/// Leaves that hold together.
using Way = std::vector<const model::Condition*>;

/// More ways than this in which one condition can hold are not told apart.
constexpr std::size_t kMostWays = 256;

/// The ways in which a condition can hold; none: too many to say.
std::vector<Way> ways(const model::Condition& condition) {
  using Type = model::Condition::Type;
  if (condition.parts.empty()) return {{&condition}};
  std::vector<Way> all;
  if (condition.type == Type::all) all.push_back({});
  for (const model::Condition& part : condition.parts) {
    const std::vector<Way> more = ways(part);
    if (condition.type == Type::any) {
      all.insert(all.end(), more.begin(), more.end());
      continue;
    }
    std::vector<Way> joined;
    for (const Way& one : all) {
      for (const Way& other : more) {
        joined.push_back(one);
        joined.back().insert(joined.back().end(), other.begin(), other.end());
      }
    }
    all = std::move(joined);
    if (all.size() > kMostWays) return {};
  }
  return all.size() > kMostWays ? std::vector<Way>{} : all;
}

/// Whether `other` holds wherever `one` does.
bool implies(const model::Condition& one, const model::Condition& other) {
  using Op = model::Condition::Op;
  if (same(one, other)) return true;
  if (one.type != model::Condition::Type::metric || other.type != one.type ||
      other.name != one.name)
    return false;
  if (one.relative != other.relative || one.value_unknown || other.value_unknown) return false;
  const bool above = one.op == Op::gt || one.op == Op::ge;
  const bool below = one.op == Op::lt || one.op == Op::le;
  if (other.op == Op::gt)
    return above && (one.value > other.value || (one.op == Op::gt && one.value == other.value));
  if (other.op == Op::ge) return (above || one.op == Op::between) && one.value >= other.value;
  if (other.op == Op::lt)
    return below && (one.value < other.value || (one.op == Op::lt && one.value == other.value));
  if (other.op == Op::le) return below && one.value <= other.value;
  return false;
}

/// Whether in every situation in which the rule holds another one holds, too, and says by which
/// path.
bool named_by_others(const model::Decisions& decisions, const model::DecisionRule& rule) {
  const auto names = [&](const Way& way) {
    return std::ranges::any_of(decisions.rules, [&](const model::DecisionRule& other) {
      return !other.path.empty() && std::ranges::any_of(ways(other.when), [&](const Way& needs) {
        return std::ranges::all_of(needs, [&](const model::Condition* need) {
          return std::ranges::any_of(
              way, [&](const model::Condition* holds) { return implies(*holds, *need); });
        });
      });
    });
  };
  const std::vector<Way> all = ways(rule.when);
  return !all.empty() && std::ranges::all_of(all, names);
}

/// Whether the rule's path, or without one any path, has a step that sets a flag or a setting.
bool names_flag_step(const Facts& facts, const model::DecisionRule& rule) {
  const model::Plan& plan = *facts.plan;
  const model::PathIndex named = plan.find_path(rule.path);
  if (named == model::kNone) return false;
  return plan.paths[named].steps.empty() ||
         std::ranges::any_of(plan.paths[named].steps, [&](model::StepIndex step) {
           const model::Step& each = plan.steps[step];
           if (each.target == model::kNone) return each.verb == "run" || each.verb == "task";
           return each.verb == "set" || each.verb == "unset" || each.verb == "override" ||
                  !plan.services[each.target].versions.empty() ||
                  plan.services[each.target].kind == "postgres";
         });
}

model::Finding unnamed_flag(const model::Plan& plan, const model::DecisionRule& rule) {
  model::Finding finding;
  finding.severity = model::Severity::error;
  finding.span = rule.span;
  finding.message =
      rule.path.empty()
          ? "the rule decides to disable a flag and names no path that does"
          : fmt::format("the rule decides to disable a flag, and path '{}' sets none", rule.path);
  finding.fix = plan.paths.empty() ? "write a path that turns the flag off, and name it"
                                   : "name the path that turns the flag off (`path: name`)";
  return finding;
}

}  // namespace

std::vector<model::Finding> check_decision_without_path(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const model::DecisionRule& rule : plan.decisions.rules) {
    using Outcome = model::DecisionRule::Outcome;
    if (rule.decide == Outcome::disable_flag && !names_flag_step(facts, rule)) {
      findings.push_back(unnamed_flag(plan, rule));
      continue;
    }
    if (!model::rolls_back(rule.decide) || !rule.path.empty() || plan.paths.size() == 1) continue;
    if (named_by_others(plan.decisions, rule)) continue;
    model::Finding finding;
    finding.severity = model::Severity::error;
    finding.span = rule.span;
    finding.message =
        plan.paths.empty()
            ? "the rule decides to roll back and the plan has no rollback"
            : fmt::format("the rule decides to roll back and does not say by which of {} paths",
                          plan.paths.size());
    finding.fix = "name the path (`path: name`)";
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace backout::analyzer
