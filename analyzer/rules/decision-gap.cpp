#include <fmt/format.h>

#include "analyzer/decision.hpp"
#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

std::vector<model::Finding> check_decision_gap(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const Region& region : gaps(plan.decisions)) {
    model::Finding finding;
    // Between two thresholds the table contradicts itself by silence; an issue without any rule is only unfinished.
    finding.severity = region.unlisted ? model::Severity::warning : model::Severity::error;
    finding.span = region.unlisted ? plan.decisions.span : plan.decisions.rules[region.near_rule].span;
    finding.message = fmt::format("no rule says what to do at {}", region.text);
    finding.fix = "extend a rule to it or add one: `decide: monitor` is a decision too";
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace backout::analyzer
