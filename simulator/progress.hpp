#pragma once
// The two halves of a RunState: the situation, which only what happens to the world changes, and the progress, which
// only the runner changes.

#include <cstdint>
#include <cstring>

#include "simulator/run_state.hpp"

namespace backout::simulator {

/// A StepSet that is quick to copy, to test and to walk over.
struct StepBits {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  static StepBits of(const StepSet& set) {
    const StepSet mask(~0ULL);
    return {(set & mask).to_ullong(), (set >> 64).to_ullong()};
  }
  StepSet set() const { return StepSet(high) << 64 | StepSet(low); }

  bool test(std::size_t at) const { return ((at < 64 ? low >> at : high >> (at - 64)) & 1) != 0; }
  void add(std::size_t at) { (at < 64 ? low : high) |= 1ULL << (at % 64); }
  bool any() const { return (low | high) != 0; }
  StepBits without(const StepBits& other) const { return {low & ~other.low, high & ~other.high}; }
  StepBits operator&(const StepBits& other) const { return {low & other.low, high & other.high}; }
  StepBits operator|(const StepBits& other) const { return {low | other.low, high | other.high}; }
  friend bool operator==(const StepBits&, const StepBits&) = default;

  /// Calls `look` with each member, the smallest first.
  template <typename Look>
  void each(Look&& look) const {
    for (std::uint64_t rest = low; rest != 0; rest &= rest - 1) look(static_cast<std::size_t>(__builtin_ctzll(rest)));
    for (std::uint64_t rest = high; rest != 0; rest &= rest - 1) {
      look(64 + static_cast<std::size_t>(__builtin_ctzll(rest)));
    }
  }
};

/// Number of a situation, see Relation.
using SituationId = std::uint32_t;

/// What RunState says of the world, of the accounts of data and traffic, and by which path it goes on.
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
    for (const std::uint32_t part : {s.world, s.expected, s.traffic, s.broken, s.late, s.why, s.path}) {
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
  std::uint8_t task = 0;
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
  return progress.opaque || progress.phase == Phase::ended || progress.phase == Phase::stuck;
}

}  // namespace backout::simulator
