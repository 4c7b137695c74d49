#include <fmt/format.h>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

std::vector<model::Finding> check_backup_shares_fate(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  const auto check = [&](const std::string& backup, model::ServiceIndex of,
                         const std::string& location, const model::Span& span) {
    if (of == model::kNone || location.empty() ||
        location != plan.services[of].fields.text("location"))
      return;
    model::Finding finding;
    finding.severity = model::Severity::warning;
    finding.span = span;
    finding.message =
        fmt::format("backup '{}' lies where '{}' lies ({}): what takes the one takes the other",
                    backup, plan.services[of].name, location);
    finding.fix = "keep a copy in another failure domain: another volume, account or region";
    findings.push_back(std::move(finding));
  };
  for (const model::Backup& backup : plan.backups)
    check(backup.name, backup.of, backup.location, backup.span);
  for (model::StepIndex step = 0; step < plan.steps.size(); ++step) {
    if (facts.traits[step].takes_backup.empty()) continue;
    check(facts.traits[step].takes_backup, plan.steps[step].target,
          plan.steps[step].args.text("location"), plan.steps[step].id_span);
  }
  return findings;
}

}  // namespace backout::analyzer
