#include <algorithm>

#include <fmt/format.h>

#include "analyzer/rules/balancers.hpp"
#include "analyzer/rules/looks.hpp"

namespace backout::analyzer {

namespace {

/// What follows a step that nobody looked at.
std::string what_follows(const Facts& facts, const Replayed& next) {
  if (is_destructive(facts, next) && !is_refused(next)) return "destroys what could still be had";
  if (is_switch_of_traffic(facts, next)) return "lets users onto it";
  return {};
}

model::Finding finding_of(const Facts& facts, model::StepIndex step,
                          const std::string& consequence) {
  model::Finding finding =
      about_step(*facts.plan, step, model::Severity::warning,
                 fmt::format("nothing checks '{}': {}", facts.plan->steps[step].id, consequence));
  finding.fix = "add a `verify` that can fail, on this step or on a later one before that";
  return finding;
}

/// Whether version-not-verified speaks of the step already.
bool is_said(const Facts& facts, const Run& run, model::StepIndex step) {
  const services::Traits& traits = facts.traits[step];
  return run.path != model::kNone && (traits.changes_version || !traits.triggers.empty());
}

/// Whether the step asks the app, before or after what it does (`before`: only what is asked
/// before).
bool asks(const model::Plan& plan, model::StepIndex step, model::ServiceIndex app, bool before) {
  const model::Step& each = plan.steps[step];
  const auto about = [&](const model::Check& check) { return contains(check.services, app); };
  if (std::ranges::any_of(each.precheck, about)) return true;
  if (before) return false;
  return each.target == app || std::ranges::any_of(each.verify, about) ||
         plan.find_service(each.args.text("of")) == app;
}

/// A side of a balancer that gets its first share of the traffic without an answer of its app.
void check_sides(const Facts& facts, const Run& run, std::size_t at,
                 std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  const Replayed& replayed = (*run.steps)[at];
  const model::Step& each = plan.steps[replayed.step];
  for (const Side& side : sides_of(plan, each.target)) {
    const bool first = weight_of(replayed.before, each.target, side) == 0 &&
                       weight_of(replayed.after, each.target, side) > 0;
    if (!first || can_stop(each.verify) || asks(plan, replayed.step, side.app, true)) continue;
    const bool asked = std::any_of(
        run.steps->begin(), run.steps->begin() + static_cast<std::ptrdiff_t>(at),
        [&](const Replayed& earlier) { return asks(plan, earlier.step, side.app, false); });
    if (asked) continue;
    findings.push_back(
        about_step(plan, replayed.step, model::Severity::warning,
                   fmt::format("nothing asks '{}' before '{}' sends users to it ({})",
                               plan.services[side.app].name, each.id, run.name)));
    findings.back().fix =
        "add a `precheck` that asks the side itself, with the version that it must answer";
  }
}

}  // namespace

std::vector<model::Finding> check_unverified_step(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const Run& run : runs_of(facts)) {
    Unseen unseen(facts);
    model::StepIndex said = model::kNone;
    for (std::size_t i = 0; i < run.steps->size(); ++i) {
      const Replayed& replayed = (*run.steps)[i];
      check_sides(facts, run, i, findings);
      unseen.begin(replayed);
      const std::string follows = what_follows(facts, replayed);
      if (!follows.empty() && !unseen.weighty().empty()) {
        const model::StepIndex step = unseen.weighty().back();
        if (step != said) {
          findings.push_back(finding_of(
              facts, step,
              fmt::format("'{}' then {} ({})", plan.steps[replayed.step].id, follows, run.name)));
          findings.back().related.push_back(
              {plan.steps[replayed.step].id_span, "what follows it unseen"});
        }
        said = step;
      }
      unseen.end(replayed);
    }
    // How a deploy ends is for its watch to see; a path has none.
    if (run.path == model::kNone || unseen.weighty().empty() || unseen.weighty().back() == said ||
        is_said(facts, run, unseen.weighty().back()))
      continue;
    findings.push_back(
        finding_of(facts, unseen.weighty().back(),
                   fmt::format("{} ends behind it, and nobody knows whether it worked", run.name)));
  }
  return findings;
}

}  // namespace backout::analyzer
