#include <algorithm>

#include <fmt/format.h>

#include "analyzer/rules/support.hpp"
#include "model/mention.hpp"
#include "model/situation.hpp"

namespace backout::analyzer {

namespace {

bool speaks_of_data(const std::string& name) {
  return model::mentions(name, {"corrupt*", "data_loss", "data_lost", "lost_data", "lost_rows",
                                "missing_rows", "wrong_data"});
}

/// Whether a step of the path gives data back: a restore, or statements that write.
bool gives_data_back(const Facts& facts, const model::RollbackPath& path) {
  return std::ranges::any_of(path.steps, [&](model::StepIndex step) {
    const services::Traits& traits = facts.traits[step];
    if (!traits.restores_backup.empty()) return true;
    const model::ServiceIndex target = facts.plan->steps[step].target;
    if (target == model::kNone) return false;
    // A store that is written to; what nobody can judge may be just that.
    const bool store = !facts.context.kind(target)
                            .data(facts.context, target, *facts.start.states[target])
                            .empty();
    return store && !traits.read_only && traits.takes_backup.empty();
  });
}

}  // namespace

std::vector<model::Finding> check_decision_restores_nothing(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const model::DecisionRule& rule : plan.decisions.rules) {
    if (!model::rolls_back(rule.decide)) continue;
    const model::PathIndex path = model::path_of(plan, rule);
    if (path == model::kNone || plan.paths[path].steps.empty() ||
        gives_data_back(facts, plan.paths[path]))
      continue;
    for (const model::Condition* leaf : leaves(rule.when)) {
      if (leaf->type != model::Condition::Type::issue || !speaks_of_data(leaf->name)) continue;
      model::Finding finding;
      finding.severity = model::Severity::error;
      finding.span = rule.span;
      finding.message =
          fmt::format("the rule answers '{}' with path '{}', none of whose steps gives data back",
                      leaf->name, plan.paths[path].name);
      finding.related.push_back({plan.paths[path].span, "the path"});
      finding.fix = "name a path that restores the data, after the code that spoiled it is gone";
      findings.push_back(std::move(finding));
      break;
    }
  }
  return findings;
}

}  // namespace backout::analyzer
