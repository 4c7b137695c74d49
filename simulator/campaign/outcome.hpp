#pragma once
// What a campaign, or a shard of one, found: everything that a report needs without the plan, and
// what other shards' outcomes are added to.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "simulator/campaign/tally.hpp"

namespace backout::simulator {

/// What a path is called and what is asked of it.
struct PathHead {
  std::string name;
  std::vector<std::string> tasks;
  struct Target {
    std::string phase;
    std::string limit;  ///< "<5m"
  };
  std::vector<Target> objectives;
  std::vector<std::string>
      unestimated;  ///< steps whose time the plan does not say: they count as 0

  friend bool operator==(const PathHead&, const PathHead&) = default;
};
inline bool operator==(const PathHead::Target& a, const PathHead::Target& b) {
  return a.phase == b.phase && a.limit == b.limit;
}

struct CampaignHead {
  std::string plan;    ///< file, as on the command line
  std::string digest;  ///< of the plan's texts and the options: only equal ones add up
  std::uint64_t seed = 0;
  std::uint64_t runs = 0;  ///< asked for, all shards together
  std::int64_t faults_at_once = 0;
  bool detect_known = false;   ///< the plan says how long it takes to notice
  bool respond_known = false;  ///< and to decide
  std::vector<PathHead> paths;
  std::vector<std::string> rules;  ///< of the decision table, by position

  friend bool operator==(const CampaignHead&, const CampaignHead&) = default;
};

struct CampaignOutcome {
  CampaignHead head;
  /// Runs that were done: [from, to) of each part, sorted, neighbours joined.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> done;
  Tally tally;
  /// Per failure a small scenario that fails so, as YAML; made of the failure's first run.
  std::map<Tally::FailureKey, std::string> counterexamples;

  bool complete() const {
    return done.size() == 1 && done.front().first == 0 && done.front().second == head.runs;
  }
};

/// Adds outcomes up. Any grouping gives the same result. The error says why they do not belong
/// together.
tl::expected<CampaignOutcome, std::string> merge(std::vector<CampaignOutcome> parts);

/// The stable JSON of docs/campaigns.md, and back. The error says what is wrong with the text.
std::string to_json(const CampaignOutcome& outcome, std::string_view tool_version);
tl::expected<CampaignOutcome, std::string> from_json(const std::string& text);

}  // namespace backout::simulator
