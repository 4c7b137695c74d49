// JSON lines, for programs that read as they go: a line per finding, then a line per plan. docs/json.md.
#include <map>
#include <ostream>

#include <nlohmann/json.hpp>

#include "reports/common.hpp"
#include "reports/report.hpp"

namespace backout::reports {

using Json = nlohmann::ordered_json;

namespace {

void write_line(const Json& json, std::ostream& out) {
  out << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

Json finding_line(const PlanReport& report, const model::Finding& finding, std::size_t occurrence) {
  const model::Sources& sources = *report.plan->sources;
  const model::Place place = sources.place(finding.span);
  return Json{{"type", "finding"},
              {"plan", sources[0].name()},
              {"rule", finding.rule},
              {"severity", to_string(finding.severity)},
              {"message", finding.message},
              {"file", path_of(sources, finding.span.file)},
              {"line", place.line},
              {"column", place.column},
              {"end_line", place.end_line},
              {"end_column", place.end_column},
              {"step", finding.step.empty() ? Json(nullptr) : Json(finding.step)},
              {"fix", finding.fix.empty() ? Json(nullptr) : Json(finding.fix)},
              {"fingerprint", fingerprint(*report.plan, finding, occurrence)}};
}

Json plan_line(const PlanReport& report) {
  std::size_t counts[3] = {0, 0, 0};
  for (const model::Finding& finding : report.findings) ++counts[static_cast<int>(finding.severity)];
  Json json{{"type", "plan"},        {"plan", (*report.plan->sources)[0].name()},
            {"errors", counts[2]},   {"warnings", counts[1]},
            {"notes", counts[0]},    {"cells", nullptr}};
  if (!report.matrix) return json;
  json["cells"] = Json::object();
  std::map<std::string, std::size_t> cells;
  for (const simulator::Cell& cell : report.matrix->cells) {
    if (cell.applicable) ++cells[simulator::to_string(cell.verdict)];
  }
  for (const auto& [verdict, count] : cells) json["cells"][verdict] = count;
  return json;
}

}  // namespace

void write_jsonl(const std::vector<PlanReport>& reports, const Style&, std::ostream& out) {
  std::map<std::string, std::size_t> seen;
  for (const PlanReport& report : reports) {
    for (const model::Finding& finding : report.findings) {
      const std::size_t occurrence = seen[fingerprint(*report.plan, finding, 0)]++;
      write_line(finding_line(report, finding, occurrence), out);
    }
  }
  for (const PlanReport& report : reports) write_line(plan_line(report), out);
}

}  // namespace backout::reports
