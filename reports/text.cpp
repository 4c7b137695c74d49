// The report for people: findings with their lines, the rollback matrix, the point of no return, times.
#include <algorithm>
#include <array>
#include <map>
#include <ostream>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ostream.h>

#include "model/render.hpp"
#include "reports/common.hpp"
#include "reports/report.hpp"

namespace backout::reports {

using simulator::Cell;
using simulator::Matrix;
using simulator::TraceLine;
using simulator::Verdict;

namespace {

/// Wraps text in terminal colours when the style asks for it.
class Paint {
 public:
  explicit Paint(const Style& style) : on_(style.colour) {}
  std::string bold(std::string_view text) const { return wrap("1", text); }
  std::string red(std::string_view text) const { return wrap("1;31", text); }
  std::string yellow(std::string_view text) const { return wrap("1;33", text); }
  std::string green(std::string_view text) const { return wrap("32", text); }
  std::string dim(std::string_view text) const { return wrap("2", text); }

  std::string severity(model::Severity severity, std::string_view text) const {
    if (severity == model::Severity::error) return red(text);
    return severity == model::Severity::warning ? yellow(text) : bold(text);
  }
  std::string verdict(Verdict verdict, std::string_view text) const {
    if (verdict == Verdict::restored || verdict == Verdict::works) return green(text);
    if (verdict == Verdict::restored_with_residue || verdict == Verdict::unknown) return yellow(text);
    return red(text);
  }

