#include "simulator/campaign/fleet.hpp"

#include <algorithm>
#include <thread>

namespace backout::simulator {
namespace {

/// Runs that a thread takes at once: long enough to be worth it, short enough to stop soon.
constexpr std::uint64_t kBlock = 4096;

}  // namespace

FleetRun run_fleet(const std::vector<std::unique_ptr<Campaign>>& campaigns, std::uint64_t first,
                   std::uint64_t last, const std::function<bool(std::uint64_t)>& go_on) {
  std::atomic<std::uint64_t> next{first};
  std::atomic<std::uint64_t> done{0};
  std::atomic<bool> stopped{false};
  std::vector<Tally> tallies(campaigns.size(), campaigns.front()->blank());
  const auto work = [&](std::size_t which, bool asks) {
    while (!stopped.load(std::memory_order_relaxed)) {
      const std::uint64_t begin = next.fetch_add(kBlock);
      if (begin >= last) return;
      const std::uint64_t end = std::min(begin + kBlock, last);
      campaigns[which]->run(begin, end, tallies[which]);
      done += end - begin;
      if (asks && go_on && !go_on(done.load())) stopped = true;
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < campaigns.size(); ++i) threads.emplace_back(work, i, false);
  work(0, true);
  for (std::thread& thread : threads) thread.join();
  FleetRun result{std::move(tallies.front()), done.load()};
  for (std::size_t i = 1; i < tallies.size(); ++i) result.tally.add(tallies[i]);
  return result;
}

}  // namespace backout::simulator
