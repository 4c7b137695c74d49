// GitLab Code Quality: a JSON array of issues. Source: GitLab docs, "Code Quality report format".
#include <map>
#include <ostream>
#include <tuple>

#include <nlohmann/json.hpp>

#include "reports/common.hpp"
#include "reports/report.hpp"

namespace backout::reports {

namespace {

const char* quality_severity(model::Severity severity) {
  switch (severity) {
    case model::Severity::note: return "info";
    case model::Severity::warning: return "minor";
    case model::Severity::error: return "critical";
  }
  return "critical";
}

}  // namespace

void write_gitlab(const std::vector<PlanReport>& reports, const Style&, std::ostream& out) {
  using Json = nlohmann::ordered_json;
  Json issues = Json::array();
  std::map<std::string, std::size_t> seen;
  for (const PlanReport& report : reports) {
    for (const model::Finding& finding : report.findings) {
      const model::Place place = report.plan->sources->place(finding.span);
      const std::size_t occurrence = seen[fingerprint(*report.plan, finding, 0)]++;
      issues.push_back(Json{{"type", "issue"},
                            {"check_name", finding.rule},
                            {"description", finding.message},
                            {"severity", quality_severity(finding.severity)},
                            {"fingerprint", fingerprint(*report.plan, finding, occurrence)},
                            {"location", {{"path", path_of(*report.plan->sources, finding.span.file)},
                                          {"lines", {{"begin", place.line}, {"end", place.end_line}}}}}});
    }
  }
  out << issues.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace backout::reports
