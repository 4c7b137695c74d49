// The report for people: the verdict in a sentence, the rollback matrix, the point of no return,
// what to fix first, times. Several files share one list of what to fix and have a line each;
// `--verbose` tells all of each.
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ostream>
#include <sstream>

#include "model/printable.hpp"
#include "reports/common.hpp"
#include "reports/paint.hpp"
#include "reports/report.hpp"
#include "reports/screen.hpp"
#include "reports/summary.hpp"
#include "reports/text/sections.hpp"
#include "reports/told.hpp"

namespace backout::reports {

using simulator::Matrix;

namespace {

/// So many files have a section each; more share one.
constexpr std::size_t kFewFiles = 2;
/// So many files are listed, worst first.
constexpr std::size_t kMostFiles = 20;

/// A sentence with a title, in lines.
void write_titled(const std::string& title, const std::string& text, const Page& page) {
  const std::vector<std::string> lines =
      wrapped(fmt::format("{}{}", title, text), page.style.width);
  for (const std::string& line : lines) {
    const bool titled = &line == &lines.front() && line.starts_with(title);
    fmt::print(page.out, "{}{}\n", titled ? page.paint.bold(title) : "",
               titled ? line.substr(title.size()) : line);
  }
}

void write_no_return(const model::Plan& plan, const Matrix& matrix, const Page& page) {
  for (const auto& [title, text] : no_return(plan, matrix)) write_titled(title, ": " + text, page);
  page.out << '\n';
}

void write_times(const PlanReport& report, const Page& page) {
  if (report.times.empty()) return;
  const auto cells = [](const std::vector<std::string>& texts) {
    TextRow row;
    for (const std::string& text : texts) row.push_back({text});
    return row;
  };
  std::vector<TextRow> table{cells(time_heads())};
  for (const TimeRow& row : report.times) table.push_back(cells(time_cells(report, row)));
  fmt::print(page.out, "{}\n\n", page.paint.bold("Time, from the trigger to the last check"));
  write_table(table, page.paint, page.style.width, page.out);
  page.out << '\n';
}

/// At most so many of what was taken to pass are named.
constexpr std::size_t kMostUnchecked = 3;

void write_unchecked(const std::vector<std::string>& unchecked, const Page& page) {
  if (unchecked.empty()) return;
  const bool all = page.style.verbose || unchecked.size() <= kMostUnchecked;
  const std::vector<std::string> told(unchecked.begin(),
                                      all ? unchecked.end() : unchecked.begin() + kMostUnchecked);
  write_titled("",
               fmt::format("Taken to pass, since only a person or a command can tell: {}{}.",
                           fmt::join(told, "; "),
                           all ? "" : fmt::format("; and {} more", unchecked.size() - told.size())),
               page);
}

void write_completeness(const Matrix& matrix, const Page& page) {
  const simulator::Completeness& done = matrix.completeness;
  write_titled("", completeness_words(done), page);
  std::vector<std::string> faults;
  for (const auto& [kind, count] : done.faults) faults.push_back(fmt::format("{} {}", kind, count));
  if (!faults.empty())
    write_titled("", fmt::format("Faults that fired: {}.", fmt::join(faults, ", ")), page);
  write_unchecked(done.unchecked, page);
  page.out << '\n';
}

/// How many findings of each severity, and how many of them follow from others.
struct Counts {
  std::size_t by_severity[3] = {0, 0, 0};
  std::size_t consequences = 0;

