#pragma once
// What the page of `--format html` shows, as JSON. An agreement between reports/html/*.cpp and
// reports/html/src only.

#include <nlohmann/json_fwd.hpp>

#include "reports/report.hpp"

namespace backout::reports {

/// The steps, paths, objectives and times of a plan; every list is indexed as in model::Plan.
nlohmann::ordered_json structure_json(const PlanReport& report);
/// The decision table with its conditions, gaps and conflicts; null when the plan has none.
nlohmann::ordered_json decisions_json(const model::Plan& plan);
/// The matrix with everything that repeats said once; null when it was not asked for.
nlohmann::ordered_json matrix_json(const PlanReport& report);

/// What to do first: findings that say how they are mended, in order of harm, each mend once; three
/// at most.
std::vector<const model::Finding*> first_mends(const PlanReport& report);

/// The timed runs by path; null when none were asked for.
nlohmann::ordered_json campaign_json(const PlanReport& report);

}  // namespace backout::reports
