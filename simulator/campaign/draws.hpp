#pragma once
// The random numbers of a campaign's run. A run's draws depend on the seed and the run's number
// only.

#include <cstdint>

namespace backout::simulator {

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014). The same
/// seed and run give the same numbers on every machine.
class Draws {
 public:
  Draws(std::uint64_t seed, std::uint64_t run) : state_(mix(seed + kStep) ^ mix(run * kStep + 1)) {}

  std::uint64_t next() { return mix(state_ += kStep); }
  /// One of 0..count-1; `count` from 1 to 2^32-1.
  std::uint32_t below(std::uint64_t count) {
    return static_cast<std::uint32_t>((next() >> 32) * count >> 32);
  }
  /// A time from 0 to `most_ms`, both included.
  std::int64_t time(std::int64_t most_ms) {
    return static_cast<std::int64_t>(
        static_cast<unsigned __int128>(next()) * static_cast<std::uint64_t>(most_ms + 1) >> 64);
  }
  bool coin() { return next() >> 63 != 0; }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15ULL;

  static std::uint64_t mix(std::uint64_t bits) {
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9ULL;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebULL;
    return bits ^ (bits >> 31);
  }

  std::uint64_t state_;
};

}  // namespace backout::simulator
