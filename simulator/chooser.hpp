#pragma once
// The only source of choice of the simulator: what happens next, which outcome an attempt has,
// where an effect lands.

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace backout::simulator {

/// The choices of one transition, in the order in which they were asked for. Questions with one
/// answer are left out.
using Choices = std::vector<std::uint16_t>;

/// Answers questions of the transition system.
class Chooser {
 public:
  virtual ~Chooser() = default;
  /// One of 0..count-1. `count` is at least 1; a question with one answer is not a choice and is
  /// never passed on.
  std::size_t choose(std::size_t count) { return count == 1 ? 0 : decide(count); }

 private:
  virtual std::size_t decide(std::size_t count) = 0;
};

/// Every combination of answers, the first answers first:
/// `ExhaustiveChooser c; do { c.rewind(); run(c); } while (c.advance());`
class ExhaustiveChooser final : public Chooser {
 public:
  void rewind() { position_ = 0; }
  /// Goes on to the next combination; false when there is none.
  bool advance();
  Choices choices() const;

 private:
  std::size_t decide(std::size_t count) override;

  std::vector<std::pair<std::uint16_t, std::uint16_t>> answers_;  ///< answer, number of answers
  std::size_t position_ = 0;
};

/// The answers of a recorded run; 0 (the plain course of events) when they are used up or out of
/// range.
class ReplayChooser final : public Chooser {
 public:
  explicit ReplayChooser(std::span<const std::uint16_t> choices) : choices_(choices) {}

 private:
  std::size_t decide(std::size_t count) override;

  std::span<const std::uint16_t> choices_;
  std::size_t position_ = 0;
};

/// Answers drawn from a seed (SplitMix64): the same seed gives the same run on every machine.
class SeededChooser final : public Chooser {
 public:
  explicit SeededChooser(std::uint64_t seed) : state_(seed) {}

 private:
  std::size_t decide(std::size_t count) override;

  std::uint64_t state_;
};

}  // namespace backout::simulator
