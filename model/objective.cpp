#include "model/objective.hpp"

#include <algorithm>

namespace backout::model {

std::vector<Objective> objectives_of(const Plan& plan, const RollbackPath& path) {
  std::vector<Objective> mine;
  for (const Objective& objective : plan.objectives) {
    if (objective.path == path.name) mine.push_back(objective);
  }
  const auto own = static_cast<std::ptrdiff_t>(mine.size());
  for (const Objective& objective : plan.objectives) {
    if (!objective.path.empty()) continue;
    const bool overridden =
        std::any_of(mine.begin(), mine.begin() + own,
                    [&](const Objective& each) { return each.phase == objective.phase; });
    if (!overridden) mine.push_back(objective);
  }
  return mine;
}

std::optional<TimeRange> phase_time(const Plan& plan, const Schedule& schedule,
                                    const std::string& phase) {
  if (phase == "verify") return TimeRange{schedule.verify_low_ms, schedule.verify_high_ms};
  TimeRange range{schedule.low_ms, schedule.high_ms};
  if (phase == "execute") {
    return TimeRange{range.low_ms - schedule.verify_low_ms,
                     range.high_ms - schedule.verify_high_ms};
  }
  if (phase == "downtime") return range;
  if (phase != "total") return std::nullopt;
  for (const auto& response : {plan.detect, plan.respond}) {
    if (!response || response->unknown) continue;
    range.low_ms += response->low_ms;
    range.high_ms += response->high_ms;
  }
  return range;
}

Fit fit(const TimeRange& range, bool open, const Duration& limit) {
  if (limit.unknown) return Fit::fits;
  if (range.low_ms > limit.high_ms ||
      (limit.strict && range.low_ms == limit.high_ms && range.low_ms > 0))
    return Fit::never;
  if (range.high_ms > limit.high_ms) return Fit::worst_case;
  return limit.strict && !open && range.high_ms == limit.high_ms ? Fit::boundary : Fit::fits;
}

}  // namespace backout::model
