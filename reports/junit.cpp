// JUnit XML. Of plans: a suite each, a case per finding and per cell of the matrix. Of migrations:
// a suite per folder, a case per migration.
#include <algorithm>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ostream.h>

#include "model/printable.hpp"
#include "model/render.hpp"
#include "reports/common.hpp"
#include "reports/findings.hpp"
#include "reports/migrations/migrations_report.hpp"
#include "reports/report.hpp"

namespace backout::reports {

namespace {

struct Case {
  enum class Outcome { passed, failed, skipped };
  std::string name;
  Outcome outcome = Outcome::passed;
  std::string message;  ///< why it failed or was skipped
  std::string kind;
};

struct Suite {
  std::string name;
  std::vector<Case> cases;

  std::size_t count(Case::Outcome outcome) const {
    return static_cast<std::size_t>(std::ranges::count(cases, outcome, &Case::outcome));
  }
};

void add_findings(const LocatedFindings& located, Suite& suite) {
  for (const model::Finding& finding : located.findings) {
    const std::string where = model::render_place(finding.span, *located.sources);
    const bool fails = finding.severity == model::Severity::error;
    suite.cases.push_back({fmt::format("{} at {}", finding.rule, where),
                           fails ? Case::Outcome::failed : Case::Outcome::passed, finding.message,
                           finding.rule});
  }
}

void add_cells(const simulator::Matrix& matrix, Suite& suite) {
  for (const simulator::Cell& cell : matrix.cells) {
    if (!cell.applicable) continue;
    const bool works = cell.verdict >= simulator::Verdict::restored_with_residue;
    suite.cases.push_back({fmt::format("roll back by '{}' {}", matrix.paths[cell.path],
                                       matrix.interruptions[cell.interruption].label),
                           works ? Case::Outcome::passed : Case::Outcome::failed,
                           fmt::format("{}: {}", cell_word(cell), told_reason(cell)), "matrix"});
  }
}

/// A case per migration: its findings of severity error fail it; one whose verdict is unknown is
/// skipped.
Suite suite_of(const JudgedChain& chain, const model::Sources& sources) {
  Suite suite{chain.folder, {}};
  for (const analyzer::PairJudgement& judgement : chain.judgement.judgements) {
    Case each{judgement.id, Case::Outcome::passed, "", "migration"};
    if (judgement.verdict == analyzer::PairVerdict::unknown) each.outcome = Case::Outcome::skipped;
    for (const model::Finding& finding : chain.findings) {
      if (finding.step != judgement.id) continue;
      if (finding.severity == model::Severity::error) each.outcome = Case::Outcome::failed;
      each.message +=
          fmt::format("{}{}: {}: {}", each.message.empty() ? "" : "\n",
                      model::render_place(finding.span, sources), finding.rule, finding.message);
    }
    suite.cases.push_back(std::move(each));
  }
  return suite;
}

void write_case(const std::string& suite, const Case& each, std::ostream& out) {
  fmt::print(out, "    <testcase classname=\"{}\" name=\"{}\"", escape_markup(suite),
             escape_markup(each.name));
  switch (each.outcome) {
    case Case::Outcome::passed:
      out << "/>\n";
      break;
    case Case::Outcome::failed:
      fmt::print(out, ">\n      <failure type=\"{}\" message=\"{}\"/>\n    </testcase>\n",
                 escape_markup(each.kind), escape_markup(each.message));
      break;
    case Case::Outcome::skipped:
      fmt::print(out, ">\n      <skipped message=\"{}\"/>\n    </testcase>\n",
                 escape_markup(each.message));
      break;
  }
}

void write(const std::vector<Suite>& suites, std::ostream& out) {
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"backout\">\n";
  for (const Suite& suite : suites) {
    fmt::print(
        out, "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n",
        escape_markup(suite.name), suite.cases.size(), suite.count(Case::Outcome::failed),
        suite.count(Case::Outcome::skipped));
    for (const Case& each : suite.cases) write_case(suite.name, each, out);
    out << "  </testsuite>\n";
  }
  out << "</testsuites>\n";
}

}  // namespace

void write_junit(const std::vector<PlanReport>& reports, const Style&, std::ostream& out) {
  std::vector<Suite> suites;
  for (const PlanReport& report : reports) {
    suites.push_back({(*report.plan->sources)[0].name(), {}});
    add_findings({report.plan->sources.get(), report.findings}, suites.back());
    if (report.matrix) add_cells(*report.matrix, suites.back());
  }
  write(suites, out);
}

void write_migrations_junit(const MigrationsReport& report, const Style&, std::ostream& out) {
  std::vector<Suite> suites;
  for (const JudgedChain& chain : report.chains) suites.push_back(suite_of(chain, *report.sources));
  write(suites, out);
}

}  // namespace backout::reports
