// DOT: which step depends on which, a graph per plan, as `backout graph` draws it.
#include <ostream>

#include "analyzer/facts.hpp"
#include "analyzer/graph.hpp"
#include "reports/report.hpp"

namespace backout::reports {

void write_dot(const std::vector<PlanReport>& reports, const Style&, std::ostream& out) {
  for (const PlanReport& report : reports) {
    std::vector<model::Mistake> mistakes;  // none: a plan with mistakes has no report
    analyzer::write_dot(analyzer::derive_facts(*report.plan, mistakes), out);
  }
}

}  // namespace backout::reports
