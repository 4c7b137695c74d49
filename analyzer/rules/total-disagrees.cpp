#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analyzer/rules/support.hpp"
#include "services/downtime.hpp"

namespace backout::analyzer {

namespace {

/// Stated and summed ends agree when they differ by at most 5 %: rounding to halves of an hour is
/// no mistake.
bool agrees(std::int64_t stated_ms, std::int64_t summed_ms) {
  return std::llabs(stated_ms - summed_ms) * 20 <= std::max(stated_ms, summed_ms);
}

/// The objectives by phase add up to more than the one on the total: who meets each of them may
/// still miss it.
void add_up(std::vector<model::Objective> objectives, const std::string& whose,
            std::vector<model::Finding>& findings) {
  static constexpr std::array<std::string_view, 5> kPhases = {"detect", "decide", "execute",
                                                              "verify", "total"};
  std::ranges::stable_sort(objectives, {}, [](const model::Objective& each) {
    return std::ranges::find(kPhases, each.phase) - kPhases.begin();
  });
  const model::Objective* total = nullptr;
  std::int64_t sum_ms = 0;
  std::vector<std::string> parts;
  for (const model::Objective& each : objectives) {
    if (each.limit.unknown || services::is_downtime(each)) continue;
    if (each.phase == "total") {
      total = &each;
      continue;
    }
    sum_ms += each.limit.high_ms;
    parts.push_back(fmt::format("{} {}", each.phase, model::to_string(each.limit)));
  }
  if (total == nullptr || parts.size() < 2 || sum_ms <= total->limit.high_ms) return;
  model::Finding finding;
  finding.severity = model::Severity::warning;
  finding.span = total->span;
  finding.message = fmt::format(
      "the objectives{} by phase add up to {} ({}), more than the total of {}: who meets each of "
      "them still misses it",
      whose, model::format_ms(sum_ms), fmt::join(parts, ", "), model::to_string(total->limit));
  finding.fix = "shorten the objectives of the phases, or lengthen the total";
  findings.push_back(std::move(finding));
}

}  // namespace

std::vector<model::Finding> check_total_disagrees(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  const auto compare = [&](const model::Duration& stated, std::size_t path,
                           const model::Span& span) {
    const model::Schedule& sum = facts.path_times[path];
    if (stated.unknown ||
        (agrees(stated.low_ms, sum.low_ms) && agrees(stated.high_ms, sum.high_ms)))
      return;
    // Steps without an estimate only add: then a stated end above the sum contradicts nothing, one
    // below it does.
    const auto below = [](std::int64_t stated_ms, std::int64_t summed_ms) {
      return stated_ms < summed_ms && !agrees(stated_ms, summed_ms);
    };
    if (!sum.unestimated.empty() && !below(stated.low_ms, sum.low_ms) &&
        !below(stated.high_ms, sum.high_ms))
      return;
    model::Finding finding;
    finding.severity = model::Severity::warning;
    finding.span = span;
    finding.message = fmt::format(
        "the stated total of {} disagrees with the steps of path '{}', which sum to {}{}",
        model::to_string(stated), plan.paths[path].name,
        model::format_range_ms(sum.low_ms, sum.high_ms),
        sum.unestimated.empty() ? "" : " without those that have no estimate");
    finding.fix =
        "correct the estimates or the total: people plan by the one and are paged by the other";
    findings.push_back(std::move(finding));
  };
  std::vector<model::Objective> general;
  std::ranges::copy_if(plan.objectives, std::back_inserter(general),
                       [](const model::Objective& each) { return each.path.empty(); });
  add_up(general, "", findings);
  for (const model::RollbackPath& path : plan.paths) {
    // Its own alone: a path's total may be told from another start than the phases of all paths.
    std::vector<model::Objective> own;
    std::ranges::copy_if(plan.objectives, std::back_inserter(own),
                         [&](const model::Objective& each) { return each.path == path.name; });
    add_up(own, fmt::format(" of path '{}'", path.name), findings);
  }
  for (std::size_t i = 0; i < plan.paths.size(); ++i) {
    if (plan.paths[i].total) compare(*plan.paths[i].total, i, plan.paths[i].span);
    if (plan.rollback_total && plan.paths[i].full)
      compare(*plan.rollback_total, i, plan.rollback_total_span);
  }
  return findings;
}

}  // namespace backout::analyzer
