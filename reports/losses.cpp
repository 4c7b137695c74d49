#include "reports/losses.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "reports/common.hpp"
#include "services/service.hpp"

namespace backout::reports {
namespace {

using simulator::Cell;
using simulator::Verdict;

/// Whole rows before single columns.
std::string some(const std::set<std::string>& all) {
  std::vector<std::string> list(all.begin(), all.end());
  std::stable_partition(list.begin(), list.end(),
                        [](const std::string& what) { return what.starts_with("rows of "); });
  return first_few(list);
}

/// "'full' and 2 more of 5 ways back".
std::string by_whom(const simulator::Matrix& matrix, const std::set<std::size_t>& losing,
                    const std::set<std::size_t>& offered) {
  std::set<std::string> names;
  for (const std::size_t path : losing) names.insert(matrix.paths[path]);
  if (offered.size() == 1) return quoted(names);
  return fmt::format("{} ({} of {} ways back)", quoted(names), losing.size(), offered.size());
}

}  // namespace

std::string losses_in_words(const simulator::Matrix& matrix) {
  std::set<std::string> before;
  std::set<std::string> since;
  std::set<std::size_t> losing;
  std::set<std::size_t> offered;
  std::set<std::size_t> places;
  bool only_by_a_fault = true;
  for (const Cell& cell : matrix.cells) {
    if (!cell.applicable) continue;
    offered.insert(cell.path);
    if (cell.verdict != Verdict::data_lost) continue;
    losing.insert(cell.path);
    places.insert(cell.interruption);
    only_by_a_fault = only_by_a_fault && cell.fault_free != Verdict::data_lost;
    for (const simulator::Loss& loss : cell.lost)
      (loss.written_since ? since : before).insert(services::kind_in_words(loss.datum));
  }
  if (losing.empty()) return "";
  std::vector<std::string> what;
  if (!before.empty()) what.push_back(fmt::format("{}, there before the deploy", some(before)));
  if (!since.empty()) what.push_back(fmt::format("{}, written since it began", some(since)));
  return fmt::format("by {}, from {} of {} places{}: {}", by_whom(matrix, losing, offered),
                     places.size(), matrix.interruptions.size(),
                     only_by_a_fault ? ", when one more thing goes wrong" : "",
                     fmt::join(what, "; "));
}

}  // namespace backout::reports
