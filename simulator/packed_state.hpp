#pragma once
// A state of a run as a row of bits.

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "simulator/progress.hpp"

namespace backout::simulator {

/// Words of a state whose path has at most so many tasks.
constexpr std::size_t words_for(std::size_t tasks) {
  return tasks <= 28 ? 2 : tasks <= 56 ? 3 : 2 + 2 * (tasks <= 128 ? 2 : kMaxSteps / 64);
}

/// The most faults in one run that a packed state can count.
inline constexpr std::int64_t kMostFaults = 15;

/// The small fields of a state, 19 bits: 7 task, 4 faults_left, 2 traffic_left, 2 phase, and a bit
/// each for round, began, faulted and opaque. Where there may be more than 128 tasks the task is
/// kept elsewhere.
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
    return (p.task & kTask) | std::uint32_t{p.faults_left} << kFaultsLeft |
           std::uint32_t{p.traffic_left} << kTrafficLeft |
           static_cast<std::uint32_t>(p.phase) << kPhase | std::uint32_t{p.round} << kRound |
           std::uint32_t{p.began} << kBegan | std::uint32_t{p.faulted} << kFaulted |
           std::uint32_t{p.opaque} << kOpaque;
  }
};

/// What a transition makes of a state, but for the situation: bits of SmallBits that it leaves,
/// sets and counts down, and the sets to which it adds its task.
struct Change {
  std::uint32_t keep = ~0U;
  std::uint32_t set = 0;
  std::uint32_t minus = 0;
  std::uint16_t task = 0;
  bool ends = false;
  bool lands = false;
  bool stops = false;
};

/// 32 bits for the situation, 21 for the deploy steps that ran, 19 for small fields, two for each
/// task. With 2 words there is room for 28 tasks, with 3 for 56, with 6 for 128; with more, the
/// second word has the task, too.
template <std::size_t kWords>
struct PackedState {
  /// Words of each set of tasks.
  static constexpr std::size_t kSet = kWords < 6 ? 1 : (kWords - 2) / 2;
  static constexpr bool kIsWide = kSet > 2;
  using Tasks = Bits<kSet>;
  std::array<std::uint64_t, kWords> words{};

  PackedState() = default;
  PackedState(SituationId id, const Progress& p) {
    assert(p.deployed < 1U << 21 && p.faults_left < 16 && p.traffic_left < 4 && p.round < 2);
    words[0] = id | std::uint64_t{SmallBits::of(p)} << 32 | std::uint64_t{p.deployed} << 51;
    words[1] = p.deployed >> 13;
    set_task(p.task);
    set_ended(p.ended);
    if constexpr (kWords == 2) {
      words[1] |= p.landed.words[0] << 36;
    } else if constexpr (kWords == 3) {
      words[2] = p.landed.words[0];
    } else {
      for (std::size_t i = 0; i < kSet; ++i) words[2 + kSet + i] = p.landed.words[i];
    }
  }

