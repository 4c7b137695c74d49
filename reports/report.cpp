#include "reports/report.hpp"

#include "model/objective.hpp"
#include "reports/screen.hpp"

namespace backout::reports {

#define BACKOUT_FORMAT(name, summary) \
  void write_##name(const std::vector<PlanReport>&, const Style&, std::ostream&);
#include "reports/formats.inc"
#undef BACKOUT_FORMAT

namespace {

template <auto Write>
void write_through_screen(const std::vector<PlanReport>& reports, const Style& style,
                          std::ostream& out) {
  print_screened(out, [&](std::ostream& safe) { Write(reports, style, safe); });
}

}  // namespace

const std::vector<Format>& all_formats() {
  static const std::vector<Format> kAll = {
#define BACKOUT_FORMAT(name, summary) {#name, summary, &write_through_screen<write_##name>},
#include "reports/formats.inc"
#undef BACKOUT_FORMAT
  };
  return kAll;
}

const Format* find_format(std::string_view name) {
  for (const Format& format : all_formats()) {
    if (name == format.name) return &format;
  }
  return nullptr;
}

std::string_view tool_version() { return BACKOUT_VERSION; }

std::optional<std::int64_t> p95_ms(const PlanReport& report, const TimeRow& row) {
  if (!report.campaign) return std::nullopt;
  const simulator::Histogram& total =
      report.campaign->tally.paths[row.path].plain[simulator::kTotal];
  if (total.count() == 0) return std::nullopt;
  return total.percentile_ms(950);
}

const char* to_string(TimeRow::Standing verdict) {
  switch (verdict) {
    case TimeRow::Standing::in_time:
      return "in time";
    case TimeRow::Standing::too_slow:
      return "TOO SLOW";
    case TimeRow::Standing::may_be_too_slow:
      return "may be too slow";
    case TimeRow::Standing::no_objective:
      return "no objective";
    case TimeRow::Standing::unknown:
      return "unknown";
  }
  return "unknown";
}

namespace {

/// The objective on the total of a path, if there is one.
std::optional<model::Objective> total_objective(const model::Plan& plan,
                                                const model::RollbackPath& path) {
  for (model::Objective& objective : model::objectives_of(plan, path)) {
    if (objective.phase == "total") return std::move(objective);
  }
  return std::nullopt;
}

TimeRow::Standing judge(const TimeRow& row) {
  if (!row.objective) return TimeRow::Standing::no_objective;
  if (row.objective->limit.unknown) return TimeRow::Standing::unknown;
  const model::Fit fit = model::fit({row.schedule.low_ms, row.schedule.high_ms},
                                    row.schedule.strict, row.objective->limit);
  if (fit == model::Fit::never || fit == model::Fit::worst_case) return TimeRow::Standing::too_slow;
  if (!row.schedule.unestimated.empty()) return TimeRow::Standing::unknown;
  return fit == model::Fit::fits ? TimeRow::Standing::in_time : TimeRow::Standing::may_be_too_slow;
}

}  // namespace

std::vector<TimeRow> time_table(const model::Plan& plan) {
  std::vector<TimeRow> rows;
  for (std::size_t i = 0; i < plan.paths.size(); ++i) {
    TimeRow row{static_cast<model::PathIndex>(i), schedule_path(plan, plan.paths[i]),
                total_objective(plan, plan.paths[i]), TimeRow::Standing::no_objective};
    const auto total = model::phase_time(plan, row.schedule, "total");
    row.schedule.low_ms = total->low_ms;
    row.schedule.high_ms = total->high_ms;
    row.standing = judge(row);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace backout::reports
