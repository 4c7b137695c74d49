#include "reports/difference/difference.hpp"

#include <algorithm>
#include <map>

#include "reports/common.hpp"

namespace backout::reports {

namespace {

using simulator::Cell;
using simulator::Matrix;

std::vector<ListedFinding> listed(const PlanReport& report) {
  std::vector<ListedFinding> findings;
  std::map<std::string, std::size_t> seen;
  for (const model::Finding& finding : report.findings) {
    const std::size_t occurrence = seen[fingerprint(*report.plan, finding, 0)]++;
    findings.push_back({finding, report.plan->sources->place(finding.span),
                        fingerprint(*report.plan, finding, occurrence)});
  }
  return findings;
}

bool holds(const std::vector<ListedFinding>& findings, const std::string& fingerprint) {
  return std::ranges::any_of(
      findings, [&](const ListedFinding& each) { return each.fingerprint == fingerprint; });
}

std::string no_return_of(const PlanReport& report) {
  if (!report.matrix) return "";
  if (report.matrix->point_of_no_return) {
    return report.matrix->interruptions[report.matrix->point_of_no_return->interruption].label;
  }
  return report.matrix->point_of_no_return_decided ? "none" : "not decided";
}

using CellKey = std::pair<std::string, std::string>;

CellKey key_of(const Matrix& matrix, const Cell& cell) {
  return {matrix.interruptions[cell.interruption].label, matrix.paths[cell.path]};
}

std::map<CellKey, const Cell*> cells_by_name(const PlanReport* report) {
  std::map<CellKey, const Cell*> cells;
  if (report == nullptr || !report->matrix) return cells;
  for (const Cell& cell : report->matrix->cells) {
    if (cell.applicable) cells[key_of(*report->matrix, cell)] = &cell;
  }
  return cells;
}

std::vector<CellChange> changed_cells(const PlanReport* before, const PlanReport& after) {
  std::vector<CellChange> changes;
  if (!after.matrix) return changes;
  const std::map<CellKey, const Cell*> old = cells_by_name(before);
  for (const Cell& cell : after.matrix->cells) {
    if (!cell.applicable) continue;
    const CellKey key = key_of(*after.matrix, cell);
    const auto found = old.find(key);
    if (found == old.end()) {
      if (cell.verdict == simulator::Verdict::restored) continue;
      changes.push_back(
          {CellChange::Kind::added, key.first, key.second, "", cell_word(cell), told_reason(cell)});
      continue;
    }
    const auto was = std::pair(found->second->verdict, found->second->fault_free);
    const auto is = std::pair(cell.verdict, cell.fault_free);
    if (was == is) continue;
    const CellChange::Kind kind = is < was ? CellChange::Kind::worse : CellChange::Kind::better;
    changes.push_back({kind, key.first, key.second, cell_word(*found->second), cell_word(cell),
                       told_reason(cell)});
  }
  const auto rank = [](const CellChange& change) {
    return change.kind == CellChange::Kind::worse   ? 0
           : change.kind == CellChange::Kind::added ? 1
                                                    : 2;
  };
  std::ranges::stable_sort(changes, {}, rank);
  return changes;
}

}  // namespace

PlanDifference compare(const PlanReport* before, const PlanReport& after,
                       PlanDifference::Base base) {
  PlanDifference difference;
  difference.plan = (*after.plan->sources)[0].name();
  difference.base = base;
  const std::vector<ListedFinding> now = listed(after);
  const std::vector<ListedFinding> then =
      before == nullptr ? std::vector<ListedFinding>{} : listed(*before);
  for (const ListedFinding& finding : now) {
    if (holds(then, finding.fingerprint))
      ++difference.unchanged;
    else
      difference.added.push_back(finding);
  }
  for (const ListedFinding& finding : then) {
    if (!holds(now, finding.fingerprint)) difference.fixed.push_back(finding);
  }
  difference.cells = changed_cells(before, after);
  if (before != nullptr) difference.no_return_before = no_return_of(*before);
  difference.no_return_after = no_return_of(after);
  if (after.matrix && after.matrix->point_of_no_return) {
    difference.no_return_reason = after.matrix->point_of_no_return->reason;
  }
  return difference;
}

const char* to_string(PlanDifference::Base base) {
  switch (base) {
    case PlanDifference::Base::compared:
      return "compared";
    case PlanDifference::Base::absent:
      return "absent";
    case PlanDifference::Base::invalid:
      return "invalid";
  }
  return "invalid";
}

const char* to_string(CellChange::Kind kind) {
  switch (kind) {
    case CellChange::Kind::worse:
      return "worse";
    case CellChange::Kind::better:
      return "better";
    case CellChange::Kind::added:
      return "added";
  }
  return "added";
}

}  // namespace backout::reports
