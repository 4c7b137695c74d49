#pragma once
// When is a run that is taken step by step one that never ends?

#include <bit>
#include <cstdint>
#include <optional>

#include "simulator/judge.hpp"

namespace backout::simulator {

/// Watches one run for circles, as Brent's algorithm does: compares each state with one that it
/// remembers, and remembers another one after 64, 128, 256, ... transitions. A run of more than
/// kLongestRun transitions counts as one, too.
template <typename State>
class CircleWatch {
 public:
  /// To be told of the state after each transition. Whether the run goes round in circles; then it
  /// stays so.
  bool comes_back(const State& state) {
    if (found_ || ++transitions_ < kFirst) return found_;
    found_ = mark_ == state || transitions_ > kLongestRun;
    if (std::has_single_bit(transitions_)) mark_ = state;
    return found_;
  }
  bool found() const { return found_; }

 private:
  static constexpr std::uint32_t kFirst = 64;
  std::uint32_t transitions_ = 0;
  bool found_ = false;
  std::optional<State> mark_;
};

}  // namespace backout::simulator
