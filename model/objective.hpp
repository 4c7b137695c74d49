#pragma once
// Time targets and whether a path meets them: asked by rules, by the search and by reports.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/plan.hpp"
#include "model/schedule.hpp"

namespace backout::model {

/// Objectives that hold for a path: its own, and the plan's for the phases for which it has none of
/// its own. A path of which the plan says `none` has one without a limit.
std::vector<Objective> objectives_of(const Plan& plan, const RollbackPath& path);

struct TimeRange {
  std::int64_t low_ms = 0;
  std::int64_t high_ms = 0;
};

/// The time that counts for a phase: total = response + steps + checks, execute = steps, verify =
/// checks, downtime = steps + checks of services::outage_of_path(). Nullopt for phases that no step
/// decides (detect, decide).
std::optional<TimeRange> phase_time(const Plan& plan, const Schedule& schedule,
                                    const std::string& phase);

/// How a time range fits a limit, best first.
enum class Fit {
  fits,
  boundary,    ///< its high end equals a limit written with `<`
  worst_case,  ///< its high end is above the limit
  never,       ///< its low end is
};

/// `open`: the high end of the range is itself not reached (`<5m`). A limit that is unknown cannot
/// be missed: fits.
Fit fit(const TimeRange& range, bool open, const Duration& limit);

}  // namespace backout::model
