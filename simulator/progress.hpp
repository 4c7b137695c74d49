#pragma once
// The two halves of a RunState: the situation, which only what happens to the world changes, and
// the progress, which only the runner changes.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "simulator/run_state.hpp"

namespace backout::simulator {

/// A set of at most 64 * kWords steps that is quick to copy, to test and to walk over.
template <std::size_t kWords>
struct Bits {
  std::array<std::uint64_t, kWords> words{};

  static Bits of(const StepSet& set) {
    Bits bits;
    if constexpr (kWords * 64 >= kMaxSteps) {
      const StepSet mask(~0ULL);
      for (std::size_t i = 0; i * 64 < kMaxSteps; ++i)
        bits.words[i] = ((set >> (i * 64)) & mask).to_ullong();
    }
    return bits;
  }
  /// The steps of `other` that there is room for.
  template <std::size_t kOther>
  static Bits first(const Bits<kOther>& other) {
    Bits bits;
    for (std::size_t i = 0; i < std::min(kWords, kOther); ++i) bits.words[i] = other.words[i];
    return bits;
  }
  StepSet set() const {
    StepSet set;
    for (std::size_t i = kWords; i-- > 0;) set = set << 64 | StepSet(words[i]);
    return set;
  }

  bool test(std::size_t at) const { return (words[at / 64] >> (at % 64) & 1) != 0; }
  void add(std::size_t at) { words[at / 64] |= 1ULL << (at % 64); }
  bool any() const {
    std::uint64_t all = 0;
    for (const std::uint64_t word : words) all |= word;
    return all != 0;
  }
  Bits without(const Bits& other) const {
    Bits rest;
    for (std::size_t i = 0; i < kWords; ++i) rest.words[i] = words[i] & ~other.words[i];
    return rest;
  }
  Bits operator&(const Bits& other) const {
    Bits both;
    for (std::size_t i = 0; i < kWords; ++i) both.words[i] = words[i] & other.words[i];
    return both;
  }
  Bits operator|(const Bits& other) const {
    Bits all;
    for (std::size_t i = 0; i < kWords; ++i) all.words[i] = words[i] | other.words[i];
    return all;
  }
  friend bool operator==(const Bits&, const Bits&) = default;

  /// Calls `look` with each member, the smallest first.
  template <typename Look>
  void each(Look&& look) const {
    for (std::size_t i = 0; i < kWords; ++i) {
      for (std::uint64_t rest = words[i]; rest != 0; rest &= rest - 1) {
        look(i * 64 + static_cast<std::size_t>(__builtin_ctzll(rest)));
      }
    }
  }
};

/// Room for all steps that a path may have.
using StepBits = Bits<kMaxSteps / 64>;

/// Number of a situation, see Relation.
using SituationId = std::uint32_t;

/// What RunState says of the world, of the accounts of data and traffic, and by which path it goes
/// on.
struct Situation {
  WorldId world = 0;
  SetId expected = 0;
  SetId traffic = 0;
  SetId broken = 0;
  std::uint32_t late = 0;
  TextId why = 0;
  std::uint32_t path = 0;

  friend bool operator==(const Situation&, const Situation&) = default;
};

struct SituationHash {
  std::size_t operator()(const Situation& s) const {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const std::uint32_t part :
         {s.world, s.expected, s.traffic, s.broken, s.late, s.why, s.path}) {
      hash = (hash ^ part) * 0x9e3779b97f4a7c15ULL;
      hash ^= hash >> 32;
    }
    return hash;
  }
};

/// What RunState says of the runner.
struct Progress {
  StepBits ended;
  StepBits landed;
  SetId deployed = 0;
  std::uint16_t task = 0;
  std::uint8_t faults_left = 0;
  std::uint8_t traffic_left = 0;
  std::uint8_t round = 0;
  Phase phase = Phase::running;
  bool began = false;
  bool faulted = false;
  bool opaque = false;

  friend bool operator==(const Progress&, const Progress&) = default;
};

/// Nothing more happens in such a state.
inline bool is_final(const Progress& progress) {
  return progress.phase == Phase::ended || progress.phase == Phase::stuck;
}

}  // namespace backout::simulator
