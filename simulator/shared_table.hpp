#pragma once
// The table of states of a search on several threads.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "simulator/pause.hpp"
#include "simulator/state_table.hpp"

namespace backout::simulator {

/// For a table that several threads use: held for a few loads, so that waiting is spinning.
class SpinLock {
 public:
  void lock() {
    while (held_.exchange(true, std::memory_order_acquire)) {
      while (held_.load(std::memory_order_relaxed)) pause_core();
    }
  }
  void unlock() { held_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> held_{false};
};

/// A table that several threads use at the same time.
template <typename State>
class SharedTable {
 public:
  using Entry = typename StateTable<State>::Entry;

  std::pair<Entry*, bool> find_or_add(const State& state, std::uint64_t hash, std::uint64_t fresh) {
    Part& part = parts_[part_of(hash)];
    const std::lock_guard lock(part.lock);
    return part.table.find_or_add(state, hash, fresh);
  }
  Entry* find(const State& state, std::uint64_t hash) {
    Part& part = parts_[part_of(hash)];
    const std::lock_guard lock(part.lock);
    return part.table.find(state, hash);
  }
  void prefetch(std::uint64_t) const {}  // the index may move
  std::uint64_t size() const {
    return sum([](const Part& part) { return part.table.size(); });
  }
  std::uint64_t bytes() const {
    return sum([](const Part& part) { return part.table.bytes(); });
  }

 private:
  static constexpr std::size_t kParts = 64;
  struct alignas(64) Part {
    SpinLock lock;
    StateTable<State> table;
  };
  static std::size_t part_of(std::uint64_t hash) { return hash >> 58; }
  template <typename Of>
  std::uint64_t sum(Of&& of) const {
    std::uint64_t all = 0;
    for (const Part& part : parts_) all += of(part);
    return all;
  }
  std::vector<Part> parts_ = std::vector<Part>(kParts);
};

}  // namespace backout::simulator
