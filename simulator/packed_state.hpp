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

/// The small fields of a state, 19 bits: 7 task, 4 faults_left, 2 traffic_left, 2 phase, and a bit each for round, began,
/// faulted and opaque.
struct SmallBits {
  static constexpr std::uint32_t kTask = 127;
  static constexpr unsigned kFaultsLeft = 7;
  static constexpr unsigned kTrafficLeft = 11;
  static constexpr unsigned kPhase = 13;
  static constexpr unsigned kRound = 15;
  static constexpr unsigned kBegan = 16;
  static constexpr unsigned kFaulted = 17;
  static constexpr unsigned kOpaque = 18;

  static constexpr std::uint32_t of(const Progress& p) {
    return p.task | std::uint32_t{p.faults_left} << kFaultsLeft | std::uint32_t{p.traffic_left} << kTrafficLeft |
           static_cast<std::uint32_t>(p.phase) << kPhase | std::uint32_t{p.round} << kRound |
           std::uint32_t{p.began} << kBegan | std::uint32_t{p.faulted} << kFaulted | std::uint32_t{p.opaque} << kOpaque;
  }
};

/// What a transition makes of a state, but for the situation: bits of SmallBits that it leaves, sets and counts down, and
/// the sets to which it adds its task.
struct Change {
  std::uint32_t keep = ~0U;
  std::uint32_t set = 0;
  std::uint32_t minus = 0;
  std::uint8_t task = 0;
  bool ends = false;
  bool lands = false;
};

/// 32 bits for the situation, 21 for the deploy steps that ran, 19 for small fields, two for each task. With 2 words there
/// is room for 28 tasks, with 3 for 56, with 6 for 128.
template <std::size_t kWords>
struct PackedState {
  std::array<std::uint64_t, kWords> words{};

  PackedState() = default;
  PackedState(SituationId id, const Progress& p) {
    assert(p.deployed < 1U << 21 && p.faults_left < 16 && p.traffic_left < 4 && p.task < 128 && p.round < 2);
    words[0] = id | std::uint64_t{SmallBits::of(p)} << 32 | std::uint64_t{p.deployed} << 51;
    words[1] = p.deployed >> 13;
    set_ended(p.ended);
    if constexpr (kWords == 2) {
      words[1] |= p.landed.low << 36;
    } else {
      words[kWords == 3 ? 2 : 4] = p.landed.low;
      if constexpr (kWords == 6) words[5] = p.landed.high;
    }
  }

  SituationId situation() const { return static_cast<SituationId>(words[0]); }
  std::uint32_t small() const { return static_cast<std::uint32_t>(words[0] >> 32) & ((1U << 19) - 1); }
  std::uint8_t task() const { return static_cast<std::uint8_t>(small() & SmallBits::kTask); }
  std::uint8_t faults_left() const { return small() >> SmallBits::kFaultsLeft & 15; }
  std::uint8_t traffic_left() const { return small() >> SmallBits::kTrafficLeft & 3; }
  Phase phase() const { return static_cast<Phase>(small() >> SmallBits::kPhase & 3); }
  std::uint8_t round() const { return small() >> SmallBits::kRound & 1; }
  bool began() const { return (small() >> SmallBits::kBegan & 1) != 0; }
  bool faulted() const { return (small() >> SmallBits::kFaulted & 1) != 0; }
  bool opaque() const { return (small() >> SmallBits::kOpaque & 1) != 0; }
  /// is_final() of its progress.
  bool final() const {
    static_assert(static_cast<int>(Phase::ended) == 2 && static_cast<int>(Phase::stuck) == 3);
    return (small() & (2U << SmallBits::kPhase | 1U << SmallBits::kOpaque)) != 0;
  }
  SetId deployed() const { return static_cast<SetId>(words[0] >> 51 | (words[1] & 0xff) << 13); }
  StepBits ended() const {
    if constexpr (kWords == 2) return {words[1] >> 8 & kTasks, 0};
    else if constexpr (kWords == 3) return {words[1] >> 8, 0};
    else return {words[2], words[3]};
  }
  StepBits landed() const {
    if constexpr (kWords == 2) return {words[1] >> 36, 0};
    else if constexpr (kWords == 3) return {words[2], 0};
    else return {words[4], words[5]};
  }
  Progress progress() const {
    return {ended(), landed(), deployed(), task(), faults_left(), traffic_left(), round(), phase(), began(), faulted(),
            opaque()};
  }

  /// The state behind a transition that leads to the situation `to`.
  PackedState after(SituationId to, const Change& change) const {
    PackedState next = *this;
    next.words[0] = ((words[0] & std::uint64_t{change.keep} << 32) | std::uint64_t{change.set} << 32 | to) -
                    (std::uint64_t{change.minus} << 32);
    if constexpr (kWords == 2) {
      next.words[1] |= std::uint64_t{change.ends} << (8 + change.task) | std::uint64_t{change.lands} << (36 + change.task);
    } else if constexpr (kWords == 3) {
      next.words[1] |= std::uint64_t{change.ends} << (8 + change.task);
      next.words[2] |= std::uint64_t{change.lands} << change.task;
    } else {
      const std::size_t at = change.task >= 64 ? 1 : 0;
      next.words[2 + at] |= std::uint64_t{change.ends} << (change.task % 64);
      next.words[4 + at] |= std::uint64_t{change.lands} << (change.task % 64);
    }
    return next;
  }

  void set_situation(SituationId id) { words[0] = (words[0] & ~0xffffffffULL) | id; }
  void set_task(std::uint8_t task) {
    words[0] = (words[0] & ~(std::uint64_t{SmallBits::kTask} << 32)) | std::uint64_t{task} << 32;
  }
  void set_deployed(SetId deployed) {
    words[0] = (words[0] & ((1ULL << 51) - 1)) | std::uint64_t{deployed} << 51;
    words[1] = (words[1] & ~0xffULL) | deployed >> 13;
  }
  void set_ended(const StepBits& ended) {
    if constexpr (kWords == 2) {
      words[1] = (words[1] & ~(kTasks << 8)) | ended.low << 8;
    } else if constexpr (kWords == 3) {
      words[1] = (words[1] & 0xff) | ended.low << 8;
    } else {
      words[2] = ended.low;
      words[3] = ended.high;
    }
  }
  /// Takes the tasks that ended out of those that landed.
  void forget_landed_of_ended() {
    if constexpr (kWords == 2) {
      words[1] &= ~((words[1] >> 8 & kTasks) << 36);
    } else if constexpr (kWords == 3) {
      words[2] &= ~(words[1] >> 8);
    } else {
      words[4] &= ~words[2];
      words[5] &= ~words[3];
    }
  }

  /// Without a branch per word: states that meet in a table mostly differ in one only.
  friend bool operator==(const PackedState& a, const PackedState& b) {
    std::uint64_t differing = 0;
    for (std::size_t i = 0; i < kWords; ++i) differing |= a.words[i] ^ b.words[i];
    return differing == 0;
  }

  /// All its bits are spread evenly, the highest too: products of 128 bits, folded.
  std::uint64_t hash() const {
    std::uint64_t hash = 0x243f6a8885a308d3ULL;
    for (std::size_t i = 0; i < kWords; i += 2) {
      const std::uint64_t other = i + 1 < kWords ? words[i + 1] : 0;
      const auto product = static_cast<unsigned __int128>(words[i] ^ hash) * (other ^ 0x9e3779b97f4a7c15ULL);
      hash = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    }
    return hash * 0xd6e8feb86659fd93ULL;
  }

 private:
  static constexpr std::uint64_t kTasks = (1ULL << 28) - 1;
};

}  // namespace backout::simulator
