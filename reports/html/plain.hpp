#pragma once
// What the page says where no script runs: verdict, matrix, times and findings, as HTML.

#include <iosfwd>
#include <vector>

#include "reports/report.hpp"

namespace backout::reports {

/// Elements that stand in `main`; texts of a plan are escaped.
void write_plain(const std::vector<PlanReport>& reports, std::ostream& out);

}  // namespace backout::reports
