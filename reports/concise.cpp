// A line for each finding, FILE:LINE:COLUMN first: for grep, for a list of errors in an editor.
#include <ostream>

#include <fmt/ostream.h>

#include "model/printable.hpp"
#include "reports/common.hpp"
#include "reports/findings.hpp"
#include "reports/migrations/migrations_report.hpp"
#include "reports/report.hpp"

namespace backout::reports {

namespace {

void write_lines(const std::vector<LocatedFindings>& all, std::ostream& out) {
  for (const LocatedFindings& located : all) {
    for (const model::Finding& finding : located.findings) {
      const model::Place place = located.sources->place(finding.span);
      fmt::print(out, "{}:{}:{}: {}[{}] {}\n", model::printable(place.file), place.line,
                 place.column, to_string(finding.severity), finding.rule,
                 model::printable(finding.message));
    }
  }
}

}  // namespace

void write_concise(const std::vector<PlanReport>& reports, const Style&, std::ostream& out) {
  write_lines(findings_of(reports), out);
}

void write_migrations_concise(const MigrationsReport& report, const Style&, std::ostream& out) {
  write_lines(findings_of(report), out);
}

}  // namespace backout::reports
