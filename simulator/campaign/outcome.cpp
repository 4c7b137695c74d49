#include "simulator/campaign/outcome.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace backout::simulator {
namespace {

/// Empty: the parts may be added up.
std::string mismatch(const CampaignOutcome& one, const CampaignOutcome& other) {
  if (one.head.digest != other.head.digest) return "they are of different plans or options";
  if (one.head.seed != other.head.seed)
    return fmt::format("their seeds differ: {} and {}", one.head.seed, other.head.seed);
  if (one.head.runs != other.head.runs) {
    return fmt::format("they are shards of campaigns of {} and of {} runs", one.head.runs,
                       other.head.runs);
  }
  return one.head == other.head ? "" : "their heads differ";
}

std::string join(std::vector<std::pair<std::uint64_t, std::uint64_t>>& ranges) {
  std::erase_if(ranges, [](const auto& range) { return range.first == range.second; });
  std::ranges::sort(ranges);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> joined;
  for (const auto& range : ranges) {
    if (joined.empty() || range.first > joined.back().second) {
      joined.push_back(range);
    } else if (range.first < joined.back().second) {
      return fmt::format("runs {} to {} are in two of them", range.first,
                         std::min(range.second, joined.back().second) - 1);
    } else {
      joined.back().second = range.second;
    }
  }
  ranges = std::move(joined);
  return {};
}

}  // namespace

tl::expected<CampaignOutcome, std::string> merge(std::vector<CampaignOutcome> parts) {
  if (parts.empty()) return tl::unexpected(std::string("there is nothing to merge"));
  CampaignOutcome whole = parts.front();
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (std::string why = mismatch(whole, parts[i]); !why.empty())
      return tl::unexpected(std::move(why));
    for (const auto& [key, text] : parts[i].counterexamples) {
      const auto mine = whole.tally.failures.find(key);
      const auto theirs = parts[i].tally.failures.find(key);
      const bool earlier =
          mine == whole.tally.failures.end() || (theirs != parts[i].tally.failures.end() &&
                                                 theirs->second.first_run < mine->second.first_run);
      if (earlier) whole.counterexamples[key] = text;
    }
    // A failure whose first run has no counterexample has none in the whole either.
    for (const auto& [key, failure] : parts[i].tally.failures) {
      const auto mine = whole.tally.failures.find(key);
      const bool earlier =
          mine != whole.tally.failures.end() && failure.first_run < mine->second.first_run;
      if (earlier && !parts[i].counterexamples.contains(key)) whole.counterexamples.erase(key);
    }
    whole.tally.add(parts[i].tally);
    whole.done.insert(whole.done.end(), parts[i].done.begin(), parts[i].done.end());
  }
  if (std::string why = join(whole.done); !why.empty()) return tl::unexpected(std::move(why));
  return whole;
}

}  // namespace backout::simulator
