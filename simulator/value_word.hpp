#pragma once
// What a search knows of a state, in one word.

#include <algorithm>
#include <cassert>
#include <cstdint>

#include "simulator/search.hpp"

namespace backout::simulator {

/// 3 bits verdict, 27 reason, 15 length, 1 escapes, 16 first transition, 1 done, 1 begun. 0 stands for a state that nobody met.
class ValueWord {
 public:
  static constexpr std::uint64_t kBegun = 1;  ///< being worked out: met again, the run goes round in circles

  static std::uint64_t pack(const Value& value) {
    assert(value.judgement.why < 1U << 27 && value.ordinal < 1U << 16);
    const std::uint64_t length = std::min<std::uint64_t>(value.length, 0x7fff);
    return 2 | static_cast<std::uint64_t>(value.judgement.verdict) << 2 | std::uint64_t{value.judgement.why} << 5 |
           length << 32 | std::uint64_t{value.escapes} << 47 | std::uint64_t{value.ordinal} << 48;
  }
  static bool is_done(std::uint64_t word) { return (word & 2) != 0; }
  static Value unpack(std::uint64_t word) {
    return {{static_cast<Verdict>(word >> 2 & 7), static_cast<TextId>(word >> 5 & ((1U << 27) - 1))},
            static_cast<std::uint32_t>(word >> 32 & 0x7fff), static_cast<std::uint32_t>(word >> 48),
            (word >> 47 & 1) != 0};
  }
};

/// The worst of the values seen so far: the first transition among those that are nearest, whatever order they come in.
class Worst {
 public:
  /// What a state is worth by itself.
  void begin(const Judgement& judgement) {
    best_ = {judgement, 0, 0, false};
    alone_ = judgement.verdict == Verdict::restored;
  }
  /// What it is worth to go on by the transition `ordinal`.
  void join(const Value& after, std::uint32_t ordinal) {
    best_.escapes = best_.escapes || after.escapes;
    const Verdict verdict = after.judgement.verdict;
    const std::uint32_t length = after.length + 1;
    const bool nearer = length < best_.length || (length == best_.length && ordinal < best_.ordinal);
    const bool same = verdict == best_.judgement.verdict;
    if (!alone_ && !is_worse(verdict, best_.judgement.verdict) && !(same && nearer)) return;
    best_ = {after.judgement, length, ordinal, best_.escapes};
    alone_ = false;
  }
  void escape() { best_.escapes = true; }
  const Value& value() const { return best_; }

 private:
  Value best_;
  bool alone_ = false;  ///< a good state that goes on is as good as what follows
};

}  // namespace backout::simulator
