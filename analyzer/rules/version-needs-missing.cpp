#include <fmt/format.h>

#include "analyzer/rules/compatibility_findings.hpp"
#include "services/entries.hpp"

namespace backout::analyzer {

namespace {

/// What `holds` says is there before the deploy and a version that serves then does not read: the
/// plan says of its own start that it does not work, and of the rollback that it goes back to that.
void add_unread_at_start(const Facts& facts, std::vector<model::Finding>& findings) {
  const model::Plan& plan = *facts.plan;
  for (const services::LiveOperation& live :
       services::live_operations(facts.context, facts.start)) {
    const model::Operation& operation = *live.operation;
    if (!services::meets_formats(facts.context, operation)) continue;
    const services::Outcome outcome =
        services::run_operation(facts.context, facts.start, live).outcome;
    const model::Node* holds = plan.services[operation.on].fields.find("holds");
    if (outcome.result != services::Outcome::Result::refused || holds == nullptr) continue;
    model::Finding finding;
    finding.severity = model::Severity::error;
    finding.span = holds->span;
    finding.message = fmt::format(
        "before the deploy '{}' of version '{}' of '{}' fails already, and what goes back to it "
        "fails again: {}",
        operation.name, live.version, plan.services[live.app].name, outcome.message);
    finding.related.push_back({operation.span, "the operation"});
    finding.fix =
        "say what is there (`holds`) and what the version reads (`reads`, `takes`); what an "
        "earlier deploy left, convert, flush or let expire before this one";
    findings.push_back(std::move(finding));
  }
}

}  // namespace

std::vector<model::Finding> check_version_needs_missing(const Facts& facts) {
  std::vector<model::Finding> findings = compatibility_findings(
      facts, {model::Operation::Type::require, model::Operation::Type::flag},
      "give the version what it needs before it serves, and take it away only after it is gone");
  add_unread_at_start(facts, findings);
  return findings;
}

}  // namespace backout::analyzer
