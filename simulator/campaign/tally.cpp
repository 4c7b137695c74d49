#include "simulator/campaign/tally.hpp"

#include <algorithm>
#include <cmath>

namespace backout::simulator {
namespace {

void add_counts(std::vector<std::uint64_t>& to, const std::vector<std::uint64_t>& from) {
  to.resize(std::max(to.size(), from.size()));
  for (std::size_t i = 0; i < from.size(); ++i) to[i] += from[i];
}

}  // namespace

void PathTally::add(const PathTally& other) {
  runs += other.runs;
  with_faults += other.with_faults;
  for (std::size_t i = 0; i < kVerdicts; ++i) verdicts[i] += other.verdicts[i];
  for (std::size_t i = 0; i < plain.size(); ++i) plain[i].add(other.plain[i]);
  faulty.add(other.faulty);
  add_counts(in_time, other.in_time);
  add_counts(in_time_with_faults, other.in_time_with_faults);
  critical.resize(std::max(critical.size(), other.critical.size()));
  for (std::size_t i = 0; i < other.critical.size(); ++i) critical[i].add(other.critical[i]);
  losing += other.losing;
  lost_writes.add(other.lost_writes);
  lost_age.add(other.lost_age);
  lost_at_rate.add(other.lost_at_rate);
}

void DecisionTally::add(const DecisionTally& other) {
  asked += other.asked;
  add_counts(by_rule, other.by_rule);
  no_rule += other.no_rule;
  conflict += other.conflict;
  unknown += other.unknown;
  not_offered += other.not_offered;
  rolled_back += other.rolled_back;
}

void Tally::add(const Tally& other) {
  runs += other.runs;
  transitions += other.transitions;
  for (const auto& [kind, times] : other.faults) faults[kind] += times;
  paths.resize(std::max(paths.size(), other.paths.size()));
  for (std::size_t i = 0; i < other.paths.size(); ++i) paths[i].add(other.paths[i]);
  decisions.add(other.decisions);
  for (const auto& [key, failure] : other.failures) {
    const auto [mine, fresh] = failures.try_emplace(key, failure);
    if (fresh) continue;
    mine->second.count += failure.count;
    mine->second.first_run = std::min(mine->second.first_run, failure.first_run);
  }
}

Share share_of(std::uint64_t hits, std::uint64_t runs) {
  if (runs == 0) return {};
  constexpr double kZ = 1.959963984540054;
  const auto n = static_cast<double>(runs);
  const double share = static_cast<double>(hits) / n;
  const double centre = share + kZ * kZ / (2 * n);
  const double spread = kZ * std::sqrt(share * (1 - share) / n + kZ * kZ / (4 * n * n));
  const double scale = 1 + kZ * kZ / n;
  return {share, std::max(0.0, (centre - spread) / scale),
          std::min(1.0, (centre + spread) / scale)};
}

}  // namespace backout::simulator
