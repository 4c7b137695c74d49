// Workflow commands of GitHub Actions: one annotation per finding.
// Source: "Workflow commands for GitHub Actions", escaping of data and properties.
#include <ostream>

#include <fmt/ostream.h>

#include "model/printable.hpp"
#include "reports/common.hpp"
#include "reports/findings.hpp"
#include "reports/migrations/migrations_report.hpp"
#include "reports/report.hpp"
#include "reports/screen.hpp"

namespace backout::reports {

namespace {

/// Line breaks stay in what a command says; whatever else cannot be seen is shown.
std::string escape(std::string_view text, bool property) {
  std::string escaped;
  for (const char c : model::screened(text)) {
    switch (c) {
      case '%':
        escaped += "%25";
        break;
      case '\n':
        escaped += "%0A";
        break;
      case ':':
        escaped += property ? "%3A" : ":";
        break;
      case ',':
        escaped += property ? "%2C" : ",";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

const char* command(model::Severity severity) {
  return severity == model::Severity::note ? "notice" : to_string(severity);
}

void write_commands(const std::vector<LocatedFindings>& all, std::ostream& out) {
  for (const LocatedFindings& located : all) {
    for (const model::Finding& finding : located.findings) {
      const model::Place place = located.sources->place(finding.span);
      const std::string message =
          finding.fix.empty() ? finding.message : finding.message + "\nfix: " + finding.fix;
      write_own(out, "::");
      fmt::print(out, "{} file={},line={},endLine={},col={},endColumn={},title={}::{}\n",
                 command(finding.severity), escape(place.file, true), place.line, place.end_line,
                 place.column, place.end_column, escape("backout " + finding.rule, true),
                 escape(message, false));
    }
  }
}

}  // namespace

void write_github(const std::vector<PlanReport>& reports, const Style&, std::ostream& out) {
  write_commands(findings_of(reports), out);
}

void write_migrations_github(const MigrationsReport& report, const Style&, std::ostream& out) {
  write_commands(findings_of(report), out);
}

}  // namespace backout::reports
