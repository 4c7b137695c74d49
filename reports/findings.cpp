#include "reports/findings.hpp"

#include "reports/common.hpp"
#include "reports/migrations/migrations_report.hpp"
#include "reports/report.hpp"

namespace backout::reports {

std::vector<LocatedFindings> findings_of(const std::vector<PlanReport>& reports) {
  std::vector<LocatedFindings> all;
  for (const PlanReport& report : reports)
    all.push_back({report.plan->sources.get(), report.findings, report.plan});
  return all;
}

std::vector<LocatedFindings> findings_of(const MigrationsReport& report) {
  std::vector<LocatedFindings> all;
  for (const JudgedChain& chain : report.chains) all.push_back({report.sources, chain.findings});
  return all;
}

std::string Fingerprints::next(const model::Sources& sources, const model::Finding& finding) {
  const std::size_t occurrence = seen_[fingerprint(sources, finding, 0)]++;
  return fingerprint(sources, finding, occurrence);
}

}  // namespace backout::reports
