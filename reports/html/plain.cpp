#include "reports/html/plain.hpp"

#include <ostream>
#include <string>

#include <fmt/format.h>
#include <fmt/ostream.h>

#include "model/render.hpp"
#include "reports/causes.hpp"
#include "reports/common.hpp"
#include "reports/summary.hpp"

namespace backout::reports {

namespace {

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : valid_utf8(text)) {
    switch (c) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '"': safe += "&quot;"; break;
      default: safe += c;
    }
  }
  return safe;
}

void write_row(const char* cell, const std::vector<std::string>& texts, std::ostream& out) {
  out << "<tr>";
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const char* tag = i == 0 ? "th" : cell;
    fmt::print(out, "<{}>{}</{}>", tag, escaped(texts[i]), tag);
  }
  out << "</tr>\n";
}

void write_matrix(const simulator::Matrix& matrix, std::ostream& out) {
  out << "<h3>Rollback matrix</h3>\n<table>\n";
  std::vector<std::string> row = {"The deploy stops"};
  row.insert(row.end(), matrix.paths.begin(), matrix.paths.end());
  write_row("th", row, out);
  for (std::size_t i = 0; i < matrix.cells.size(); ++i) {
    if (i % matrix.paths.size() == 0) row = {matrix.interruptions[matrix.cells[i].interruption].label};
    row.push_back(cell_word(matrix.cells[i]));
    if (row.size() == matrix.paths.size() + 1) write_row("td", row, out);
  }
  out << "</table>\n";
  if (!matrix.point_of_no_return) return;
  const simulator::PointOfNoReturn& point = *matrix.point_of_no_return;
  fmt::print(out, "<p>Point of no return: {}. {}</p>\n", escaped(matrix.interruptions[point.interruption].label), escaped(point.reason));
}

void write_times(const PlanReport& report, std::ostream& out) {
  out << "<h3>Time</h3>\n<table>\n";
  write_row("th", {"path", "estimate", "P95", "objective", "verdict"}, out);
  for (const TimeRow& row : report.times) {
    const bool known = row.schedule.unestimated.empty();
    const std::optional<std::int64_t> p95 = known ? p95_ms(report, row) : std::nullopt;
    const std::string more = known ? "" : fmt::format(" + {} unknown", row.schedule.unestimated.size());
    write_row("td", {report.plan->paths[row.path].name, model::format_range_ms(row.schedule.low_ms, row.schedule.high_ms) + more,
                     p95 ? model::format_rough_ms(*p95) : "-", row.objective ? to_string(row.objective->limit) : "-", std::string(to_string(row.verdict))},
              out);
  }
  out << "</table>\n";
}

void write_finding(const PlanReport& report, const model::Finding& finding, std::ostream& out) {
  fmt::print(out, "<li><strong>{}</strong> <code>{}</code> <code>{}</code> {}", to_string(finding.severity), escaped(finding.rule),
             escaped(model::render_place(finding.span, *report.plan->sources)), escaped(finding.message));
  if (!finding.fix.empty()) fmt::print(out, " <em>Fix:</em> {}", escaped(finding.fix));
}

void write_findings(const PlanReport& report, std::ostream& out) {
  out << "<h3>Findings</h3>\n";
  if (report.findings.empty()) {
    out << "<p>None.</p>\n";
    return;
  }
  out << "<ul>\n";
  for (const Cause& cause : causes_of(report.findings)) {
    write_finding(report, *cause.finding, out);
    if (!cause.consequences.empty()) out << "\n<ul>\n";
    for (const model::Finding* effect : cause.consequences) {
      write_finding(report, *effect, out);
      out << "</li>\n";
    }
    out << (cause.consequences.empty() ? "</li>\n" : "</ul>\n</li>\n");
  }
  out << "</ul>\n";
}

}  // namespace

void write_plain(const std::vector<PlanReport>& reports, std::ostream& out) {
  for (const PlanReport& report : reports) {
    fmt::print(out, "<h2>{}</h2>\n", escaped((*report.plan->sources)[0].name()));
    if (report.matrix && !report.matrix->cells.empty()) {
      const Summary summary = summarise(report);
      fmt::print(out, "<p>{}</p>\n<p>Lost: {}.</p>\n", escaped(to_sentence(summary)), escaped(summary.lost));
      write_matrix(*report.matrix, out);
    }
    if (!report.times.empty()) write_times(report, out);
    write_findings(report, out);
  }
}

}  // namespace backout::reports
