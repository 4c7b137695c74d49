// rdjson, the Reviewdog Diagnostic Format: one DiagnosticResult. Columns count bytes of UTF-8,
// from 1. Source: reviewdog, proto/rdf/reviewdog.proto.
#include <ostream>

#include <nlohmann/json.hpp>

#include "reports/common.hpp"
#include "reports/findings.hpp"
#include "reports/migrations/migrations_report.hpp"
#include "reports/report.hpp"

namespace backout::reports {

using Json = nlohmann::ordered_json;

namespace {

const char* severity_name(model::Severity severity) {
  switch (severity) {
    case model::Severity::note:
      return "INFO";
    case model::Severity::warning:
      return "WARNING";
    case model::Severity::error:
      return "ERROR";
  }
  return "ERROR";
}

Json position(const model::SourceFile& file, std::size_t byte) {
  const std::size_t before = byte == 0 ? std::string::npos : file.text().rfind('\n', byte - 1);
  const std::size_t start = before == std::string::npos ? 0 : before + 1;
  return Json{{"line", file.line_of(byte)}, {"column", byte - start + 1}};
}

Json location(const model::Sources& sources, const model::Span& span) {
  const model::SourceFile& file = sources[span.file];
  return Json{
      {"path", file.name()},
      {"range", {{"start", position(file, span.begin)}, {"end", position(file, span.end)}}}};
}

Json diagnostic(const LocatedFindings& located, const model::Finding& finding) {
  const model::Sources& sources = *located.sources;
  Json json{
      {"message", finding.fix.empty() ? finding.message : finding.message + " Fix: " + finding.fix},
      {"location", location(sources, finding.span)},
      {"severity", severity_name(finding.severity)},
      {"code", {{"value", finding.rule}}}};
  for (const model::RelatedPlace& related : finding.related) {
    json["relatedLocations"].push_back(
        Json{{"message", related.message}, {"location", location(sources, related.span)}});
  }
  // Each suggestion is one of several there: a fix of several edits is none.
  if (finding.edits.size() == 1) {
    const model::Edit& edit = finding.edits.front();
    json["suggestions"] =
        Json::array({Json{{"range", location(sources, edit.span)["range"]}, {"text", edit.text}}});
  }
  return json;
}

void write_diagnostics(const std::vector<LocatedFindings>& all, std::ostream& out) {
  Json diagnostics = Json::array();
  for (const LocatedFindings& located : all) {
    for (const model::Finding& finding : located.findings) {
      diagnostics.push_back(diagnostic(located, finding));
    }
  }
  const Json result{{"source", {{"name", "backout"}}}, {"diagnostics", std::move(diagnostics)}};
  out << result.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace

void write_rdjson(const std::vector<PlanReport>& reports, const Style&, std::ostream& out) {
  write_diagnostics(findings_of(reports), out);
}

void write_migrations_rdjson(const MigrationsReport& report, const Style&, std::ostream& out) {
  write_diagnostics(findings_of(report), out);
}

}  // namespace backout::reports
