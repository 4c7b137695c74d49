#include "reports/summary.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "reports/causes.hpp"
#include "reports/common.hpp"
#include "reports/losses.hpp"
#include "simulator/matrix_rules.hpp"

namespace backout::reports {

using simulator::Cell;
using simulator::Matrix;
using simulator::Verdict;

namespace {

using Reach = WayBack::Reach;
using Rows = std::vector<WayBack>;

bool is_full(const model::Plan& plan, model::PathIndex path) {
  return path >= plan.paths.size() || plan.paths[path].full;
}

Reach reach_of(const model::Plan& plan, const Cell& cell, Verdict verdict) {
  if (!cell.applicable) return Reach::none;
  if (verdict == Verdict::restored) return Reach::all;
  if (verdict == Verdict::works) return Reach::part;
  if (verdict == Verdict::restored_with_residue)
    return is_full(plan, cell.path) ? Reach::all : Reach::part;
  return verdict == Verdict::unknown ? Reach::unknown : Reach::none;
}

std::string shortened(std::string text) {
  constexpr std::size_t kMost = 180;
  if (text.size() <= kMost) return text;
  std::size_t end = text.rfind(' ', kMost);
  if (end == std::string::npos) end = kMost;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
  return text.substr(0, end) + " ...";
}

/// "after 'a' to after 'c', after 'e'": runs of rows of which `take` is true.
template <typename Take>
std::string ranges(const Matrix& matrix, Take take) {
  std::vector<std::string> runs;
  const std::size_t count = matrix.interruptions.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (!take(i)) continue;
    const std::size_t first = i;
    while (i + 1 < count && take(i + 1)) ++i;
    const std::string& from = matrix.interruptions[first].label;
    runs.push_back(first == i ? from
                              : fmt::format("from {} to {}", from, matrix.interruptions[i].label));
  }
  return fmt::format("{}", fmt::join(runs, ", "));
}

std::string faults_clause(const Matrix& matrix) {
  const std::int64_t faults = matrix.completeness.faults_at_once;
  if (faults <= 0) return "";
  return faults == 1 ? ", even when one more thing fails"
                     : fmt::format(", even when {} more things fail", faults);
}

void answer_where(const model::Plan& plan, const Matrix& matrix, const Rows& rows,
                  Summary& summary) {
  const auto lacks = [&](std::size_t i) { return rows[i].reach != Reach::all; };
  std::size_t lacking = 0;
  std::set<std::string> partial;
  for (const Cell& cell : matrix.cells) {
    if (lacks(cell.interruption) && reach_of(plan, cell, cell.verdict) == Reach::part)
      partial.insert(matrix.paths[cell.path]);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) lacking += lacks(i) ? 1 : 0;
  if (lacking == 0) {
    const bool bounded = matrix.completeness.level == simulator::Completeness::Level::bounded;
    if (bounded) summary.where = "from none of the places that were looked at";
    return;
  }
  summary.where =
      fmt::format("no path restores everything {} ({} of {} places where the deploy may stop)",
                  ranges(matrix, lacks), lacking, rows.size());
  if (!partial.empty())
    summary.part =
        fmt::format("{} take{} back only a part", quoted(partial), partial.size() == 1 ? "s" : "");
}

void answer_can(const model::Plan& plan, const Matrix& matrix, const Rows& rows, Summary& summary) {
  const auto all = [&](auto reach) {
    return std::ranges::all_of(rows, [&](const WayBack& row) { return reach(row) == Reach::all; });
  };
  const bool started = std::ranges::any_of(
      rows.begin() + 1, rows.end(), [](const WayBack& row) { return row.reach == Reach::all; });
  const bool unknown =
      std::ranges::any_of(rows, [](const WayBack& row) { return row.reach == Reach::unknown; });
  const bool bounded = matrix.completeness.level == simulator::Completeness::Level::bounded;
  if (bounded && (started || rows.size() < 2)) {
    // There may be places where nobody looked.
    summary.answer = Summary::Answer::unknown;
    summary.can = fmt::format(
        "whether it can be rolled back is not known, because not everything was looked at: {}",
        matrix.completeness.bound);
  } else if (all([](const WayBack& row) { return row.reach; })) {
    summary.answer = Summary::Answer::yes;
    summary.can = fmt::format("it can be rolled back from every place where the deploy may stop{}",
                              faults_clause(matrix));
    const auto stop =
        std::ranges::find(matrix.deploy_stops, false, &simulator::DeployStop::needs_traffic);
    if (stop == matrix.deploy_stops.end()) return;
    summary.answer = Summary::Answer::partly;
    summary.can = fmt::format(
        "the deploy does not get past '{}', but what it did before that can be rolled back",
        plan.steps[stop->step].id);
  } else if (all([](const WayBack& row) { return row.without; })) {
    summary.answer = Summary::Answer::unless_fault;
    summary.can = "it can be rolled back only as long as nothing else fails";
  } else if (started) {
    summary.answer = Summary::Answer::partly;
    summary.can = "it can be rolled back only from some places";
  } else {
    // What is certain of the finished deploy is not hidden by what is not known of its beginning.
    const bool end_known = !unknown || rows.back().reach != Reach::unknown;
    summary.answer = end_known ? Summary::Answer::no : Summary::Answer::unknown;
    summary.can = !unknown    ? "once it has begun it cannot be rolled back"
                  : end_known ? "once it has ended it cannot be rolled back"
                              : "whether it can be rolled back is not known";
  }
}

/// Whether the finding is about another path than those that take everything back: it names others,
/// or a step on none of them.
bool is_elsewhere(const model::Plan& plan, const std::set<std::string>& ways,
                  const model::Finding& finding) {
  const auto is_way = [&](const std::string& path) { return ways.contains(path); };
  if (!finding.paths.empty()) return std::ranges::none_of(finding.paths, is_way);
  const model::StepIndex step = finding.step.empty() ? model::kNone : plan.find_step(finding.step);
  if (step == model::kNone || !plan.steps[step].in_rollback) return false;
  return std::ranges::none_of(plan.paths, [&](const model::RollbackPath& path) {
    return ways.contains(path.name) && std::ranges::find(path.steps, step) != path.steps.end();
  });
}

/// Errors about the ways back that no cell of the matrix shows, the worst first: the search does
/// not look at what they are about.
std::vector<const model::Finding*> errors_besides(const PlanReport& report, const Rows& rows) {
  std::set<std::string> ways;
  for (const WayBack& row : rows) ways.insert(row.paths.begin(), row.paths.end());
  std::vector<const model::Finding*> errors;
  for (const Cause& cause : causes_of(report.findings)) {
    const model::Finding& finding = *cause.finding;
    const auto is_its_rule = [&](const simulator::MatrixRule& rule) {
      return finding.rule == rule.id;
    };
    if (finding.severity != model::Severity::error || is_elsewhere(*report.plan, ways, finding))
      continue;
    if (std::ranges::none_of(simulator::matrix_rules(), is_its_rule)) errors.push_back(&finding);
  }
  return errors;
}

/// A yes that errors stand against is none to rely on.
void answer_against(const PlanReport& report, const Rows& rows, Summary& summary) {
  if (summary.answer != Summary::Answer::yes && summary.answer != Summary::Answer::unless_fault)
    return;
  const std::vector<const model::Finding*> errors = errors_besides(report, rows);
  if (errors.empty()) return;
  const model::Finding& first = *errors.front();
  const std::string stand =
      errors.size() == 1 ? "an error stands" : fmt::format("{} errors stand", errors.size());
  summary.can += fmt::format(", as far as the search sees; {} against it", stand);
  const std::string fault =
      summary.answer == Summary::Answer::unless_fault ? "; with one: " + summary.why : "";
  const std::string at = first.step.empty() ? "" : fmt::format(" at '{}'", first.step);
  summary.why = fmt::format("{}{}: {}{}", first.rule, at, shortened(first.message), fault);
  summary.answer = Summary::Answer::doubtful;
}

/// The worst cell of the first row that nothing restores, of a full path when there is one.
const Cell* blocking_cell(const model::Plan& plan, const Matrix& matrix, const Rows& rows) {
  const Cell* found = nullptr;
  for (const Cell& cell : matrix.cells) {
    if (rows[cell.interruption].reach == Reach::all || !cell.applicable) continue;
    if (reach_of(plan, cell, cell.verdict) == Reach::part) continue;
    if (found != nullptr && found->interruption != cell.interruption) break;
    const bool fuller = found != nullptr && is_full(plan, cell.path) && !is_full(plan, found->path);
    const bool alike = found != nullptr && is_full(plan, cell.path) == is_full(plan, found->path);
    if (found == nullptr || fuller || (alike && is_worse(found->verdict, cell.verdict)))
      found = &cell;
  }
  return found;
}

void answer_why(const model::Plan& plan, const Matrix& matrix, const Rows& rows, Summary& summary) {
  if (summary.answer == Summary::Answer::yes) return;
  if (const auto& point = matrix.point_of_no_return) {
    const std::string step = point->step == model::kNone
                                 ? matrix.interruptions[point->interruption].label
                                 : fmt::format("'{}'", plan.steps[point->step].id);
    summary.why = fmt::format(
        "{} is the point of no return{}, from there nothing gives the old state back: {}", step,
        point->needs_traffic ? " once live traffic has written" : "", shortened(point->reason));
    return;
  }
  const Cell* cell = blocking_cell(plan, matrix, rows);
  if (cell == nullptr) {
    summary.why = matrix.completeness.bound;
    return;
  }
  summary.why =
      fmt::format("{} by '{}', {}: {}", to_string(cell->verdict), matrix.paths[cell->path],
                  matrix.interruptions[cell->interruption].label, shortened(cell->reason));
}

void answer_lost(const model::Plan& plan, const Matrix& matrix, Summary& summary) {
  summary.lost = losses_in_words(matrix);
  if (!summary.lost.empty()) return;
  if (matrix.completeness.level == simulator::Completeness::Level::bounded) {
    summary.lost = fmt::format("not known, because not everything was looked at: {}",
                               matrix.completeness.bound);
    return;
  }
  if (!matrix.unsaid_traffic.empty()) {
    std::set<std::string> apps;
    for (const simulator::UnsaidTraffic& unsaid : matrix.unsaid_traffic)
      apps.insert(plan.services[unsaid.app].name);
    summary.lost = fmt::format("not known, because the plan does not say what {} write{}",
                               quoted(apps), apps.size() == 1 ? "s" : "");
    return;
  }
  if (matrix.point_of_no_return && matrix.point_of_no_return->needs_traffic) {
    summary.lost =
        fmt::format("what live traffic wrote: {}", shortened(matrix.point_of_no_return->reason));
  } else if (summary.answer == Summary::Answer::doubtful) {
    summary.lost = "nothing that the search sees; what the errors say of it stands";
  } else if (summary.answer == Summary::Answer::yes) {
    summary.lost = "no accepted write is lost";
  } else {
    summary.lost = "no path that gets through loses an accepted write";
  }
}

std::string time_of(const PlanReport& report, const TimeRow& row) {
  const std::string& name = report.plan->paths[row.path].name;
  const std::size_t missing = row.schedule.unestimated.size();
  const char* least = missing == 0 ? "" : "at least ";
  std::string text = fmt::format("how long '{}' takes is not known", name);
  if (row.schedule.high_ms > 0 || missing == 0) {
    text = fmt::format("'{}' takes {}{}", name, least,
                       model::format_range_ms(row.schedule.low_ms, row.schedule.high_ms));
    if (const auto p95 = p95_ms(report, row))
      text += fmt::format(", P95 {}{}", least, model::format_rough_ms(*p95));
  }
  if (missing > 0)
    text += fmt::format(" ({} step{} without an estimate)", missing, missing == 1 ? "" : "s");
  if (!row.objective) return text;
  if (row.objective->limit.unknown) return text + ", the objective is not known";
  return fmt::format("{}, the objective is {}: {}", text, to_string(row.objective->limit),
                     to_string(row.standing));
}

/// Of the paths that work; of the full ones when none does; of all when none is full.
void answer_how_long(const PlanReport& report, Summary& summary) {
  const model::Plan& plan = *report.plan;
  std::set<model::PathIndex> paths;
  if (report.matrix) {
    for (const Cell& cell : report.matrix->cells) {
      if (cell.interruption > 0 && reach_of(plan, cell, cell.verdict) == Reach::all)
        paths.insert(cell.path);
    }
  }
  for (const TimeRow& row : report.times) {
    if (plan.paths[row.path].full) paths.insert(row.path);
  }
  std::vector<std::string> times;
  for (const TimeRow& row : report.times) {
    if (paths.empty() || paths.contains(row.path)) times.push_back(time_of(report, row));
  }
  constexpr std::size_t kMost = 3;
  const std::size_t more = times.size() - std::min(times.size(), kMost);
  times.resize(times.size() - more);
  summary.how_long = times.empty() ? "how long it takes, the plan does not say"
                                   : fmt::format("{}", fmt::join(times, "; "));
  if (more > 0) summary.how_long += fmt::format("; and {} more paths", more);
}

}  // namespace