  SituationId situation() const { return static_cast<SituationId>(words[0]); }
  std::uint32_t small() const {
    return static_cast<std::uint32_t>(words[0] >> 32) & ((1U << 19) - 1);
  }
  std::uint16_t task() const {
    if constexpr (kIsWide) return static_cast<std::uint16_t>(words[1] >> 8);
    return static_cast<std::uint16_t>(small() & SmallBits::kTask);
  }
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
    return (small() & 2U << SmallBits::kPhase) != 0;
  }
  SetId deployed() const { return static_cast<SetId>(words[0] >> 51 | (words[1] & 0xff) << 13); }
  Tasks ended() const {
    if constexpr (kWords == 2)
      return {{words[1] >> 8 & kTasks}};
    else if constexpr (kWords == 3)
      return {{words[1] >> 8}};
    else
      return set_at(2);
  }
  Tasks landed() const {
    if constexpr (kWords == 2)
      return {{words[1] >> 36}};
    else if constexpr (kWords == 3)
      return {{words[2]}};
    else
      return set_at(2 + kSet);
  }
  Progress progress() const {
    return {StepBits::first(ended()),
            StepBits::first(landed()),
            deployed(),
            task(),
            faults_left(),
            traffic_left(),
            round(),
            phase(),
            began(),
            faulted(),
            opaque()};
  }

  /// The state behind a transition that leads to the situation `to`.
  PackedState after(SituationId to, const Change& change) const {
    PackedState next = *this;
    next.words[0] =
        ((words[0] & std::uint64_t{change.keep} << 32) | std::uint64_t{change.set} << 32 | to) -
        (std::uint64_t{change.minus} << 32);
    if constexpr (kIsWide) {
      if (change.stops)
        next.set_task(change.task);
      else
        next.set_task(task());
    }
    if constexpr (kWords == 2) {
      next.words[1] |= std::uint64_t{change.ends} << (8 + change.task) | std::uint64_t{change.lands}
                                                                             << (36 + change.task);
    } else if constexpr (kWords == 3) {
      next.words[1] |= std::uint64_t{change.ends} << (8 + change.task);
      next.words[2] |= std::uint64_t{change.lands} << change.task;
    } else {
      const std::size_t at = 2 + change.task / 64;
      next.words[at] |= std::uint64_t{change.ends} << (change.task % 64);
      next.words[at + kSet] |= std::uint64_t{change.lands} << (change.task % 64);
    }
    return next;
  }

  void set_situation(SituationId id) { words[0] = (words[0] & ~0xffffffffULL) | id; }
  void set_task(std::uint16_t task) {
    words[0] &= ~(std::uint64_t{SmallBits::kTask} << 32);
    if constexpr (kIsWide)
      words[1] = (words[1] & 0xff) | std::uint64_t{task} << 8;
    else
      words[0] |= std::uint64_t{task} << 32;
  }
  void set_deployed(SetId deployed) {
    words[0] = (words[0] & ((1ULL << 51) - 1)) | std::uint64_t{deployed} << 51;
    words[1] = (words[1] & ~0xffULL) | deployed >> 13;
  }
  void set_ended(const StepBits& ended) {
    if constexpr (kWords == 2) {
      words[1] = (words[1] & ~(kTasks << 8)) | ended.words[0] << 8;
    } else if constexpr (kWords == 3) {
      words[1] = (words[1] & 0xff) | ended.words[0] << 8;
    } else {
      for (std::size_t i = 0; i < kSet; ++i) words[2 + i] = ended.words[i];
    }
  }
  /// Takes the tasks that ended out of those that landed.
  void forget_landed_of_ended() {
    if constexpr (kWords == 2) {
      words[1] &= ~((words[1] >> 8 & kTasks) << 36);
    } else if constexpr (kWords == 3) {
      words[2] &= ~(words[1] >> 8);
    } else {
      for (std::size_t i = 0; i < kSet; ++i) words[2 + kSet + i] &= ~words[2 + i];
    }
  }
  /// A final state without what nobody asks any more: how it ended is left and, where it is stuck,
  /// at which task and whether that took effect.
  PackedState at_end(SituationId id) const {
    constexpr std::uint32_t kKept =
        3U << SmallBits::kPhase | 1U << SmallBits::kBegan | 1U << SmallBits::kOpaque;
    PackedState rest;
    rest.words[0] = id | std::uint64_t{small() & kKept} << 32;
    if (phase() != Phase::stuck) return rest;
    rest.set_task(task());
    if (landed().test(task())) rest = rest.after(id, {.task = task(), .lands = true});
    return rest;
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
      const auto product =
          static_cast<unsigned __int128>(words[i] ^ hash) * (other ^ 0x9e3779b97f4a7c15ULL);
      hash = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    }
    return hash * 0xd6e8feb86659fd93ULL;
  }

 private:
  static constexpr std::uint64_t kTasks = (1ULL << 28) - 1;

  Tasks set_at(std::size_t first) const {
    Tasks set;
    for (std::size_t i = 0; i < kSet; ++i) set.words[i] = words[first + i];
    return set;
  }
};

}  // namespace backout::simulator
