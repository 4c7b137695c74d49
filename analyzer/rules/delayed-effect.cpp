#include <fmt/format.h>

#include "analyzer/rules/support.hpp"
#include "model/objective.hpp"

namespace backout::analyzer {

namespace {

/// The resources whose release makes a change on `service` take effect: its own, and those of its readers.
std::vector<std::string> refreshes(const model::Plan& plan, model::ServiceIndex service) {
  std::vector<std::string> all{"stale " + plan.services[service].name};
  for (const std::string& reader : plan.services[service].fields.strings("read_by")) all.push_back("stale configuration of " + reader);
  return all;
}

/// Whether the run waits behind the step until what it changes is seen: the step itself, its checks, or a later watch or wait.
bool waits_for_it(const Facts& facts, const Run& run, std::size_t at, std::int64_t delayed_ms) {
  const model::Plan& plan = *facts.plan;
  const auto length = [](const std::string& text) {
    const auto duration = model::parse_duration(text);
    return duration && !duration->unknown ? duration->low_ms : 0;
  };
  const auto waits = [&](const model::Step& step) {
    std::int64_t all = step.settle && !step.settle->unknown ? step.settle->low_ms : 0;
    if (step.verb == "watch" || step.verb == "wait") all += length(step.args.text("for"));
    std::int64_t longest = 0;
    for (const model::Check& check : step.verify) longest = std::max(longest, length(check.args.text("for")) + length(check.args.text("after")));
    return all + longest;
  };
  return delayed_ms > 0 && std::any_of(run.steps->begin() + static_cast<std::ptrdiff_t>(at), run.steps->end(), [&](const Replayed& later) {
    return waits(plan.steps[later.step]) >= delayed_ms;
  });
}

/// Some keep the old answer for longer than the path may take: its end is not the end.
void check_kept(const Facts& facts, const Run& run, model::StepIndex step, std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  const std::int64_t kept_ms = facts.traits[step].delayed_ms;
  if (run.path == model::kNone || kept_ms == 0 || !facts.traits[step].delayed_effect.empty()) return;
  for (const model::Objective& objective : model::objectives_of(plan, plan.paths[run.path])) {
    if (objective.limit.unknown || kept_ms < objective.limit.high_ms || (objective.phase != "total" && objective.phase != "execute")) continue;
    findings.push_back(about_step(plan, step, model::Severity::error,
                                  fmt::format("'{}' reaches those who asked before only after {}, and the objective ({}) of {} is {}", plan.steps[step].id,
                                              model::format_ms(kept_ms), objective.phase, run.name, model::to_string(objective.limit))));
    findings.back().fix = "shorten how long answers are kept (`ttl`) well before the deploy, or keep both answers working meanwhile";
    return;
  }
}

}  // namespace

std::vector<model::Finding> check_delayed_effect(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const Run& run : runs_of(facts)) {
    for (std::size_t i = 0; i < run.steps->size(); ++i) {
      const model::StepIndex step = (*run.steps)[i].step;
      const services::Traits& traits = facts.traits[step];
      check_kept(facts, run, step, findings);
      if (traits.delayed_effect.empty() || plan.steps[step].target == model::kNone) continue;
      const std::vector<std::string> wanted = refreshes(plan, plan.steps[step].target);
      const bool refreshed = std::any_of(run.steps->begin() + static_cast<std::ptrdiff_t>(i), run.steps->end(), [&](const Replayed& later) {
        return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& each) {
          return contains(facts.traits[later.step].releases, each);
        });
      });
      if (refreshed || waits_for_it(facts, run, i, traits.delayed_ms)) continue;
      findings.push_back(about_step(plan, step, run.path == model::kNone ? model::Severity::warning : model::Severity::error,
                                    fmt::format("what '{}' changes is not seen {}, and no later step of {} sees to that",
                                                plan.steps[step].id, traits.delayed_effect, run.name)));
      findings.back().fix = "clear the cache or restart the readers after it, and check what they see";
    }
  }
  return findings;
}

}  // namespace backout::analyzer
