// reviewdog's rdjson: one JSON object with all diagnostics. Source: reviewdog, proto/rdf/reviewdog.proto.
#include <algorithm>
#include <ostream>

#include <nlohmann/json.hpp>

#include "reports/common.hpp"
#include "reports/report.hpp"

namespace backout::reports {

using Json = nlohmann::ordered_json;

namespace {

const char* severity_name(model::Severity severity) {
  switch (severity) {
    case model::Severity::note: return "INFO";
    case model::Severity::warning: return "WARNING";
    case model::Severity::error: return "ERROR";
  }
  return "ERROR";
}

/// reviewdog counts columns in bytes of UTF-8, from 1.
std::size_t byte_column(const model::SourceFile& file, std::size_t byte) {
  const std::string& text = file.text();
  const std::size_t at = std::min(byte, text.size());
  const std::size_t line_break = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
  return line_break == std::string::npos ? at + 1 : at - line_break;
}

Json location_json(const model::Sources& sources, const model::Span& span) {
  const model::SourceFile& file = sources[span.file];
  return Json{{"path", path_of(sources, span.file)},
              {"range", {{"start", {{"line", file.line_of(span.begin)}, {"column", byte_column(file, span.begin)}}},
                         {"end", {{"line", file.line_of(span.end)}, {"column", byte_column(file, span.end)}}}}}};
}

Json diagnostic_json(const model::Sources& sources, const model::Finding& finding) {
  Json json{{"message", finding.fix.empty() ? finding.message : finding.message + "\nFix: " + finding.fix},
            {"location", location_json(sources, finding.span)},
            {"severity", severity_name(finding.severity)},
            {"code", {{"value", finding.rule}}}};
  for (const model::RelatedPlace& related : finding.related) {
    json["related_locations"].push_back(
        Json{{"message", related.message}, {"location", location_json(sources, related.span)}});
  }
  return json;
}

}  // namespace

void write_rdjson(const std::vector<PlanReport>& reports, const Style&, std::ostream& out) {
  Json json{{"source", {{"name", "backout"}}}, {"diagnostics", Json::array()}};
  for (const PlanReport& report : reports) {
    for (const model::Finding& finding : report.findings) {
      json["diagnostics"].push_back(diagnostic_json(*report.plan->sources, finding));
    }
  }
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace backout::reports
