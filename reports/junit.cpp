// JUnit XML: one suite per plan; one case per rule that found something and one per rollback path of the matrix.
#include <map>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ostream.h>

#include "reports/common.hpp"
#include "reports/report.hpp"

namespace backout::reports {

namespace {

/// XML text or attribute value; characters that XML 1.0 forbids become U+FFFD.
std::string escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\n': escaped += "&#10;"; break;
      case '\t': escaped += "&#9;"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) escaped += "\xEF\xBF\xBD";
        else escaped += c;
    }
  }
  return escaped;
}

struct Case {
  std::string name;
  std::string failure;  ///< empty: it passed
  std::string kind;
};

std::vector<Case> cases_of(const PlanReport& report) {
  std::vector<Case> cases;
  for (const model::Finding& finding : report.findings) {
    const model::Sources& sources = *report.plan->sources;
    const model::Place place = sources.place(finding.span);
    const std::string where = fmt::format("{}:{}:{}", path_of(sources, finding.span.file), place.line, place.column);
    const bool fails = finding.severity == model::Severity::error;
    cases.push_back({fmt::format("{} at {}", finding.rule, where), fails ? finding.message : "", finding.rule});
  }
  if (!report.matrix) return cases;
  for (const simulator::Cell& cell : report.matrix->cells) {
    if (!cell.applicable) continue;
    const bool works = cell.verdict >= simulator::Verdict::restored_with_residue;
    cases.push_back({fmt::format("roll back by '{}' {}", report.matrix->paths[cell.path],
                                 report.matrix->interruptions[cell.interruption].label),
                     works ? "" : fmt::format("{}: {}", cell_word(cell), cell.reason), "matrix"});
  }
  return cases;
}

}  // namespace

void write_junit(const std::vector<PlanReport>& reports, const Style&, std::ostream& out) {
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"backout\">\n";
  for (const PlanReport& report : reports) {
    const std::vector<Case> cases = cases_of(report);
    std::size_t failures = 0;
    for (const Case& each : cases) failures += each.failure.empty() ? 0 : 1;
    const std::string suite = escape((*report.plan->sources)[0].name());
    fmt::print(out, "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\">\n", suite,
               cases.size(), failures);
    for (const Case& each : cases) {
      fmt::print(out, "    <testcase classname=\"{}\" name=\"{}\"", suite, escape(each.name));
      if (each.failure.empty()) {
        out << "/>\n";
      } else {
        fmt::print(out, ">\n      <failure type=\"{}\" message=\"{}\"/>\n    </testcase>\n", escape(each.kind),
                   escape(each.failure));
      }
    }
    out << "  </testsuite>\n";
  }
  out << "</testsuites>\n";
}

}  // namespace backout::reports
