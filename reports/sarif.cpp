// SARIF 2.1.0, for code scanning. At most 25,000 results a run, which is what GitHub takes.
#include <algorithm>
#include <ostream>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/common.hpp"
#include "reports/findings.hpp"
#include "reports/migrations/migrations_report.hpp"
#include "reports/report.hpp"
#include "reports/rules.hpp"

namespace backout::reports {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t kMostResults = 25'000;

Json region(const model::Place& place) {
  return Json{{"startLine", place.line},
              {"startColumn", place.column},
              {"endLine", place.end_line},
              {"endColumn", place.end_column}};
}

Json physical_location(const model::Sources& sources, const model::Span& span) {
  const model::Place place = sources.place(span);
  return Json{{"artifactLocation", {{"uri", uri_of(place.file)}}}, {"region", region(place)}};
}

Json location_with_message(const model::Sources& sources, const model::Span& span,
                           const std::string& message) {
  return Json{{"physicalLocation", physical_location(sources, span)},
              {"message", {{"text", message}}}};
}

const char* level_of(model::Severity severity) { return to_string(severity); }

/// The counterexample of the first bad cell whose trace names the finding's step, as a code flow.
Json code_flows(const PlanReport& report, const model::Finding& finding) {
  if (!report.matrix || !finding.rule.starts_with("matrix-") || finding.step.empty())
    return nullptr;
  const model::Plan& plan = *report.plan;
  for (const simulator::Cell& cell : report.matrix->cells) {
    const bool names_step = std::ranges::any_of(
        cell.counterexample,
        [&](const simulator::TraceLine& line) { return line.step == finding.step; });
    if (!names_step) continue;
    Json locations = Json::array();
    for (const simulator::TraceLine& line : cell.counterexample) {
      const model::StepIndex step = plan.find_step(line.step);
      const model::Span span = step == model::kNone ? finding.span : plan.steps[step].id_span;
      const std::string text =
          fmt::format("{}: {} {}", to_string(line.actor), line.step, line.text);
      locations.push_back(Json{{"location", location_with_message(*plan.sources, span, text)}});
    }
    return Json::array(
        {Json{{"threadFlows", Json::array({Json{{"locations", std::move(locations)}}})}}});
  }
  return nullptr;
}

Json fixes(const model::Sources& sources, const model::Finding& finding) {
  Json replacements = Json::array();
  for (const model::Edit& edit : finding.edits) {
    replacements.push_back(Json{{"deletedRegion", region(sources.place(edit.span))},
                                {"insertedContent", {{"text", edit.text}}}});
  }
  const std::string& file = sources[finding.edits.front().span.file].name();
  const Json change{{"artifactLocation", {{"uri", uri_of(file)}}},
                    {"replacements", std::move(replacements)}};
  return Json::array(
      {Json{{"description", {{"text", finding.fix}}}, {"artifactChanges", Json::array({change})}}});
}

Json result_json(const model::Sources& sources, const model::Finding& finding,
                 Fingerprints& fingerprints) {
  Json result{{"ruleId", finding.rule},
              {"level", level_of(finding.severity)},
              {"message",
               {{"text", finding.fix.empty() ? finding.message
                                             : finding.message + " Fix: " + finding.fix}}},
              {"locations",
               Json::array({Json{{"physicalLocation", physical_location(sources, finding.span)}}})},
              {"partialFingerprints", {{"backout/v1", fingerprints.next(sources, finding)}}}};
  for (const model::RelatedPlace& related : finding.related) {
    result["relatedLocations"].push_back(
        location_with_message(sources, related.span, related.message));
  }
  return result;
}

Json rule_json(const std::string& id) {
  Json rule{{"id", id}};
  const RuleEntry* known = find_rule_entry(id);
  if (known == nullptr) return rule;
  rule["shortDescription"] = {{"text", known->summary}};
  if (const std::string uri = help_uri(id); !uri.empty()) rule["helpUri"] = uri;
  if (const auto page = rule_pages().find(id); page != rule_pages().end())
    rule["help"] = {{"text", page->second}, {"markdown", page->second}};
  rule["defaultConfiguration"] = {{"level", level_of(known->severity)}};
  rule["properties"] = {{"tags", known->families}};
  return rule;
}

/// A run in the making: results up to the limit, the rules that they name.
class Run {
 public:
  /// Adds a result; nullptr once the limit is reached.
  Json* add(const model::Sources& sources, const model::Finding& finding) {
    if (results_.size() == kMostResults) {
      ++left_out_;
      return nullptr;
    }
    rules_.insert(finding.rule);
    results_.push_back(result_json(sources, finding, fingerprints_));
    return &results_.back();
  }

  void write(std::ostream& out) && {
    Json rules = Json::array();
    for (const std::string& id : rules_) rules.push_back(rule_json(id));
    Json run{{"tool",
              {{"driver",
                {{"name", "backout"}, {"version", tool_version()}, {"rules", std::move(rules)}}}}},
             {"columnKind", "unicodeCodePoints"},
             {"results", std::move(results_)}};
    if (left_out_ > 0) run["invocations"] = Json::array({limit_reached()});
    const Json log{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                   {"version", "2.1.0"},
                   {"runs", Json::array({std::move(run)})}};
    out << log.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
  }

 private:
  Json limit_reached() const {
    const std::string text = fmt::format(
        "{} results are left out: a run holds at most {}. Check fewer files at once, "
        "or read --format json.",
        left_out_, kMostResults);
    const Json notification{{"level", "warning"},
                            {"message", {{"text", text}}},
                            {"descriptor", {{"id", "results-left-out"}}}};
    return Json{{"executionSuccessful", true},
                {"toolExecutionNotifications", Json::array({notification})}};
  }

  Json results_ = Json::array();
  std::set<std::string> rules_;
  Fingerprints fingerprints_;
  std::size_t left_out_ = 0;
};

}  // namespace

void write_sarif(const std::vector<PlanReport>& reports, const Style&, std::ostream& out) {
  Run run;
  for (const PlanReport& report : reports) {
    for (const model::Finding& finding : report.findings) {
      Json* result = run.add(*report.plan->sources, finding);
      if (result == nullptr) continue;
      if (Json flows = code_flows(report, finding); !flows.is_null())
        (*result)["codeFlows"] = std::move(flows);
      if (!finding.edits.empty()) (*result)["fixes"] = fixes(*report.plan->sources, finding);
    }
  }
  std::move(run).write(out);
}

void write_migrations_sarif(const MigrationsReport& report, const Style&, std::ostream& out) {
  Run run;
  for (const LocatedFindings& located : findings_of(report)) {
    for (const model::Finding& finding : located.findings) run.add(*located.sources, finding);
  }
  std::move(run).write(out);
}

}  // namespace backout::reports
