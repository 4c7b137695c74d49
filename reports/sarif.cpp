// SARIF 2.1.0, for code scanning. At most 25,000 results a run, which is what GitHub takes.
#include <algorithm>
#include <map>
#include <ostream>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analyzer/rule.hpp"
#include "reports/common.hpp"
#include "reports/report.hpp"

namespace backout::reports {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t kMostResults = 25'000;

/// A path as a URI reference: everything but unreserved characters and slashes is percent-encoded.
std::string uri_of(std::string_view path) {
  std::string uri;
  for (const unsigned char byte : path) {
    const bool plain = std::isalnum(byte) != 0 || std::string_view("-._~/").find(static_cast<char>(byte)) !=
                                                      std::string_view::npos;
    uri += plain ? std::string(1, static_cast<char>(byte)) : fmt::format("%{:02X}", byte);
  }
  return uri;
}

Json physical_location(const model::Sources& sources, const model::Span& span) {
  const model::Place place = sources.place(span);
  return Json{{"artifactLocation", {{"uri", uri_of(path_of(sources, span.file))}}},
              {"region", {{"startLine", place.line}, {"startColumn", place.column},
                          {"endLine", place.end_line}, {"endColumn", place.end_column}}}};
}

Json location_with_message(const model::Sources& sources, const model::Span& span, const std::string& message) {
  return Json{{"physicalLocation", physical_location(sources, span)}, {"message", {{"text", message}}}};
}

const char* level_of(model::Severity severity) { return to_string(severity); }

/// The counterexample of the first bad cell whose trace names the finding's step, as a code flow.
Json code_flows(const PlanReport& report, const model::Finding& finding) {
  if (!report.matrix || !finding.rule.starts_with("matrix-") || finding.step.empty()) return nullptr;
  const model::Plan& plan = *report.plan;
  for (const simulator::Cell& cell : report.matrix->cells) {
    const bool names_step = std::ranges::any_of(cell.counterexample, [&](const simulator::TraceLine& line) {
      return line.step == finding.step;
    });
    if (!names_step) continue;
    Json locations = Json::array();
    for (const simulator::TraceLine& line : cell.counterexample) {
      const model::StepIndex step = plan.find_step(line.step);
      const model::Span span = step == model::kNone ? finding.span : plan.steps[step].id_span;
      const std::string text = fmt::format("{}: {} {}", to_string(line.actor), line.step, line.text);
      locations.push_back(Json{{"location", location_with_message(*plan.sources, span, text)}});
    }
    return Json::array({Json{{"threadFlows", Json::array({Json{{"locations", std::move(locations)}}})}}});
  }
  return nullptr;
}

Json result_json(const PlanReport& report, const model::Finding& finding, std::size_t occurrence) {
  const model::Plan& plan = *report.plan;
  Json result{{"ruleId", finding.rule},
              {"level", level_of(finding.severity)},
              {"message", {{"text", finding.fix.empty() ? finding.message
                                                        : finding.message + " Fix: " + finding.fix}}},
              {"locations", Json::array({Json{{"physicalLocation",
                                               physical_location(*plan.sources, finding.span)}}})},
              {"partialFingerprints", {{"backout/v1", fingerprint(plan, finding, occurrence)}}}};
  if (!finding.related.empty()) {
    result["relatedLocations"] = Json::array();
    for (const model::RelatedPlace& related : finding.related) {
      result["relatedLocations"].push_back(location_with_message(*plan.sources, related.span, related.message));
    }
  }
  if (Json flows = code_flows(report, finding); !flows.is_null()) result["codeFlows"] = std::move(flows);
  return result;
}

Json rules_json(const std::vector<PlanReport>& reports) {
  std::set<std::string> used;
  for (const PlanReport& report : reports) {
    for (const model::Finding& finding : report.findings) used.insert(finding.rule);
  }
  Json rules = Json::array();
  for (const std::string& id : used) {
    Json rule{{"id", id}};
    if (const analyzer::Rule* known = analyzer::find_rule(id)) {
      rule["shortDescription"] = {{"text", known->summary}};
      rule["defaultConfiguration"] = {{"level", level_of(known->severity)}};
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

/// Says that the log does not hold everything.
Json left_out_json(std::size_t count) {
  const std::string text = fmt::format("{} more results were left out: a log holds at most {}", count, kMostResults);
  const Json notification{{"level", "warning"}, {"message", {{"text", text}}}};
  return Json{{"executionSuccessful", true}, {"toolExecutionNotifications", Json::array({notification})}};
}

}  // namespace

void write_sarif(const std::vector<PlanReport>& reports, const Style&, std::ostream& out) {
  Json results = Json::array();
  std::size_t left_out = 0;
  std::map<std::string, std::size_t> seen;
  for (const PlanReport& report : reports) {
    for (const model::Finding& finding : report.findings) {
      if (results.size() == kMostResults) {
        ++left_out;
        continue;
      }
      const std::size_t occurrence = seen[fingerprint(*report.plan, finding, 0)]++;
      results.push_back(result_json(report, finding, occurrence));
    }
  }
  Json run{{"tool", {{"driver", {{"name", "backout"},
                                 {"version", tool_version()},
                                 {"rules", rules_json(reports)}}}}},
           {"columnKind", "unicodeCodePoints"},
           {"results", std::move(results)}};
  if (left_out > 0) run["invocations"] = Json::array({left_out_json(left_out)});
  const Json log{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                 {"version", "2.1.0"},
                 {"runs", Json::array({std::move(run)})}};
  out << log.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace backout::reports
