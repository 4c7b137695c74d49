// The stable JSON report: docs/json.md.
#include <nlohmann/json.hpp>
#include <ostream>

#include "reports/common.hpp"
#include "reports/json.hpp"

namespace backout::reports {

using Json = nlohmann::ordered_json;
using simulator::Cell;
using simulator::Matrix;

namespace {

Json place_json(const model::Sources& sources, const model::Span& span) {
  const model::Place place = sources.place(span);
  return Json{{"file", place.file},
              {"line", place.line},
              {"column", place.column},
              {"end_line", place.end_line},
              {"end_column", place.end_column}};
}

Json finding_json(const model::Plan& plan, const model::Finding& finding) {
  Json json{{"rule", finding.rule},
            {"severity", to_string(finding.severity)},
            {"message", finding.message}};
  json.update(place_json(*plan.sources, finding.span));
  json["step"] = finding.step.empty() ? Json(nullptr) : Json(finding.step);
  json["related"] = Json::array();
  for (const model::RelatedPlace& related : finding.related) {
    Json item{{"message", related.message}};
    item.update(place_json(*plan.sources, related.span));
    json["related"].push_back(std::move(item));
  }
  json["fix"] = finding.fix.empty() ? Json(nullptr) : Json(finding.fix);
  json["paths"] = finding.paths;
  json["also"] = finding.also;
  json["because"] = nullptr;
  if (finding.because) {
    const model::Place cause = plan.sources->place(finding.because->span);
    json["because"] = {
        {"rule", finding.because->rule},
        {"file", cause.file},
        {"line", cause.line},
        {"column", cause.column},
        {"step", finding.because->step.empty() ? Json(nullptr) : Json(finding.because->step)}};
  }
  return json;
}

Json trace_json(const std::vector<simulator::TraceLine>& trace) {
  if (trace.empty()) return nullptr;
  Json lines = Json::array();
  for (const simulator::TraceLine& line : trace) {
    lines.push_back(Json{{"actor", to_string(line.actor)},
                         {"step", line.step},
                         {"text", line.text},
                         {"changes", line.changes}});
  }
  return lines;
}

Json step_ids(const model::Plan& plan, const std::vector<model::StepIndex>& steps) {
  Json ids = Json::array();
  for (const model::StepIndex step : steps) ids.push_back(plan.steps[step].id);
  return ids;
}

Json nullable(const std::optional<std::int64_t>& value) {
  return value ? Json(*value) : Json(nullptr);
}

/// Percentiles come from campaigns; without one they are null, never invented.
Json time_json(const Cell& cell) {
  return Json{{"min", cell.time_low_ms},
              {"p50", nullable(cell.time_p50_ms)},
              {"p95", nullable(cell.time_p95_ms)},
              {"max", cell.time_unknown ? Json(nullptr) : Json(cell.time_high_ms)}};
}

/// A path's times over all interruptions, from runs without a fault.
Json time_json(const PlanReport& report, const TimeRow& row) {
  const bool unknown = !row.schedule.unestimated.empty();
  Json json{{"min", row.schedule.low_ms},
            {"p50", nullptr},
            {"p90", nullptr},
            {"p95", nullptr},
            {"p99", nullptr},
            {"max", unknown ? Json(nullptr) : Json(row.schedule.high_ms)}};
  if (!report.campaign || unknown) return json;
  const simulator::Histogram& total =
      report.campaign->tally.paths[row.path].plain[simulator::kTotal];
  if (total.count() == 0) return json;
  json["p50"] = total.percentile_ms(500);
  json["p90"] = total.percentile_ms(900);
  json["p95"] = total.percentile_ms(950);
  json["p99"] = total.percentile_ms(990);
  return json;
}

Json cell_json(const model::Plan& plan, const Matrix& matrix, const Cell& cell) {
  return Json{{"interruption", matrix.interruptions[cell.interruption].label},
              {"path", matrix.paths[cell.path]},
              {"applicable", cell.applicable},
              {"verdict", to_string(cell.verdict)},
              {"fault_free", to_string(cell.fault_free)},
              {"reason", told_reason(cell)},
              {"residue", cell.residue},
              {"time_ms", time_json(cell)},
              {"counterexample", trace_json(cell.counterexample)},
              {"working_order",
               cell.working_order.empty() ? Json(nullptr) : step_ids(plan, cell.working_order)}};
}

const char* level_name(simulator::Completeness::Level level) {
  using Level = simulator::Completeness::Level;
  switch (level) {
    case Level::exhaustive:
      return "exhaustive";
    case Level::bounded:
      return "bounded";
    case Level::sampled:
      return "sampled";
  }
  return "bounded";
}

Json completeness_json(const simulator::Completeness& completeness) {
  Json json{{"level", level_name(completeness.level)},
            {"bound", completeness.bound.empty() ? Json(nullptr) : Json(completeness.bound)},
            {"states", completeness.states},
            {"transitions", completeness.transitions},
            {"faults_at_once", completeness.faults_at_once},
            {"traffic_at_once", completeness.traffic_at_once},
            {"operations", completeness.operations},
            {"operations_run", completeness.operations_run},
            {"unchecked", completeness.unchecked},
            {"faults", Json::object()}};
  for (const auto& [kind, count] : completeness.faults) json["faults"][kind] = count;
  return json;
}

Json no_return_json(const model::Plan& plan, const Matrix& matrix) {
  if (!matrix.point_of_no_return) return nullptr;
  const simulator::PointOfNoReturn& point = *matrix.point_of_no_return;
  return Json{
      {"interruption", matrix.interruptions[point.interruption].label},
      {"step", point.step == model::kNone ? Json(nullptr) : Json(plan.steps[point.step].id)},
      {"reason", point.reason},
      {"needs_traffic", point.needs_traffic}};
}

Json times_json(const PlanReport& report) {
  const model::Plan& plan = *report.plan;
  Json rows = Json::array();
  for (const TimeRow& row : report.times) {
    rows.push_back(
        Json{{"path", plan.paths[row.path].name},
             {"time_ms", time_json(report, row)},
             {"objective", row.objective ? Json(to_string(row.objective->limit)) : Json(nullptr)},
             {"verdict", to_string(row.standing)},
             {"critical_path", step_ids(plan, row.schedule.critical_path)},
             {"unestimated", step_ids(plan, row.schedule.unestimated)}});
  }
  return rows;
}

}  // namespace

Json plan_json(const PlanReport& report) {
  const model::Plan& plan = *report.plan;
  Json json{{"plan", (*plan.sources)[0].name()}, {"findings", Json::array()}};
  for (const model::Finding& finding : report.findings) {
    json["findings"].push_back(finding_json(plan, finding));
  }
  json["matrix"] = nullptr;
  json["times"] = times_json(report);
  json["point_of_no_return"] = nullptr;
  json["point_of_no_return_decided"] = nullptr;
  json["completeness"] = nullptr;
  if (report.matrix) {
    json["matrix"] = Json::array();
    for (const Cell& cell : report.matrix->cells) {
      json["matrix"].push_back(cell_json(plan, *report.matrix, cell));
    }
    json["point_of_no_return"] = no_return_json(plan, *report.matrix);
    json["point_of_no_return_decided"] = report.matrix->point_of_no_return_decided;
    json["completeness"] = completeness_json(report.matrix->completeness);
  }
  return json;
}

void write_json(const std::vector<PlanReport>& reports, const Style&, std::ostream& out) {
  Json json{{"backout", tool_version()}};
  if (reports.size() == 1) {
    json.update(plan_json(reports.front()));
  } else {
    json["findings"] = Json::array();
    json["plans"] = Json::array();
    for (const PlanReport& report : reports) {
      Json one = plan_json(report);
      for (const Json& finding : one["findings"]) json["findings"].push_back(finding);
      json["plans"].push_back(std::move(one));
    }
  }
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace backout::reports