std::vector<WayBack> ways_back(const PlanReport& report) {
  if (!report.matrix) return {};
  Rows rows(report.matrix->interruptions.size());
  bool offered_before_the_deploy = false;
  for (const Cell& cell : report.matrix->cells) {
    WayBack& row = rows[cell.interruption];
    const Reach reach = reach_of(*report.plan, cell, cell.verdict);
    if (reach > row.reach) row.paths.clear();
    row.reach = std::max(row.reach, reach);
    row.without = std::max(row.without, reach_of(*report.plan, cell, cell.fault_free));
    if (reach == row.reach && reach != Reach::none)
      row.paths.push_back(report.matrix->paths[cell.path]);
    offered_before_the_deploy =
        offered_before_the_deploy || (cell.interruption == 0 && cell.applicable);
  }
  // Before the deploy nothing has changed: a plan need not offer a path from there.
  if (!rows.empty() && !offered_before_the_deploy)
    rows.front().reach = rows.front().without = Reach::all;
  return rows;
}

const char* to_string(WayBack::Reach reach) {
  switch (reach) {
    case Reach::none:
      return "none";
    case Reach::unknown:
      return "unknown";
    case Reach::part:
      return "part";
    case Reach::all:
      return "all";
  }
  return "none";
}

Summary summarise(const PlanReport& report) {
  Summary summary;
  answer_how_long(report, summary);
  if (!report.matrix || report.matrix->interruptions.empty()) {
    summary.can = "whether it can be rolled back was not explored";
    summary.lost = "not explored";
    return summary;
  }
  const Rows rows = ways_back(report);
  answer_can(*report.plan, *report.matrix, rows, summary);
  answer_where(*report.plan, *report.matrix, rows, summary);
  answer_why(*report.plan, *report.matrix, rows, summary);
  answer_against(report, rows, summary);
  answer_lost(*report.plan, *report.matrix, summary);
  return summary;
}

std::string to_sentence(const Summary& summary) {
  std::vector<std::string> parts;
  for (const std::string* part : {&summary.can, &summary.where, &summary.why}) {
    if (!part->empty()) parts.push_back(*part);
  }
  std::string text = fmt::format("{}", fmt::join(parts, "; "));
  if (!text.ends_with('.')) text += '.';  // a text that was cut ends in dots of its own
  if (text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  return text;
}

const char* to_string(Summary::Answer answer) {
  switch (answer) {
    case Summary::Answer::yes:
      return "yes";
    case Summary::Answer::unless_fault:
      return "unless-fault";
    case Summary::Answer::doubtful:
      return "doubtful";
    case Summary::Answer::partly:
      return "partly";
    case Summary::Answer::no:
      return "no";
    case Summary::Answer::unknown:
      return "unknown";
  }
  return "unknown";
}

}  // namespace backout::reports
