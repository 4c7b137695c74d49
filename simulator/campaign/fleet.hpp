#pragma once
// A campaign on several threads. The result does not depend on how many.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "simulator/campaign/campaign.hpp"

namespace backout::simulator {

/// How far a campaign got.
struct FleetRun {
  Tally tally;
  std::uint64_t done = 0;  ///< runs [first, first + done) are in the tally
};

/// Runs [first, last) on as many threads as there are campaigns, which must be alike. `go_on` (may
/// be empty) is asked on the calling thread now and then, with the number of runs done; false stops
/// early, and what was done is whole: every run below `done` and none above.
FleetRun run_fleet(const std::vector<std::unique_ptr<Campaign>>& campaigns, std::uint64_t first,
                   std::uint64_t last, const std::function<bool(std::uint64_t)>& go_on);

}  // namespace backout::simulator
