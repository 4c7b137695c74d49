// Markdown for a pull-request comment: the verdict, the matrix, the findings.
#include <ostream>

#include <fmt/format.h>
#include <fmt/ostream.h>

#include "model/render.hpp"
#include "reports/common.hpp"
#include "reports/report.hpp"

namespace backout::reports {

namespace {

/// Text for a table cell or a line: nothing in it is markup.
std::string escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\n') {
      escaped += ' ';
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '&') {
      escaped += "&amp;";
    } else {
      if (std::string_view("\\`*_[]|#@!>~").find(c) != std::string_view::npos) escaped += '\\';
      escaped += c;
    }
  }
  return escaped;
}

void write_matrix(const PlanReport& report, std::ostream& out) {
  const simulator::Matrix& matrix = *report.matrix;
  out << "\n| interrupted |";
  for (const std::string& path : matrix.paths) fmt::print(out, " {} |", escape(path));
  out << "\n|---|";
  for (std::size_t i = 0; i < matrix.paths.size(); ++i) out << "---|";
  for (std::size_t i = 0; i < matrix.cells.size(); ++i) {
    const simulator::Cell& cell = matrix.cells[i];
    if (i % matrix.paths.size() == 0) {
      fmt::print(out, "\n| {} |", escape(matrix.interruptions[cell.interruption].label));
    }
    fmt::print(out, " {} |", escape(cell_word(cell)));
  }
  out << "\n\n";
  if (matrix.point_of_no_return) {
    const simulator::PointOfNoReturn& point = *matrix.point_of_no_return;
    fmt::print(out, "**Point of no return:** {}. {}\n\n",
               escape(matrix.interruptions[point.interruption].label), escape(point.reason));
  }
}

void write_times(const PlanReport& report, std::ostream& out) {
  out << "| path | estimate | objective | verdict |\n|---|---|---|---|\n";
  for (const TimeRow& row : report.times) {
    std::string estimate = model::format_range_ms(row.schedule.low_ms, row.schedule.high_ms);
    if (!row.schedule.unestimated.empty()) {
      estimate += fmt::format(" + {} unknown", row.schedule.unestimated.size());
    }
    fmt::print(out, "| {} | {} | {} | {} |\n", escape(report.plan->paths[row.path].name), escape(estimate),
               row.objective ? escape(to_string(row.objective->limit)) : "-", to_string(row.verdict));
  }
  out << '\n';
}

}  // namespace

void write_markdown(const std::vector<PlanReport>& reports, const Style&, std::ostream& out) {
  for (const PlanReport& report : reports) {
    std::size_t errors = 0;
    for (const model::Finding& finding : report.findings) {
      errors += finding.severity == model::Severity::error ? 1 : 0;
    }
    fmt::print(out, "### backout: {}\n\n{}\n", escape((*report.plan->sources)[0].name()),
               errors == 0 ? "No error found."
                           : fmt::format("**{} error{}** before this can be rolled back.", errors,
                                         errors == 1 ? "" : "s"));
    if (report.matrix && !report.matrix->cells.empty()) write_matrix(report, out);
    if (!report.times.empty()) write_times(report, out);
    for (const model::Finding& finding : report.findings) {
      fmt::print(out, "- **{}** `{}` {}: {}\n", to_string(finding.severity), finding.rule,
                 escape(model::render_place(finding.span, *report.plan->sources)), escape(finding.message));
    }
    out << '\n';
  }
}

}  // namespace backout::reports
