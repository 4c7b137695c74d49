#pragma once
// A state of a run as a row of bits.

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "simulator/progress.hpp"

namespace backout::simulator {

/// Words of a state whose path has at most so many tasks.
constexpr std::size_t words_for(std::size_t tasks) { return tasks <= 28 ? 2 : tasks <= 56 ? 3 : 6; }

/// The most faults in one run that a packed state can count.
inline constexpr std::int64_t kMostFaults = 15;

/// 32 bits for the situation, 21 for the deploy steps that ran, 19 for small fields, two for each task. With 2 words there
/// is room for 28 tasks, with 3 for 56, with 6 for 128.
template <std::size_t kWords>
struct PackedState {
  std::array<std::uint64_t, kWords> words{};

  PackedState() = default;
  PackedState(SituationId id, const Progress& p) {
    assert(p.deployed < 1U << 21 && p.faults_left < 16 && p.traffic_left < 4 && p.task < 128 && p.round < 2);
    const std::uint64_t small = p.task | std::uint64_t{p.faults_left} << 7 | std::uint64_t{p.traffic_left} << 11 |
                                static_cast<std::uint64_t>(p.phase) << 13 | std::uint64_t{p.round} << 15 |
                                std::uint64_t{p.began} << 16 | std::uint64_t{p.faulted} << 17 |
                                std::uint64_t{p.opaque} << 18;
    words[0] = id | small << 32 | std::uint64_t{p.deployed} << 51;
    words[1] = p.deployed >> 13;
    if constexpr (kWords == 2) {
      words[1] |= p.ended.low << 8 | p.landed.low << 36;
    } else if constexpr (kWords == 3) {
      words[1] |= p.ended.low << 8;
      words[2] = p.landed.low;
    } else {
      words[2] = p.ended.low;
      words[3] = p.ended.high;
      words[4] = p.landed.low;
      words[5] = p.landed.high;
    }
  }

  /// is_final() of its progress.
  bool final() const {
    static_assert(static_cast<int>(Phase::ended) == 2 && static_cast<int>(Phase::stuck) == 3);
    return (words[0] & (1ULL << (32 + 14) | 1ULL << (32 + 18))) != 0;
  }
  SituationId situation() const { return static_cast<SituationId>(words[0]); }
  Progress progress() const {
    const std::uint64_t small = words[0] >> 32;
    Progress p;
    p.task = small & 127;
    p.faults_left = small >> 7 & 15;
    p.traffic_left = small >> 11 & 3;
    p.phase = static_cast<Phase>(small >> 13 & 3);
    p.round = small >> 15 & 1;
    p.began = (small >> 16 & 1) != 0;
    p.faulted = (small >> 17 & 1) != 0;
    p.opaque = (small >> 18 & 1) != 0;
    p.deployed = static_cast<SetId>(words[0] >> 51 | (words[1] & 0xff) << 13);
    constexpr std::uint64_t kTasks = (1ULL << 28) - 1;
    if constexpr (kWords == 2) {
      p.ended.low = words[1] >> 8 & kTasks;
      p.landed.low = words[1] >> 36;
    } else if constexpr (kWords == 3) {
      p.ended.low = words[1] >> 8;
      p.landed.low = words[2];
    } else {
      p.ended = {words[2], words[3]};
      p.landed = {words[4], words[5]};
    }
    return p;
  }

  /// Without a branch per word: states that meet in a table mostly differ in one only.
  friend bool operator==(const PackedState& a, const PackedState& b) {
    std::uint64_t differing = 0;
    for (std::size_t i = 0; i < kWords; ++i) differing |= a.words[i] ^ b.words[i];
    return differing == 0;
  }

  /// The same for states that a search tends to meet at the same time: those of runs from the same deploy steps.
  std::uint64_t region() const { return (words[0] >> 51 | (words[1] & 0xff) << 13) * 0x9e3779b97f4a7c15ULL >> 32; }

  /// All its bits are spread evenly, the highest too.
  std::uint64_t hash() const {
    std::uint64_t hash = 0x243f6a8885a308d3ULL;
    for (const std::uint64_t word : words) {
      hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
      hash ^= hash >> 32;
    }
    hash *= 0xd6e8feb86659fd93ULL;
    return hash ^ hash >> 29;
  }
};

}  // namespace backout::simulator
