#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

namespace {

/// Names of baselines that some step of the deploy records, as facts of the world after it say.
bool recorded(const Facts& facts, const std::string& name) {
  for (const Replayed& replayed : facts.deploy.steps) {
    for (const auto& [service, state] : replayed.outcome.changes) {
      for (const services::Fact& fact :
           facts.context.kind(service).facts(facts.context, service, *state)) {
        if (fact.path == "baselines." + name ||
            (name.empty() && fact.path.starts_with("baselines.")))
          return true;
      }
    }
  }
  return false;
}

}  // namespace

std::vector<model::Finding> check_baseline_missing(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  const auto look = [&](const model::Check& check, const std::string& step,
                        const std::string& what) {
    const bool compares = check.args.has("baseline") ||
                          (check.type == model::Check::Type::rows && check.args.has("within"));
    if (!compares) return;
    const std::string name = check.args.text_or("baseline", "baseline");
    if (recorded(facts, name == "true" ? "" : name)) return;
    model::Finding finding;
    finding.severity = model::Severity::error;
    finding.span = check.span;
    finding.step = step;
    finding.message = fmt::format(
        "{} compares with the baseline '{}', which no step of the deploy records", what, name);
    finding.fix = "record it in the deploy before anything changes";
    findings.push_back(std::move(finding));
  };
  for (const model::Step& each : plan.steps) {
    for (const model::Check& check : each.verify)
      look(check, each.id, fmt::format("the verify of '{}'", each.id));
    for (const model::Check& check : each.precheck)
      look(check, each.id, fmt::format("the precheck of '{}'", each.id));
  }
  for (const model::Invariant& invariant : plan.invariants)
    look(invariant.check, "", fmt::format("invariant '{}'", invariant.name));
  return findings;
}

}  // namespace backout::analyzer
