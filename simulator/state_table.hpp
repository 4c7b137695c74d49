#pragma once
// Which states of a search are known, and what they are worth.

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace backout::simulator {

/// From states to a word each. `State` has hash() and ==.
///
/// States lie one behind the other and never move; an index says where. Its slots also have half of
/// the hash, so that a look goes to one state only, which mostly is the right one.
template <typename State>
class StateTable {
 public:
  struct Entry {
    State state;
    std::uint64_t word = 0;
  };

  std::uint64_t size() const { return size_; }
  /// Memory that is reserved.
  std::uint64_t bytes() const {
    return index_.capacity() * sizeof(Slot) + chunks_.size() * kChunk * sizeof(Entry);
  }

  /// Brings the place of a state with this hash near, for a look soon.
  void prefetch(std::uint64_t hash) const { __builtin_prefetch(&index_[place(hash)]); }

  /// The entry of a state; nullptr when it is not known.
  Entry* find(const State& state, std::uint64_t hash) { return at(*seek(state, hash)); }
  /// The entry of a state, and whether it is new: then it has the word `fresh`.
  std::pair<Entry*, bool> find_or_add(const State& state, std::uint64_t hash, std::uint64_t fresh) {
    Slot* slot = seek(state, hash);
    if (*slot != 0) return {at(*slot), false};
    if (size_ >= limit_) {
      grow();
      slot = seek(state, hash);
    }
    if (size_ / kChunk == chunks_.size())
      chunks_.push_back(std::make_unique_for_overwrite<Entry[]>(kChunk));
    *slot = (hash & kTag) | ++size_;
    Entry* const entry = at(*slot);
    *entry = {state, fresh};
    return {entry, true};
  }
  /// Forgets all states but keeps the room.
  void clear() {
    // As large as these states need: the next ones are about as many.
    const std::size_t slots = std::max(std::bit_ceil(size_ + size_ / 2), kSmallest);
    size_ = 0;
    index_.assign(slots, 0);
    fit();
  }

 private:
  using Slot = std::uint64_t;  ///< half of the hash, and 1 + the number of the state; 0: free
  static constexpr std::size_t kSmallest = 64;
  static constexpr std::size_t kChunk = 2048;
  static constexpr std::uint64_t kTag = 0xffffffffULL << 32;

  std::size_t place(std::uint64_t hash) const { return static_cast<std::uint32_t>(hash) >> shift_; }
  Entry* at(Slot slot) const {
    const std::size_t number = static_cast<std::uint32_t>(slot);
    return number == 0 ? nullptr : &chunks_[(number - 1) / kChunk][(number - 1) % kChunk];
  }
  Slot* seek(const State& state, std::uint64_t hash) {
    const std::size_t mask = index_.size() - 1;
    for (std::size_t i = place(hash);; i = (i + 1) & mask) {
      Slot& slot = index_[i];
      if (slot == 0 || (((slot ^ hash) & kTag) == 0 && at(slot)->state == state)) return &slot;
    }
  }
  void grow() {
    if (index_.size() == 1ULL << 32) throw std::length_error("too many states");
    index_.assign(index_.size() * 2, 0);
    fit();
    const std::size_t mask = index_.size() - 1;
    for (std::uint64_t number = 1; number <= size_; ++number) {
      const std::uint64_t hash = at(number)->state.hash();
      std::size_t i = place(hash);
      while (index_[i] != 0) i = (i + 1) & mask;
      index_[i] = (hash & kTag) | number;
    }
  }
  void fit() {
    shift_ = 32 - static_cast<unsigned>(std::countr_zero(index_.size()));
    limit_ = index_.size() - index_.size() / 4;
  }

  std::vector<Slot> index_ = std::vector<Slot>(kSmallest, 0);
  std::vector<std::unique_ptr<Entry[]>> chunks_;
  std::uint64_t size_ = 0;
  std::uint64_t limit_ = kSmallest - kSmallest / 4;
  unsigned shift_ = 32 - std::countr_zero(kSmallest);
};

}  // namespace backout::simulator
