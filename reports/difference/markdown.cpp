#include <ostream>

#include <fmt/format.h>
#include <fmt/ostream.h>

#include "reports/common.hpp"
#include "reports/difference/difference.hpp"

namespace backout::reports {

namespace {

constexpr std::size_t kMostCells = 30;  // a comment that nobody reads to its end helps nobody

void write_findings(const char* title, const std::vector<ListedFinding>& findings,
                    std::ostream& out) {
  if (findings.empty()) return;
  fmt::print(out, "**{}**\n\n", title);
  for (const ListedFinding& each : findings) {
    const model::Finding& finding = each.finding;
    fmt::print(out, "- **{}** `{}` {}:{}: {}\n", to_string(finding.severity), finding.rule,
               escape_markdown(each.place.file), each.place.line, escape_markdown(finding.message));
    if (!finding.fix.empty()) fmt::print(out, "  Fix: {}\n", escape_markdown(finding.fix));
  }
  out << '\n';
}

void write_cells(const std::vector<CellChange>& cells, std::ostream& out) {
  if (cells.empty()) return;
  out << "| interrupted | path | before | after | |\n|---|---|---|---|---|\n";
  for (std::size_t i = 0; i < std::min(cells.size(), kMostCells); ++i) {
    const CellChange& cell = cells[i];
    fmt::print(out, "| {} | {} | {} | {} | {} |\n", escape_markdown(cell.interruption),
               escape_markdown(cell.path), cell.before.empty() ? "-" : escape_markdown(cell.before),
               escape_markdown(cell.after),
               cell.kind == CellChange::Kind::added ? "new" : to_string(cell.kind));
  }
  if (cells.size() > kMostCells) fmt::print(out, "\n...and {} more.\n", cells.size() - kMostCells);
  out << '\n';
}

void write_no_return(const PlanDifference& plan, std::ostream& out) {
  if (plan.no_return_before == plan.no_return_after) return;
  fmt::print(out, "**Point of no return:** {}{}.{}\n\n",
             plan.no_return_before.empty()
                 ? ""
                 : fmt::format("was {}, is now ", escape_markdown(plan.no_return_before)),
             escape_markdown(plan.no_return_after),
             plan.no_return_reason.empty() ? "" : " " + escape_markdown(plan.no_return_reason));
}

void write_plan(const PlanDifference& plan, std::ostream& out) {
  fmt::print(out, "### {}\n\n", escape_markdown(plan.plan));
  if (plan.base == PlanDifference::Base::absent)
    out << "A new plan: there is nothing to compare it with.\n\n";
  if (plan.base == PlanDifference::Base::invalid) {
    out << "The base version of this plan cannot be read, so everything counts as new.\n\n";
  }
  write_findings("New findings", plan.added, out);
  write_findings("Fixed findings", plan.fixed, out);
  write_cells(plan.cells, out);
  write_no_return(plan, out);
  if (plan.added.empty() && plan.fixed.empty() && plan.cells.empty())
    out << "The verdict is what it was.\n\n";
  if (plan.unchanged > 0)
    fmt::print(out, "{} older finding{} unchanged.\n\n", plan.unchanged,
               plan.unchanged == 1 ? "" : "s");
}

}  // namespace

void print_difference_markdown(const Difference& difference, std::ostream& out) {
  fmt::print(out, "## Can this be rolled back?\n\nCompared with {}.\n\n",
             escape_markdown(difference.base));
  if (difference.plans.empty()) out << "No plan changed.\n\n";
  for (const PlanDifference& plan : difference.plans) write_plan(plan, out);
}

}  // namespace backout::reports
