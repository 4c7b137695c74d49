#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "analyzer/rules/looks.hpp"
#include "model/situation.hpp"

namespace backout::analyzer {

namespace {

/// The longest look at a metric, and where it is.
struct Look {
  std::int64_t ms = 0;
  model::StepIndex step = model::kNone;
};

/// How long the step looks at the metric: the `for` of its check, and of the watch that carries it.
std::int64_t look_ms(const model::Plan& plan, model::StepIndex step, const std::string& metric) {
  std::int64_t longest = -1;
  const model::Step& each = plan.steps[step];
  const bool watches = each.verb == "watch";
  const auto watched = [&]() -> std::int64_t {
    if (!watches) return 0;
    const model::Schedule time = schedule_step(plan, step);
    return time.unestimated.empty() ? time.high_ms : -1;
  };
  const std::vector<std::string> named =
      watches ? each.args.strings("metrics") : std::vector<std::string>{};
  if (contains(named, metric)) longest = watched();
  for (const model::Check& check : each.verify) {
    if (check.type != model::Check::Type::metric || check.args.text("metric") != metric) continue;
    const auto window = model::parse_duration(check.args.text("for"));
    longest = std::max({longest, watched(), window && !window->unknown ? window->high_ms : 0});
  }
  return longest;
}

/// The first and the last step of the deploy that change a version, a schema, data, routing or a
/// setting, or let users in: looks before the last say nothing of it, and before the first there is
/// nothing to roll back.
struct Changes {
  model::StepIndex first = 0;
  model::StepIndex last = 0;
};

Changes changes_of(const Facts& facts) {
  std::vector<model::StepIndex> steps;
  for (const Replayed& replayed : facts.deploy.steps) {
    if (is_weighty(facts, replayed) || is_switch_of_traffic(facts, replayed))
      steps.push_back(replayed.step);
  }
  return steps.empty() ? Changes{} : Changes{steps.front(), steps.back()};
}

model::Finding finding_of(const model::Plan& plan, const model::Condition& trigger,
                          const Look& look, bool too_early, model::StepIndex change) {
  model::Finding finding = about_step(
      plan, look.step, model::Severity::warning,
      too_early ? fmt::format("'{}' looks at '{}' before '{}', and nothing looks at it afterwards: "
                              "the deploy is over before anything can trigger",
                              plan.steps[look.step].id, trigger.name, plan.steps[change].id)
                : fmt::format("'{}' looks at '{}' for {}, and the trigger needs {} of it: the "
                              "deploy is over before anything can trigger",
                              plan.steps[look.step].id, trigger.name, model::format_ms(look.ms),
                              model::to_string(*trigger.hold)));
  finding.related.push_back({trigger.span, "the trigger"});
  finding.fix = too_early
                    ? "watch behind the last change, at least as long as the trigger must hold"
                    : "watch at least as long as the trigger must hold";
  return finding;
}

/// Watches between the first and the last change of the deploy that end before the trigger can
/// fire, and what they let go on.
void check_between(const model::Plan& plan, const model::Condition& trigger, const Changes& changes,
                   std::map<model::StepIndex, model::Finding>& found) {
  for (model::StepIndex step = changes.first; step < changes.last; ++step) {
    if (plan.steps[step].verb != "watch") continue;
    const std::int64_t ms = look_ms(plan, step, trigger.name);
    if (ms < 0 || ms >= trigger.hold->low_ms) continue;
    model::Finding finding =
        about_step(plan, step, model::Severity::warning,
                   fmt::format("'{}' looks at '{}' for {}, and the trigger needs {} of it: the "
                               "deploy goes on before anything can trigger",
                               plan.steps[step].id, trigger.name, model::format_ms(ms),
                               model::to_string(*trigger.hold)));
    finding.related.push_back({trigger.span, "the trigger"});
    finding.fix = "watch at least as long as the trigger must hold";
    found.emplace(step, std::move(finding));
  }
}

/// Paths that call themselves done before the trigger could fire again.
void check_paths(const model::Plan& plan, const model::Condition& trigger,
                 std::map<model::StepIndex, model::Finding>& found) {
  for (const model::RollbackPath& path : plan.paths) {
    Look longest;
    for (const model::StepIndex step : path.steps) {
      const std::int64_t ms = look_ms(plan, step, trigger.name);
      if (ms >= 0 && (longest.step == model::kNone || ms > longest.ms)) longest = {ms, step};
    }
    if (longest.step == model::kNone || longest.ms >= trigger.hold->low_ms) continue;
    model::Finding finding = about_step(
        plan, longest.step, model::Severity::warning,
        fmt::format("'{}' looks at '{}' {}, and the trigger needs {} of it: the rollback is called "
                    "done before anything could tell",
                    plan.steps[longest.step].id, trigger.name,
                    longest.ms == 0 ? std::string("once") : "for " + model::format_ms(longest.ms),
                    model::to_string(*trigger.hold)));
    finding.related.push_back({trigger.span, "the trigger"});
    finding.fix = "look at least as long as the trigger must hold (`for`)";
    found.emplace(longest.step, std::move(finding));
  }
}

}  // namespace

std::vector<model::Finding> check_watch_too_short(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::map<model::StepIndex, model::Finding> found;
  const Changes changes = changes_of(facts);
  for (const model::DecisionRule& rule : plan.decisions.rules) {
    if (!model::rolls_back(rule.decide)) continue;
    for (const model::Condition* leaf : leaves(rule.when)) {
      if (leaf->type != model::Condition::Type::metric || (leaf->hold && leaf->hold->unknown))
        continue;
      if (leaf->hold) check_between(plan, *leaf, changes, found);
      if (leaf->hold) check_paths(plan, *leaf, found);
      Look longest;
      Look early;
      for (model::StepIndex step = 0; step < plan.deploy_count; ++step) {
        const std::int64_t ms = look_ms(plan, step, leaf->name);
        Look& look = step < changes.last ? early : longest;
        if (ms >= 0 && (look.step == model::kNone || ms > look.ms)) look = {ms, step};
      }
      const bool too_early = longest.step == model::kNone;
      const Look& look = too_early ? early : longest;
      if (look.step == model::kNone || found.contains(look.step) ||
          (!too_early && (!leaf->hold || look.ms >= leaf->hold->low_ms)))
        continue;
      found.emplace(look.step, finding_of(plan, *leaf, look, too_early, changes.last));
    }
  }
  std::vector<model::Finding> findings;
  for (auto& [step, finding] : found) findings.push_back(std::move(finding));
  return findings;
}

}  // namespace backout::analyzer
