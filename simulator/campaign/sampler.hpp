#pragma once
// Durations drawn from the ranges that a plan states.

#include <array>
#include <cstdint>

#include "simulator/campaign/draws.hpp"

namespace backout::simulator {

/// Draws from a triangular distribution over [low_ms, high_ms] with its peak at `likely_ms`: the
/// usual reading of a range or a three-point estimate when nothing else is known. The inverse of
/// its distribution is tabulated and read with interpolation, so that a draw costs one look-up.
class Sampler {
 public:
  /// Always 0.
  Sampler() = default;
  Sampler(std::int64_t low_ms, std::int64_t likely_ms, std::int64_t high_ms);

  std::int64_t draw(Draws& draws) const {
    if (fixed_) return knots_[0];
    const std::uint64_t bits = draws.next();
    const std::size_t at = bits >> (64 - kBits);
    const auto part = static_cast<std::int64_t>(bits >> (64 - kBits - 20) & 0xfffff);
    return knots_[at] + ((knots_[at + 1] - knots_[at]) * part >> 20);
  }
  std::int64_t low_ms() const { return knots_.front(); }
  std::int64_t high_ms() const { return fixed_ ? knots_.front() : knots_.back(); }

 private:
  static constexpr int kBits = 8;

  std::array<std::int64_t, (1U << kBits) + 1> knots_{};
  bool fixed_ = true;
};

}  // namespace backout::simulator
