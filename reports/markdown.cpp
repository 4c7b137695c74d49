// Markdown for a pull-request comment: the verdict, the matrix, the findings.
#include <algorithm>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ostream.h>

#include "model/render.hpp"
#include "reports/causes.hpp"
#include "reports/common.hpp"
#include "reports/migrations/migrations_report.hpp"
#include "reports/report.hpp"
#include "reports/summary.hpp"
#include "reports/told.hpp"

namespace backout::reports {

namespace {

void write_row(const std::vector<std::string>& cells, std::ostream& out) {
  out << '|';
  for (const std::string& cell : cells) fmt::print(out, " {} |", escape_markdown(cell));
  out << '\n';
}

/// A table, and the blank line that ends it.
void write_table(const std::vector<std::string>& heads,
                 const std::vector<std::vector<std::string>>& rows, std::ostream& out) {
  write_row(heads, out);
  out << '|';
  for (std::size_t i = 0; i < heads.size(); ++i) out << "---|";
  out << '\n';
  for (const std::vector<std::string>& row : rows) write_row(row, out);
  out << '\n';
}

/// The matrix, what its stars mean, the point of no return, and how much was looked at.
void write_matrix(const PlanReport& report, std::ostream& out) {
  const simulator::Matrix& matrix = *report.matrix;
  std::vector<std::string> heads = {"interrupted"};
  heads.insert(heads.end(), matrix.paths.begin(), matrix.paths.end());
  out << '\n';
  write_table(heads, matrix_rows(matrix), out);
  if (const std::string note = star_note(matrix); !note.empty())
    fmt::print(out, "\\* {}\n\n", escape_markdown(note));
  for (const auto& [title, text] : no_return(*report.plan, matrix))
    fmt::print(out, "**{}:** {}\n\n", title, escape_markdown(text));
  fmt::print(out, "{}\n\n", escape_markdown(completeness_words(matrix.completeness)));
}

void write_times(const PlanReport& report, std::ostream& out) {
  std::vector<std::vector<std::string>> rows;
  for (const TimeRow& row : report.times) rows.push_back(time_cells(report, row));
  write_table(time_heads(), rows, out);
}

void write_item(const model::Plan& plan, const model::Finding& finding, const char* indent,
                std::ostream& out) {
  fmt::print(out, "{}- **{}** `{}` {}: {}", indent, to_string(finding.severity), finding.rule,
             escape_markdown(model::render_place(finding.span, *plan.sources)),
             escape_markdown(finding.message));
  if (!finding.fix.empty()) fmt::print(out, " *Fix:* {}", escape_markdown(finding.fix));
  out << '\n';
}

/// Each cause once, the worst first, what follows from it below it.
void write_causes(const PlanReport& report, std::ostream& out) {
  for (const Cause& cause : causes_of(report.findings)) {
    write_item(*report.plan, *cause.finding, "", out);
    for (const model::Finding* effect : cause.consequences)
      write_item(*report.plan, *effect, "  ", out);
  }
}

std::string plain(std::string_view text) { return escape_markdown(valid_utf8(text)); }

/// The counts, what is not honest, the findings.
void write_chain(const JudgedChain& chain, const model::Sources& sources, std::ostream& out) {
  using analyzer::PairVerdict;
  const std::vector<analyzer::PairJudgement>& judgements = chain.judgement.judgements;
  const auto count = [&](PairVerdict verdict) {
    return std::ranges::count(judgements, verdict, &analyzer::PairJudgement::verdict);
  };
  fmt::print(out,
             "### backout migrations: {}\n\n{} judged: {} honest, **{} broken**, {} unknown.\n",
             plain(chain.folder), judgements.size(), count(PairVerdict::honest),
             count(PairVerdict::broken), count(PairVerdict::unknown));
  if (count(PairVerdict::honest) != std::ssize(judgements)) {
    out << "\n| migration | verdict | down runs | schema | data | new rows "
           "|\n|---|---|---|---|---|---|\n";
  }
  for (const analyzer::PairJudgement& each : judgements) {
    if (each.verdict == PairVerdict::honest) continue;
    fmt::print(out, "| {} | {} | {} | {} | {} | {} |\n", plain(each.id), to_string(each.verdict),
               to_string(each.down_runs), to_string(each.schema), to_string(each.data),
               to_string(each.new_rows));
  }
  out << '\n';
  for (const model::Finding& finding : chain.findings) {
    fmt::print(out, "- **{}** `{}` {}: {}\n", to_string(finding.severity), finding.rule,
               plain(model::render_place(finding.span, sources)), plain(finding.message));
  }
}

}  // namespace

void write_markdown(const std::vector<PlanReport>& reports, const Style&, std::ostream& out) {
  for (const PlanReport& report : reports) {
    std::size_t errors = 0;
    for (const model::Finding& finding : report.findings) {
      errors += finding.severity == model::Severity::error ? 1 : 0;
    }
    fmt::print(out, "### backout: {}\n\n{}\n", escape_markdown((*report.plan->sources)[0].name()),
               errors == 0 ? "No error found."
                           : fmt::format("**{} error{}** before this can be rolled back.", errors,
                                         errors == 1 ? "" : "s"));
    if (report.matrix && !report.matrix->cells.empty()) {
      const Summary summary = summarise(report);
      fmt::print(out, "\n{}\n\n**Lost:** {}.\n", escape_markdown(to_sentence(summary)),
                 escape_markdown(summary.lost));
      write_matrix(report, out);
    }
    if (!report.times.empty()) write_times(report, out);
    write_causes(report, out);
    out << '\n';
  }
}

void write_migrations_markdown(const MigrationsReport& report, const Style&, std::ostream& out) {
  for (const JudgedChain& chain : report.chains) {
    write_chain(chain, *report.sources, out);
    out << '\n';
  }
}

}  // namespace backout::reports
