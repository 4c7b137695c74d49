#include <algorithm>

#include <fmt/format.h>

#include "analyzer/rules/looks.hpp"
#include "model/mention.hpp"
#include "services/traffic.hpp"

namespace backout::analyzer {

namespace {

/// What a message claims of the system; empty: nothing.
std::string claim_of(const model::Step& step) {
  const std::string claim = step.args.text("claim");
  if (claim == "done" || claim == "operational") return claim;
  if (!claim.empty()) return {};
  return std::string(model::mentioned(
      step.args.text("text"), {"operational", "restored", "resolved", "rolled back", "completed",
                               "back to normal", "recovered"}));
}

/// An app that served users before the deploy and that none reaches now: maintenance is on, a
/// balancer sends nobody.
model::ServiceIndex cut_off(const Facts& facts, const services::World& world) {
  for (model::ServiceIndex app = 0; app < facts.plan->services.size(); ++app) {
    if (facts.plan->services[app].versions.empty() ||
        facts.context.kind(app).live_versions(facts.context, facts.start, app).empty())
      continue;
    if (services::blocked(facts.context, facts.start, app).empty() &&
        !services::blocked(facts.context, world, app).empty())
      return app;
  }
  return model::kNone;
}

}  // namespace

std::vector<model::Finding> check_claim_before_check(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const Run& run : runs_of(facts)) {
    Unseen unseen(facts);
    for (const Replayed& replayed : *run.steps) {
      unseen.begin(replayed);
      const model::Step& each = plan.steps[replayed.step];
      const bool sends = !facts.traits[replayed.step].irrevocable.empty();
      const std::string claim = sends ? claim_of(each) : std::string();
      const bool claims =
          run.path != model::kNone && !claim.empty() && !each.args.text("claim").empty();
      const model::ServiceIndex unreached = claims ? cut_off(facts, replayed.before) : model::kNone;
      if (unreached != model::kNone) {
        findings.push_back(
            about_step(plan, replayed.step, model::Severity::error,
                       fmt::format("'{}' says '{}' while no user reaches '{}' ({}): {}", each.id,
                                   claim, plan.services[unreached].name, run.name,
                                   services::blocked(facts.context, replayed.before, unreached))));
        findings.back().fix = "let users in and check, and send the message behind that";
      } else if (!claim.empty() && unseen.last_change() != model::kNone) {
        const model::Step& last = plan.steps[unseen.last_change()];
        findings.push_back(about_step(plan, replayed.step, model::Severity::warning,
                                      fmt::format("'{}' says '{}' before anything was checked "
                                                  "since '{}' ({}): a message cannot be unsent",
                                                  each.id, claim, last.id, run.name)));
        findings.back().related.push_back({last.id_span, "nobody has looked since"});
        findings.back().fix = "check first, and send the message behind the check";
      }
      unseen.end(replayed);
    }
  }
  return findings;
}

}  // namespace backout::analyzer
