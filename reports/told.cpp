#include "reports/told.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/render.hpp"
#include "reports/common.hpp"
#include "reports/text/layout.hpp"

namespace backout::reports {

using simulator::Completeness;
using simulator::Matrix;

namespace {

std::string no_return_words(const model::Plan& plan, const Matrix& matrix) {
  if (!matrix.point_of_no_return) {
    return matrix.point_of_no_return_decided
               ? "none; from every interruption some order of the undos gives the state back."
               : "not decided: a limit was reached, what a step or a version does is not known, or "
                 "what the way back needs may have ended.";
  }
  const simulator::PointOfNoReturn& point = *matrix.point_of_no_return;
  const std::string step = point.step == model::kNone
                               ? matrix.interruptions[point.interruption].label
                               : fmt::format("step '{}'", plan.steps[point.step].id);
  return fmt::format("{}{}. {}", step, point.needs_traffic ? ", once live traffic has written" : "",
                     point.reason);
}

}  // namespace

std::vector<std::vector<std::string>> matrix_rows(const Matrix& matrix) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < matrix.cells.size(); ++i) {
    if (i % matrix.paths.size() == 0)
      rows.push_back({matrix.interruptions[matrix.cells[i].interruption].label});
    rows.back().push_back(cell_word(matrix.cells[i]));
  }
  return rows;
}

std::string star_note(const Matrix& matrix) {
  bool starred = false;
  std::vector<std::string> bad;  // what starred cells are without a fault, where that is not good
  for (const simulator::Cell& cell : matrix.cells) {
    if (!cell.applicable || cell.verdict == cell.fault_free) continue;
    starred = true;
    const std::string plain = to_string(cell.fault_free);
    if (!is_good(cell.fault_free) && std::ranges::find(bad, plain) == bad.end())
      bad.push_back(plain);
  }
  if (!starred) return "";
  return fmt::format(
      "only when one more thing goes wrong; without a fault the rollback is better than that{}{}.",
      bad.empty() ? "" : ", yet in places ", fmt::join(bad, " or "));
}

std::vector<Titled> no_return(const model::Plan& plan, const Matrix& matrix) {
  std::vector<Titled> told;
  for (const simulator::DeployStop& stop : matrix.deploy_stops) {
    told.push_back(
        {"The deploy stops by itself",
         fmt::format("step '{}'{}: {}", plan.steps[stop.step].id,
                     stop.needs_traffic ? " once live traffic has written" : "", stop.reason)});
  }
  told.push_back({"Point of no return", no_return_words(plan, matrix)});
  return told;
}

std::string completeness_words(const Completeness& done) {
  const char* level = done.level == Completeness::Level::exhaustive ? "Exhaustive"
                      : done.level == Completeness::Level::bounded  ? "Bounded"
                                                                    : "Sampled";
  return fmt::format(
      "{}: {}, {}, at most {} and {} of live traffic in a run; {} of {} of versions ran{}.", level,
      counted(done.states, "state"), counted(done.transitions, "transition"),
      counted(done.faults_at_once, "fault"), counted(done.traffic_at_once, "write"),
      done.operations_run, counted(done.operations, "operation"),
      done.bound.empty() ? "" : fmt::format(" ({})", done.bound));
}

std::vector<std::string> time_heads() {
  return {"path", "estimate", "P95", "objective", "verdict"};
}

std::vector<std::string> time_cells(const PlanReport& report, const TimeRow& row) {
  const bool known = row.schedule.unestimated.empty();
  const std::optional<std::int64_t> p95 = known ? p95_ms(report, row) : std::nullopt;
  const std::string more =
      known ? "" : fmt::format(" + {} unknown", row.schedule.unestimated.size());
  return {report.plan->paths[row.path].name,
          model::format_range_ms(row.schedule.low_ms, row.schedule.high_ms) + more,
          p95 ? model::format_rough_ms(*p95) : "-",
          row.objective ? to_string(row.objective->limit) : "-", to_string(row.standing)};
}

}  // namespace backout::reports
