#pragma once
// The JSON report's values, for formats that carry the same data. Only for .cpp files that include
// nlohmann/json.

#include <nlohmann/json_fwd.hpp>

#include "reports/report.hpp"

namespace backout::reports {

/// One plan as docs/json.md describes it, without `backout`.
nlohmann::ordered_json plan_json(const PlanReport& report);

struct PlanDifference;
/// What changed in one plan, as docs/json.md describes it.
nlohmann::ordered_json difference_json(const PlanDifference& plan);

}  // namespace backout::reports
