#pragma once
// What many runs add up to. Adding tallies up in any order gives the same one, so that threads and
// machines can share a campaign.

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "simulator/campaign/histogram.hpp"
#include "simulator/matrix.hpp"

namespace backout::simulator {

inline constexpr std::size_t kVerdicts = kVerdictCount;
inline constexpr std::array<const char*, 5> kPhases = {"detect", "decide", "execute", "verify",
                                                       "total"};
inline constexpr std::size_t kTotal = 4;

/// Runs of one path.
struct PathTally {
  std::uint64_t runs = 0;
  std::uint64_t with_faults = 0;                    ///< those in which a fault fired
  std::array<std::uint64_t, kVerdicts> verdicts{};  ///< by Verdict
  std::array<Histogram, kPhases.size()> plain;  ///< times by phase of runs in which no fault fired
  Histogram faulty;                             ///< total of the others
  std::vector<std::uint64_t>
      in_time;  ///< by objective of the path: runs without faults that met it
  std::vector<std::uint64_t> in_time_with_faults;  ///< the same of runs in which a fault fired
  /// By task: the totals of fault-free runs on whose critical path it was.
  std::vector<Histogram> critical;
  std::uint64_t losing = 0;  ///< runs that lost accepted writes
  Histogram lost_writes;     ///< how many, of those runs
  Histogram lost_age;        ///< how old the oldest lost write was at the end, of those runs
  Histogram lost_at_rate;  ///< how many at the rates of `workload`, of those whose rates are known

  void add(const PathTally& other);
};

/// What came of the decision table, over runs in which it was asked.
struct DecisionTally {
  std::uint64_t asked = 0;
  std::vector<std::uint64_t> by_rule;  ///< situations that this rule decided alone or first
  std::uint64_t no_rule = 0;           ///< nothing to decide: no rule holds
  std::uint64_t conflict = 0;          ///< rules that hold say different things
  std::uint64_t unknown = 0;           ///< it depends on a threshold that the plan does not know
  std::uint64_t not_offered = 0;       ///< a path was chosen that the plan does not offer there
  std::uint64_t rolled_back = 0;

  void add(const DecisionTally& other);
};

/// Runs that ended badly in the same way.
struct FailureTally {
  std::uint64_t count = 0;
  std::uint64_t first_run = 0;  ///< the lowest number of such a run
};

struct Tally {
  std::uint64_t runs = 0;
  std::uint64_t transitions = 0;
  std::map<std::string, std::uint64_t>
      faults;  ///< kind -> times fired; every kind considered is listed
  std::vector<PathTally> paths;
  DecisionTally decisions;
  /// By path, verdict and reason.
  using FailureKey = std::tuple<model::PathIndex, Verdict, std::string>;
  std::map<FailureKey, FailureTally> failures;

  /// The two must be of the same plan and options.
  void add(const Tally& other);
};

/// The share of runs in time and its 95 % confidence interval (Wilson score), each from 0 to 1. All
/// 0 without runs.
struct Share {
  double value = 0;
  double low = 0;
  double high = 0;
};
Share share_of(std::uint64_t hits, std::uint64_t runs);

}  // namespace backout::simulator
