// The dependency graph of each plan, in DOT: one graph after the other.
#include <vector>

#include "analyzer/facts.hpp"
#include "analyzer/graph.hpp"
#include "reports/report.hpp"

namespace backout::reports {

void write_dot(const std::vector<PlanReport>& reports, const Style&, std::ostream& out) {
  for (const PlanReport& report : reports) {
    std::vector<model::Mistake> none;  // a plan with mistakes has no report
    analyzer::write_dot(analyzer::derive_facts(*report.plan, none), out);
  }
}

}  // namespace backout::reports
