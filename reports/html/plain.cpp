#include "reports/html/plain.hpp"

#include <ostream>
#include <string>

#include <fmt/format.h>
#include <fmt/ostream.h>

#include "model/render.hpp"
#include "reports/causes.hpp"
#include "reports/common.hpp"
#include "reports/difference/difference.hpp"
#include "reports/html/page_data.hpp"
#include "reports/summary.hpp"
#include "reports/told.hpp"

namespace backout::reports {

namespace {

void write_html_row(const char* cell, const std::vector<std::string>& texts, std::ostream& out) {
  out << "<tr>";
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const char* tag = i == 0 ? "th" : cell;
    fmt::print(out, "<{}>{}</{}>", tag, escape_markup(texts[i]), tag);
  }
  out << "</tr>\n";
}

void write_html_table(const std::vector<std::string>& heads,
                      const std::vector<std::vector<std::string>>& rows, std::ostream& out) {
  out << "<div class=\"scroll\"><table>\n";
  write_html_row("th", heads, out);
  for (const std::vector<std::string>& row : rows) write_html_row("td", row, out);
  out << "</table></div>\n";
}

/// The matrix, what its stars mean, the point of no return, and how much was looked at.
void write_html_matrix(const PlanReport& report, std::ostream& out) {
  const simulator::Matrix& matrix = *report.matrix;
  std::vector<std::string> heads = {"The deploy stops"};
  heads.insert(heads.end(), matrix.paths.begin(), matrix.paths.end());
  out << "<h3>Rollback matrix</h3>\n";
  write_html_table(heads, matrix_rows(matrix), out);
  if (const std::string note = star_note(matrix); !note.empty())
    fmt::print(out, "<p>* {}</p>\n", escape_markup(note));
  for (const auto& [title, text] : no_return(*report.plan, matrix))
    fmt::print(out, "<p>{}: {}</p>\n", title, escape_markup(text));
  fmt::print(out, "<p>{}</p>\n", escape_markup(completeness_words(matrix.completeness)));
}

void write_html_times(const PlanReport& report, std::ostream& out) {
  std::vector<std::vector<std::string>> rows;
  for (const TimeRow& row : report.times) rows.push_back(time_cells(report, row));
  out << "<h3>Time</h3>\n";
  write_html_table(time_heads(), rows, out);
}

void write_change(const Difference& change, std::ostream& out) {
  const PlanDifference& plan = change.plans.front();
  fmt::print(out, "<h3>Since {}</h3>\n", escape_markup(change.base));
  if (plan.base != PlanDifference::Base::compared) {
    out << (plan.base == PlanDifference::Base::absent
                ? "<p>The plan is new.</p>\n"
                : "<p>Its base version cannot be read.</p>\n");
    return;
  }
  fmt::print(out, "<p>{} new, {} fixed, {} as before.</p>\n<ul>\n", plan.added.size(),
             plan.fixed.size(), plan.unchanged);
  const auto write_findings_of = [&](const char* what, const std::vector<ListedFinding>& findings) {
    for (const ListedFinding& each : findings) {
      fmt::print(out, "<li>{}: <strong>{}</strong> <code>{}</code> {}</li>\n", what,
                 to_string(each.finding.severity), escape_markup(each.finding.rule),
                 escape_markup(each.finding.message));
    }
  };
  write_findings_of("new", plan.added);
  write_findings_of("fixed", plan.fixed);
  for (const CellChange& cell : plan.cells) {
    fmt::print(out, "<li>{}, path {}: {}{}</li>\n", escape_markup(cell.interruption),
               escape_markup(cell.path), cell.before.empty() ? "" : cell.before + ", now ",
               cell.after);
  }
  out << "</ul>\n";
}

void write_finding(const PlanReport& report, const model::Finding& finding, std::ostream& out) {
  fmt::print(out, "<li><strong>{}</strong> <code>{}</code> <code>{}</code> {}",
             to_string(finding.severity), escape_markup(finding.rule),
             escape_markup(model::render_place(finding.span, *report.plan->sources)),
             escape_markup(finding.message));
  if (!finding.fix.empty()) fmt::print(out, " <em>Fix:</em> {}", escape_markup(finding.fix));
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
    fmt::print(out, "<h2>{}</h2>\n", escape_markup((*report.plan->sources)[0].name()));
    if (!report.commit.empty()) fmt::print(out, "<p>{}</p>\n", escape_markup(report.commit));
    if (report.matrix && !report.matrix->cells.empty()) {
      const Summary summary = summarise(report);
      fmt::print(out, "<p>{}</p>\n<p>Lost: {}.</p>\n", escape_markup(to_sentence(summary)),
                 escape_markup(summary.lost));
      write_html_matrix(report, out);
    }
    if (const auto first = first_mends(report); !first.empty()) {
      out << "<h3>What to do first</h3>\n<ol>\n";
      for (const model::Finding* each : first)
        fmt::print(out, "<li><code>{}</code>: {}</li>\n", each->rule, escape_markup(each->fix));
      out << "</ol>\n";
    }
    if (!report.times.empty()) write_html_times(report, out);
    if (report.change) write_change(*report.change, out);
    write_findings(report, out);
  }
}

}  // namespace backout::reports