 private:
  std::string wrap(std::string_view code, std::string_view text) const {
    return on_ ? fmt::format("\033[{}m{}\033[0m", code, text) : std::string(text);
  }
  bool on_;
};

void write_finding(const model::Plan& plan, const model::Finding& finding, const Paint& paint,
                   std::ostream& out) {
  const model::Sources& sources = *plan.sources;
  const std::string head = fmt::format("{}[{}]", to_string(finding.severity), finding.rule);
  fmt::print(out, "{}: {}\n  --> {}\n{}", paint.severity(finding.severity, head), finding.message,
             model::render_place(finding.span, sources), model::render_carets(finding.span, sources));
  for (const model::RelatedPlace& related : finding.related) {
    fmt::print(out, "  = {}: {}\n", model::render_place(related.span, sources), related.message);
  }
  if (!finding.fix.empty()) fmt::print(out, "  = fix: {}\n", finding.fix);
  out << '\n';
}

/// Rows of the matrix with runs of equal rows folded into one.
struct FoldedRow {
  std::size_t first = 0;
  std::size_t last = 0;
};

std::vector<FoldedRow> fold_rows(const Matrix& matrix, std::size_t paths) {
  const auto same = [&](std::size_t a, std::size_t b) {
    for (std::size_t path = 0; path < paths; ++path) {
      if (cell_word(matrix.cells[a * paths + path]) != cell_word(matrix.cells[b * paths + path])) {
        return false;
      }
    }
    return true;
  };
  std::vector<FoldedRow> rows;
  for (std::size_t i = 0; i < matrix.interruptions.size(); ++i) {
    if (!rows.empty() && same(rows.back().last, i)) {
      rows.back().last = i;
    } else {
      rows.push_back({i, i});
    }
  }
  return rows;
}

std::string label_of(const Matrix& matrix, const FoldedRow& row) {
  const std::string& first = matrix.interruptions[row.first].label;
  if (row.first == row.last) return first;
  return fmt::format("{} .. {}", first, matrix.interruptions[row.last].label);
}

void write_matrix(const Matrix& matrix, const Paint& paint, std::ostream& out) {
  const std::size_t paths = matrix.paths.size();
  const std::vector<FoldedRow> rows = fold_rows(matrix, paths);
  std::size_t first_width = 18;
  for (const FoldedRow& row : rows) first_width = std::max(first_width, label_of(matrix, row).size());
  std::vector<std::size_t> widths;
  for (std::size_t path = 0; path < paths; ++path) {
    std::size_t width = matrix.paths[path].size();
    for (const FoldedRow& row : rows) {
      width = std::max(width, cell_word(matrix.cells[row.first * paths + path]).size());
    }
    widths.push_back(width);
  }
  fmt::print(out, "{}\n\n  {:<{}}", paint.bold("Rollback matrix"), "interrupted", first_width);
  for (std::size_t path = 0; path < paths; ++path) {
    fmt::print(out, "  {:<{}}", matrix.paths[path], widths[path]);
  }
  out << '\n';
  for (const FoldedRow& row : rows) {
    fmt::print(out, "  {:<{}}", label_of(matrix, row), first_width);
    for (std::size_t path = 0; path < paths; ++path) {
      const Cell& cell = matrix.cells[row.first * paths + path];
      const std::string name = cell_word(cell);
      const std::string padding(path + 1 < paths ? widths[path] - name.size() : 0, ' ');
      fmt::print(out, "  {}{}", cell.applicable ? paint.verdict(cell.verdict, name) : name, padding);
    }
    out << '\n';
  }
  const bool starred = std::any_of(matrix.cells.begin(), matrix.cells.end(), [](const Cell& cell) {
    return cell.applicable && cell.verdict != cell.fault_free;
  });
  out << '\n';
  if (starred) out << "  * only when one more thing goes wrong; without a fault the rollback is better than that.\n";
}

/// Deploy steps that got through belong to the scene: one line says them all.
std::size_t write_scene(const std::vector<TraceLine>& trace, std::ostream& out) {
  std::vector<std::string> steps;
  std::size_t at = 0;
  while (at < trace.size() && trace[at].actor == TraceLine::Actor::deploy && trace[at].text == "done") {
    steps.push_back(fmt::format("'{}'", trace[at++].step));
  }
  if (!steps.empty()) fmt::print(out, "     1. {:<12} {} done\n", "deploy", fmt::join(steps, ", "));
  return at;
}

/// Changes without those of parts of something that came or went as a whole, and at most a handful.
std::vector<std::string> told(const std::vector<std::string>& changes) {
  constexpr std::size_t kMost = 8;
  std::vector<std::string> kept;
  std::string whole;
  for (const std::string& change : changes) {
    const std::string path = change.substr(0, change.find(": "));
    if (!whole.empty() && services::overlaps(whole, path) && path.size() > whole.size()) continue;
    const bool came_or_went = change.ends_with("-> absent") || change.find(": absent ->") != std::string::npos;
    whole = came_or_went ? path : "";
    kept.push_back(change);
  }
  if (kept.size() <= kMost) return kept;
  const std::size_t more = kept.size() - kMost + 1;
  kept.resize(kMost - 1);
  kept.push_back(fmt::format("and {} more", more));
  return kept;
}

void write_trace(const Cell& cell, const Paint& paint, std::ostream& out) {
  const std::size_t begin = write_scene(cell.counterexample, out);
  std::size_t number = begin == 0 ? 1 : 2;
  for (std::size_t i = begin; i < cell.counterexample.size(); ++i) {
    const TraceLine& line = cell.counterexample[i];
    const bool quoted = line.step.starts_with('\'');
    const std::string step = line.step.empty() ? "" : quoted ? line.step + ' ' : fmt::format("'{}' ", line.step);
    fmt::print(out, "    {:>2}. {:<12} {}{}\n", number++, to_string(line.actor), step, line.text);
    for (const std::string& change : told(line.changes)) {
      fmt::print(out, "                       {}\n", paint.dim(change));
    }
  }
}

/// One counterexample per verdict and reason: the shortest, with the paths that share it.
void write_counterexamples(const model::Plan& plan, const Matrix& matrix, const Paint& paint,
                           std::ostream& out) {
  struct Group {
    const Cell* cell = nullptr;
    std::vector<model::PathIndex> paths;
  };
  std::map<std::pair<Verdict, std::string>, Group> groups;
  for (const Cell& cell : matrix.cells) {
    if (!cell.applicable || cell.counterexample.empty()) continue;
    Group& group = groups[{cell.verdict, cell.reason}];
    if (std::find(group.paths.begin(), group.paths.end(), cell.path) == group.paths.end()) group.paths.push_back(cell.path);
    if (group.cell == nullptr || cell.counterexample.size() < group.cell->counterexample.size()) group.cell = &cell;
  }
  for (const auto& [key, group] : groups) {
    const Cell& cell = *group.cell;
    std::vector<std::string> others;
    for (const model::PathIndex path : group.paths) {
      if (path != cell.path) others.push_back(fmt::format("'{}'", matrix.paths[path]));
    }
    fmt::print(out, "  {} by '{}'{}, {}: {}\n", paint.verdict(cell.verdict, to_string(cell.verdict)), matrix.paths[cell.path],
               others.empty() ? "" : fmt::format(" (and {})", fmt::join(others, ", ")),
               matrix.interruptions[cell.interruption].label, cell.reason);
    write_trace(cell, paint, out);
    if (!cell.working_order.empty()) {
      std::vector<std::string> ids;
      for (const model::StepIndex step : cell.working_order) ids.push_back(plan.steps[step].id);
      fmt::print(out, "        The order is wrong, not the steps; this one works: {}.\n", fmt::join(ids, ", "));
    }
    out << '\n';
  }
}

void write_no_return(const model::Plan& plan, const Matrix& matrix, const Paint& paint, std::ostream& out) {
  for (const simulator::DeployStop& stop : matrix.deploy_stops) {
    fmt::print(out, "{}: step '{}'{}: {}\n", paint.bold("The deploy stops by itself"), plan.steps[stop.step].id,
               stop.needs_traffic ? " once live traffic has written" : "", stop.reason);
  }
  if (!matrix.point_of_no_return && !matrix.point_of_no_return_decided) {
    fmt::print(out, "{}: not decided: a limit was reached or a step is opaque.\n\n", paint.bold("Point of no return"));
    return;
  }
  if (!matrix.point_of_no_return) {
    fmt::print(out, "{}: none; from every interruption some order of the undos gives the state back.\n\n",
               paint.bold("Point of no return"));
    return;
  }
  const simulator::PointOfNoReturn& point = *matrix.point_of_no_return;
  const std::string step = point.step == model::kNone
                               ? matrix.interruptions[point.interruption].label
                               : fmt::format("step '{}'", plan.steps[point.step].id);
  fmt::print(out, "{}: {}{}. {}\n\n", paint.bold("Point of no return"), step,
             point.needs_traffic ? ", once live traffic has written" : "", point.reason);
}

void write_times(const PlanReport& report, const Paint& paint, std::ostream& out) {
  const model::Plan& plan = *report.plan;
  if (report.times.empty()) return;
  std::vector<std::array<std::string, 5>> rows{{"path", "estimate", "P95", "objective", "verdict"}};
  for (const TimeRow& row : report.times) {
    std::string estimate = model::format_range_ms(row.schedule.low_ms, row.schedule.high_ms);
    if (!row.schedule.unestimated.empty()) estimate += fmt::format(" + {} unknown", row.schedule.unestimated.size());
    const std::optional<std::int64_t> p95 = row.schedule.unestimated.empty() ? p95_ms(report, row) : std::nullopt;
    rows.push_back({plan.paths[row.path].name, estimate, p95 ? model::format_rough_ms(*p95) : "-",
                    row.objective ? to_string(row.objective->limit) : "-", to_string(row.verdict)});
  }
  std::array<std::size_t, 4> widths{};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  fmt::print(out, "{}\n\n", paint.bold("Time, from the trigger to the last check"));
  for (const auto& row : rows) {
    fmt::print(out, "  {:<{}}  {:<{}}  {:<{}}  {:<{}}  {}\n", row[0], widths[0], row[1], widths[1], row[2], widths[2],
               row[3], widths[3], row[4]);
  }
  out << '\n';
}

void write_completeness(const Matrix& matrix, std::ostream& out) {
  const simulator::Completeness& done = matrix.completeness;
  const char* level = done.level == simulator::Completeness::Level::exhaustive ? "Exhaustive"
                      : done.level == simulator::Completeness::Level::bounded  ? "Bounded"
                                                                               : "Sampled";
  fmt::print(out, "{}: {} states, {} transitions", level, done.states, done.transitions);
  fmt::print(out, ", at most {} fault{} and {} write{} of live traffic in a run", done.faults_at_once,
             done.faults_at_once == 1 ? "" : "s", done.traffic_at_once, done.traffic_at_once == 1 ? "" : "s");
  if (!done.bound.empty()) fmt::print(out, " ({})", done.bound);
  std::vector<std::string> faults;
  for (const auto& [kind, count] : done.faults) faults.push_back(fmt::format("{} {}", kind, count));
  if (!faults.empty()) fmt::print(out, ".\nFaults that fired: {}", fmt::join(faults, ", "));
  out << ".\n";
  if (!done.unchecked.empty()) {
    fmt::print(out, "Taken to pass, since only a person or a command can tell: {}.\n", fmt::join(done.unchecked, "; "));
  }
  out << '\n';
}

void write_summary(const PlanReport& report, const Paint& paint, std::ostream& out) {
  std::size_t counts[3] = {0, 0, 0};
  for (const model::Finding& finding : report.findings) ++counts[static_cast<int>(finding.severity)];
  const std::string text = fmt::format("{} errors, {} warnings, {} notes", counts[2], counts[1], counts[0]);
  fmt::print(out, "{}: {}\n", (*report.plan->sources)[0].name(),
             counts[2] > 0 ? paint.red(text) : counts[1] > 0 ? paint.yellow(text) : paint.green(text));
}

}  // namespace

void write_text(const std::vector<PlanReport>& reports, const Style& style, std::ostream& terminal) {
  const Paint paint(style);
  std::ostringstream out;
  for (const PlanReport& report : reports) {
    for (const model::Finding& finding : report.findings) write_finding(*report.plan, finding, paint, out);
    if (report.matrix && !report.matrix->cells.empty()) {
      write_matrix(*report.matrix, paint, out);
      write_counterexamples(*report.plan, *report.matrix, paint, out);
    }
    if (report.matrix) write_no_return(*report.plan, *report.matrix, paint, out);
    write_times(report, paint, out);
    if (report.matrix) write_completeness(*report.matrix, out);
    write_summary(report, paint, out);
  }
  terminal << tame(out.str(), style.colour);
}

}  // namespace backout::reports