  void add(const PlanReport& report) {
    for (const model::Finding& finding : report.findings) {
      ++by_severity[static_cast<int>(finding.severity)];
      if (finding.because) ++consequences;
    }
  }
  std::string words() const { return count_words(by_severity[2], by_severity[1], by_severity[0]); }
};

void write_counts(const std::string& name, const Counts& counts, const Page& page) {
  const auto& [style, paint, out, message_width] = page;
  const bool errors = counts.by_severity[2] > 0;
  const std::string text = counts.words();
  fmt::print(out, "{}: {}\n", model::printable(name),
             errors                      ? paint.red(text)
             : counts.by_severity[1] > 0 ? paint.yellow(text)
                                         : paint.green(text));
  if (counts.consequences == 0) return;
  fmt::print(out, "  {} of them follow{} from others\n", counts.consequences,
             counts.consequences == 1 ? "s" : "");
}

const std::string& name_of(const PlanReport& report) { return (*report.plan->sources)[0].name(); }

/// All of one file.
void write_report(const PlanReport& report, const Page& page) {
  if (report.matrix && !report.matrix->cells.empty()) {
    for (const std::string& line : wrapped(to_sentence(summarise(report)), page.style.width)) {
      fmt::print(page.out, "{}\n", page.paint.bold(line));
    }
    page.out << '\n';
    write_matrix(*report.matrix, page);
    if (page.style.verbose) write_counterexamples(*report.plan, *report.matrix, page);
  }
  if (report.matrix) write_no_return(*report.plan, *report.matrix, page);
  const LocatedFindings located{report.plan->sources.get(), report.findings, report.plan};
  write_causes(all_causes(std::span(&located, 1)), kMostCauses, page);
  write_times(report, page);
  if (report.matrix) write_completeness(*report.matrix, page);
  Counts counts;
  counts.add(report);
  write_counts(name_of(report), counts, page);
}

/// Whether the plan can be rolled back, for a table; empty for a document.
std::string answer_of(const PlanReport& report) {
  if (!report.matrix || report.matrix->cells.empty()) return "";
  return to_string(summarise(report).answer);
}

/// A line for each file with findings, the worst first; how many have none.
void write_files(const std::vector<PlanReport>& reports, const Page& page) {
  std::vector<std::pair<const PlanReport*, Counts>> found;
  for (const PlanReport& report : reports) {
    if (report.findings.empty()) continue;
    found.emplace_back(&report, Counts{});
    found.back().second.add(report);
  }
  std::ranges::stable_sort(found, [](const auto& a, const auto& b) {
    return std::pair(a.second.by_severity[2], a.second.by_severity[1]) >
           std::pair(b.second.by_severity[2], b.second.by_severity[1]);
  });
  std::vector<TextRow> table{{{"file"}, {"errors"}, {"warnings"}, {"rolled back"}}};
  const std::size_t told = found.size() > kMostFiles + 1 ? kMostFiles : found.size();
  for (const auto& [report, counts] : std::span(found).first(told)) {
    table.push_back({{name_of(*report)},
                     {std::to_string(counts.by_severity[2])},
                     {std::to_string(counts.by_severity[1])},
                     {answer_of(*report)}});
  }
  if (told == 0) table.clear();
  write_table(table, page.paint, page.style.width, page.out);
  if (found.size() > told) {
    fmt::print(page.out, "  and {} with findings, fewer each\n",
               counted(found.size() - told, "file"));
  }
  if (found.size() < reports.size())
    fmt::print(page.out, "  {} without findings\n", counted(reports.size() - found.size(), "file"));
  page.out << '\n';
}

/// What to fix in all files together, and a line for each of them.
void write_together(const std::vector<PlanReport>& reports, const Page& page) {
  write_causes(all_causes(findings_of(reports)), kMostCauses, page);
  write_files(reports, page);
}

}  // namespace

void write_text(const std::vector<PlanReport>& reports, const Style& style,
                std::ostream& terminal) {
  const Paint paint(style);
  std::ostringstream out;
  Page page{style, paint, out};
  if (is_terminal(terminal)) page.message_width = style.width;
  Counts total;
  for (const PlanReport& report : reports) total.add(report);
  if (style.quiet) {
    write_causes(all_causes(findings_of(reports)), kMostCauses, page);
  } else if (style.statistics) {
    write_statistics(findings_of(reports), page);
  } else if (style.verbose || reports.size() <= kFewFiles) {
    for (const PlanReport& report : reports) {
      if (&report != &reports.front()) out << '\n';
      write_report(report, page);
    }
  } else {
    write_together(reports, page);
  }
  if (!style.quiet && (style.statistics || reports.size() > 1)) {
    write_counts(counted(reports.size(), "file"), total, page);
  }
  write_painted(terminal, out.str());
}

}  // namespace backout::reports
