// GitLab Code Quality: a JSON array of issues. Source: GitLab docs, "Code Quality report format".
#include <ostream>

#include <nlohmann/json.hpp>

#include "reports/common.hpp"
#include "reports/findings.hpp"
#include "reports/migrations/migrations_report.hpp"
#include "reports/report.hpp"

namespace backout::reports {

namespace {

const char* quality_severity(model::Severity severity) {
  switch (severity) {
    case model::Severity::note:
      return "info";
    case model::Severity::warning:
      return "minor";
    case model::Severity::error:
      return "critical";
  }
  return "critical";
}

void write_issues(const std::vector<LocatedFindings>& all, std::ostream& out) {
  using Json = nlohmann::ordered_json;
  Json issues = Json::array();
  Fingerprints fingerprints;
  for (const LocatedFindings& located : all) {
    for (const model::Finding& finding : located.findings) {
      const model::Place place = located.sources->place(finding.span);
      issues.push_back(Json{
          {"type", "issue"},
          {"check_name", finding.rule},
          {"description", finding.message},
          {"severity", quality_severity(finding.severity)},
          {"fingerprint", fingerprints.next(*located.sources, finding)},
          {"location",
           {{"path", place.file}, {"lines", {{"begin", place.line}, {"end", place.end_line}}}}}});
    }
  }
  out << issues.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace

void write_gitlab(const std::vector<PlanReport>& reports, const Style&, std::ostream& out) {
  write_issues(findings_of(reports), out);
}

void write_migrations_gitlab(const MigrationsReport& report, const Style&, std::ostream& out) {
  write_issues(findings_of(report), out);
}

}  // namespace backout::reports
