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

namespace backout::reports {

namespace {

void write_matrix(const PlanReport& report, std::ostream& out) {
  const simulator::Matrix& matrix = *report.matrix;
  out << "\n| interrupted |";
  for (const std::string& path : matrix.paths) fmt::print(out, " {} |", escape_markdown(path));
  out << "\n|---|";
  for (std::size_t i = 0; i < matrix.paths.size(); ++i) out << "---|";
  for (std::size_t i = 0; i < matrix.cells.size(); ++i) {
    const simulator::Cell& cell = matrix.cells[i];
    if (i % matrix.paths.size() == 0) {
      fmt::print(out, "\n| {} |", escape_markdown(matrix.interruptions[cell.interruption].label));
    }
    fmt::print(out, " {} |", escape_markdown(cell_word(cell)));
  }
  out << "\n\n";
  if (matrix.point_of_no_return) {
    const simulator::PointOfNoReturn& point = *matrix.point_of_no_return;
    fmt::print(out, "**Point of no return:** {}. {}\n\n",
               escape_markdown(matrix.interruptions[point.interruption].label), escape_markdown(point.reason));
  }
}

void write_times(const PlanReport& report, std::ostream& out) {
  out << "| path | estimate | P95 | objective | verdict |\n|---|---|---|---|---|\n";
  for (const TimeRow& row : report.times) {
    std::string estimate = model::format_range_ms(row.schedule.low_ms, row.schedule.high_ms);
    if (!row.schedule.unestimated.empty()) {
      estimate += fmt::format(" + {} unknown", row.schedule.unestimated.size());
    }
    const std::optional<std::int64_t> p95 = row.schedule.unestimated.empty() ? p95_ms(report, row) : std::nullopt;
    fmt::print(out, "| {} | {} | {} | {} | {} |\n", escape_markdown(report.plan->paths[row.path].name),
               escape_markdown(estimate), p95 ? model::format_rough_ms(*p95) : "-",
               row.objective ? escape_markdown(to_string(row.objective->limit)) : "-", to_string(row.verdict));
  }
  out << '\n';
}

void write_item(const model::Plan& plan, const model::Finding& finding, const char* indent, std::ostream& out) {
  fmt::print(out, "{}- **{}** `{}` {}: {}", indent, to_string(finding.severity), finding.rule,
             escape_markdown(model::render_place(finding.span, *plan.sources)), escape_markdown(finding.message));
  if (!finding.fix.empty()) fmt::print(out, " *Fix:* {}", escape_markdown(finding.fix));
  out << '\n';
}

/// Each cause once, the worst first, what follows from it below it.
void write_causes(const PlanReport& report, std::ostream& out) {
  for (const Cause& cause : causes_of(report.findings)) {
    write_item(*report.plan, *cause.finding, "", out);
    for (const model::Finding* effect : cause.consequences) write_item(*report.plan, *effect, "  ", out);
  }
}

std::string plain(std::string_view text) { return escape_markdown(valid_utf8(text)); }

/// The counts, what is not honest, the findings.
void write_chain(const JudgedChain& chain, const model::Sources& sources, std::ostream& out) {
  using analyzer::Verdict;
  const std::vector<analyzer::Judgement>& judgements = chain.judgement.judgements;
  const auto count = [&](Verdict verdict) { return std::ranges::count(judgements, verdict, &analyzer::Judgement::verdict); };
  fmt::print(out, "### backout migrations: {}\n\n{} judged: {} honest, **{} broken**, {} unknown.\n",
             plain(chain.folder), judgements.size(), count(Verdict::honest), count(Verdict::broken),
             count(Verdict::unknown));
  if (count(Verdict::honest) != std::ssize(judgements)) {
    out << "\n| migration | verdict | down runs | schema | data | new rows |\n|---|---|---|---|---|---|\n";
  }
  for (const analyzer::Judgement& each : judgements) {
    if (each.verdict == Verdict::honest) continue;
    fmt::print(out, "| {} | {} | {} | {} | {} | {} |\n", plain(each.id), to_string(each.verdict),
               to_string(each.down_runs), to_string(each.schema), to_string(each.data), to_string(each.new_rows));
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
      fmt::print(out, "\n{}\n\n**Lost:** {}.\n", escape_markdown(to_sentence(summary)), escape_markdown(summary.lost));
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
