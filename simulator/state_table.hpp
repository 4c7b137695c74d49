#pragma once
// Which states of a search are known, and what they are worth: open addressing, one word of value per state.

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include <sys/mman.h>

namespace backout::simulator {

/// For a table that one thread uses.
struct NoLock {
  void lock() {}
  void unlock() {}
};

/// For a table that several threads use: held for a few loads, so that waiting is spinning.
class SpinLock {
 public:
  void lock() {
    while (held_.exchange(true, std::memory_order_acquire)) {
      while (held_.load(std::memory_order_relaxed)) __builtin_ia32_pause();
    }
  }
  void unlock() { held_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> held_{false};
};

/// From states to words that are not 0. `State` has hash(), region(), ==, and is a row of 64-bit words.
///
/// Made of parts that grow one at a time, so that growing needs little room besides, by a factor of 1.4: at least 5 of
/// 9 slots are in use once it has grown. States of one region() share a part: a search that goes through one region
/// after the other finds its states in the processor's cache. With locks they share a few, lest threads wait. A slot is
/// found by the hash times the size of its part: growing keeps the order and goes through memory once.
template <typename State, typename Lock>
class StateTable {
 public:
  struct Slot {
    State state;
    std::uint64_t value;  ///< 0: free
  };

  StateTable() = default;
  StateTable(const StateTable&) = delete;
  StateTable& operator=(const StateTable&) = delete;
  ~StateTable() {
    for (Part& part : parts_) release(part.slots, part.capacity);
  }

  /// Number of states. Exact while nobody adds one.
  std::uint64_t size() const { return sum([](const Part& part) { return part.used; }); }
  /// Memory that is in use.
  std::uint64_t bytes() const { return sum([](const Part& part) { return part.capacity * sizeof(Slot); }); }

  /// Brings the place of a state with this hash near, for a look soon. A hint only: the part may grow meanwhile.
  void prefetch(const State& state, std::uint64_t hash) const {
    const Part& part = parts_[part_of(state, hash)];
    __builtin_prefetch(part.slots.load(std::memory_order_relaxed) +
                       place(hash, part.capacity.load(std::memory_order_relaxed)));
  }

  /// The value of a state, or 0 when it is new: then it gets `fresh`.
  std::uint64_t find_or_add(const State& state, std::uint64_t hash, std::uint64_t fresh) {
    Part& part = parts_[part_of(state, hash)];
    const std::lock_guard lock(part);
    if (part.used >= part.limit) grow(part);
    Slot* slot = seek(part.slots, part.capacity, state, hash);
    if (slot->value != 0) return slot->value;
    *slot = {state, fresh};
    ++part.used;
    return 0;
  }
  /// The value of a state; 0 when it is not known.
  std::uint64_t find(const State& state, std::uint64_t hash) {
    Part& part = parts_[part_of(state, hash)];
    const std::lock_guard lock(part);
    return part.capacity == 0 ? 0 : seek(part.slots, part.capacity, state, hash)->value;
  }
  /// Sets the value of a known state and returns the one before.
  std::uint64_t exchange(const State& state, std::uint64_t hash, std::uint64_t value) {
    Part& part = parts_[part_of(state, hash)];
    const std::lock_guard lock(part);
    return std::exchange(seek(part.slots, part.capacity, state, hash)->value, value);
  }

 private:
  static constexpr std::size_t kParts = 1024;
  static constexpr std::size_t kSmallest = 16;
  static constexpr std::uint64_t kMapped = 1 << 17;  ///< parts up to this size come from the heap
  struct alignas(64) Part : Lock {
    std::atomic<Slot*> slots = nullptr;         ///< read without the lock by prefetch() only
    std::atomic<std::uint64_t> capacity = 0;
    std::uint64_t used = 0;
    std::uint64_t limit = 0;
  };

  template <typename Of>
  std::uint64_t sum(Of&& of) const {
    std::uint64_t all = 0;
    for (const Part& part : parts_) all += of(part);
    return all;
  }
  static std::size_t part_of(const State& state, std::uint64_t hash) {
    constexpr bool kShared = !std::is_same_v<Lock, NoLock>;
    return (state.region() + (kShared ? hash % 16 : 0)) % kParts;
  }
  static std::uint64_t place(std::uint64_t hash, std::uint64_t capacity) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(hash) * capacity) >> 64);
  }
  static Slot* seek(Slot* slots, std::uint64_t capacity, const State& state, std::uint64_t hash) {
    const Slot* const end = slots + capacity;
    for (Slot* slot = slots + place(hash, capacity);;) {
      if (slot->value == 0 || slot->state == state) return slot;
      if (++slot == end) slot = slots;
    }
  }
  static Slot* reserve(std::uint64_t capacity) {
    const std::size_t bytes = capacity * sizeof(Slot);
    if (capacity <= kMapped) {
      if (void* memory = std::calloc(capacity, sizeof(Slot))) return static_cast<Slot*>(memory);
      throw std::bad_alloc();
    }
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    // Probes go everywhere: without large pages each one would also miss the translation of its address.
    madvise(memory, bytes, MADV_HUGEPAGE);
    return static_cast<Slot*>(memory);
  }
  static void release(Slot* slots, std::uint64_t capacity) {
    if (capacity > kMapped) munmap(slots, capacity * sizeof(Slot));
    else std::free(slots);
  }

  static void grow(Part& part) {
    const std::uint64_t capacity = part.capacity == 0 ? kSmallest : part.capacity * 7 / 5;
    Slot* slots = reserve(capacity);
    const Slot* const old = part.slots;
    for (std::uint64_t i = 0; i < part.capacity; ++i) {
      const Slot& slot = old[i];
      if (slot.value != 0) *seek(slots, capacity, slot.state, slot.state.hash()) = slot;
    }
    release(part.slots, part.capacity);
    part.slots.store(slots, std::memory_order_relaxed);
    part.capacity.store(capacity, std::memory_order_relaxed);
    part.limit = capacity * 25 / 32;
  }

  std::vector<Part> parts_ = std::vector<Part>(kParts);
};

}  // namespace backout::simulator
