#pragma once
// The JSON report's values, for formats that carry the same data. Only for .cpp files that include nlohmann/json.

#include <nlohmann/json_fwd.hpp>

#include "reports/report.hpp"

namespace backout::reports {

/// One plan as docs/json.md describes it, without `backout`.
nlohmann::ordered_json plan_json(const PlanReport& report);

}  // namespace backout::reports
