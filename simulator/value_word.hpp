#pragma once
// What a search knows of a state, in one word.

#include <algorithm>
#include <cassert>
#include <cstdint>

#include "simulator/search.hpp"

namespace backout::simulator {

/// From the highest bit: 4 verdict, 14 length, 16 first transition, 27 reason, 1 escapes, 1 done, 1
/// begun. So of two words that are done the smaller one is worse, or as bad and nearer, or goes
/// there by an earlier transition. 0 stands for a state that nobody looked at yet.
class ValueWord {
 public:
  static constexpr std::uint64_t kBegun =
      1;  ///< being worked out: met again, the run goes round in circles

  static std::uint64_t pack(const Value& value) {
    assert(value.judgement.why < 1U << 27 && value.ordinal < 1U << 16);
    const std::uint64_t length = std::min<std::uint64_t>(value.length, kLongest);
    return kDone | static_cast<std::uint64_t>(value.judgement.verdict) << kVerdict |
           length << kLength | std::uint64_t{value.ordinal} << kOrdinal |
           std::uint64_t{value.judgement.why} << kWhy | (value.escapes ? kEscapes : 0);
  }
  static bool is_done(std::uint64_t word) { return (word & kDone) != 0; }
  static Value unpack(std::uint64_t word) {
    return {{static_cast<Verdict>(word >> kVerdict),
             static_cast<TextId>(word >> kWhy & ((1U << 27) - 1))},
            static_cast<std::uint32_t>(word >> kLength & kLongest),
            static_cast<std::uint32_t>(word >> kOrdinal & 0xffff),
            (word & kEscapes) != 0};
  }

 private:
  friend class Worst;
  static constexpr std::uint64_t kDone = 2;
  static constexpr std::uint64_t kEscapes = 4;
  static constexpr unsigned kWhy = 3;
  static constexpr unsigned kOrdinal = 30;
  static constexpr unsigned kLength = 46;
  static constexpr unsigned kVerdict = 60;
  static constexpr std::uint64_t kLongest = 0x3fff;
};

/// The worst of the values seen so far: the first transition among those that are nearest, whatever
/// order they come in.
class Worst {
 public:
  /// What a state is worth by itself.
  void begin(const Judgement& judgement) {
    alone_ = ValueWord::pack({judgement, 0, 0, false});
    // A good state that goes on is as good as what follows.
    best_ = judgement.verdict == Verdict::restored ? kNothing : alone_;
  }
  /// What it is worth to go on by the transition `ordinal` to a state with this word, which is
  /// done.
  void join(std::uint64_t after, std::uint64_t ordinal) {
    using Word = ValueWord;
    escapes_ |= after & Word::kEscapes;
    constexpr std::uint64_t kRest = ~(0xffffULL << Word::kOrdinal | Word::kEscapes);
    const std::uint64_t farther =
        (after & kRest) +
        ((after >> Word::kLength & Word::kLongest) < Word::kLongest ? 1ULL << Word::kLength : 0);
    best_ = std::min(best_, farther | ordinal << Word::kOrdinal);
  }
  void escape() { escapes_ = ValueWord::kEscapes; }
  std::uint64_t word() const { return (best_ == kNothing ? alone_ : best_) | escapes_; }

 private:
  static constexpr std::uint64_t kNothing = ~0ULL;
  std::uint64_t best_ = kNothing;
  std::uint64_t alone_ = 0;
  std::uint64_t escapes_ = 0;
};

}  // namespace backout::simulator
