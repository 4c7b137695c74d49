#include <ostream>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ostream.h>

#include "reports/common.hpp"
#include "reports/difference/difference.hpp"
#include "reports/paint.hpp"

namespace backout::reports {

namespace {

void write_finding(const char* what, const ListedFinding& each, std::ostream& out) {
  say(out, "  {} {}[{}] {}:{}:{}: {}\n", what, to_string(each.finding.severity), each.finding.rule,
      each.place.file, each.place.line, each.place.column, each.finding.message);
}

void write_plan_lines(const PlanDifference& plan, std::ostream& out) {
  say(out, "{}{}\n", plan.plan,
      plan.base == PlanDifference::Base::absent    ? " (new)"
      : plan.base == PlanDifference::Base::invalid ? " (its base version cannot be read)"
                                                   : "");
  for (const ListedFinding& each : plan.added) write_finding("new:  ", each, out);
  for (const ListedFinding& each : plan.fixed) write_finding("fixed:", each, out);
  for (const CellChange& cell : plan.cells) {
    say(out, "  {}: {}, path '{}': {}{}\n",
        cell.kind == CellChange::Kind::added ? "new" : to_string(cell.kind), cell.interruption,
        cell.path, cell.before.empty() ? "" : cell.before + " -> ", cell.after);
  }
  if (plan.no_return_before != plan.no_return_after) {
    say(out, "  point of no return: {}{}\n",
        plan.no_return_before.empty() ? "" : plan.no_return_before + " -> ", plan.no_return_after);
  }
  say(out, "  {} new, {} fixed, {} unchanged\n", plan.added.size(), plan.fixed.size(),
      plan.unchanged);
}

}  // namespace

void print_difference_text(const Difference& difference, std::ostream& terminal) {
  std::ostringstream out;
  for (const PlanDifference& plan : difference.plans) write_plan_lines(plan, out);
  say(out, "compared with {}: {} plan{} changed, {} did not\n", difference.base,
      difference.plans.size(), difference.plans.size() == 1 ? "" : "s", difference.passed_over);
  write_painted(terminal, out.str());
}

}  // namespace backout::reports
