#pragma once
// A list that grows while others read it: what is in it never moves.

#include <array>
#include <atomic>
#include <bit>
#include <cassert>
#include <cstddef>

namespace backout::simulator {

/// One writer at a time; readers may look at any item whose index they were given.
template <typename Item>
class StableList {
 public:
  StableList() = default;
  StableList(const StableList&) = delete;
  StableList& operator=(const StableList&) = delete;
  ~StableList() {
    for (std::atomic<Item*>& chunk : chunks_) delete[] chunk.load();
  }

  std::size_t size() const { return size_.load(std::memory_order_acquire); }
  Item& operator[](std::size_t at) { return *find(at); }
  const Item& operator[](std::size_t at) const { return *find(at); }
  /// A default item at the end.
  Item& emplace_back() {
    const std::size_t chunk = chunk_of(size());
    if (chunks_[chunk].load(std::memory_order_relaxed) == nullptr) {
      chunks_[chunk].store(new Item[kFirst << chunk](), std::memory_order_release);
    }
    const std::size_t at = size_.load(std::memory_order_relaxed);
    size_.store(at + 1, std::memory_order_release);
    return *find(at);
  }

 private:
  static constexpr std::size_t kFirst =
      64;  ///< items of the first chunk; each next one is twice as large

  static std::size_t chunk_of(std::size_t at) {
    return static_cast<std::size_t>(std::bit_width(at / kFirst + 1)) - 1;
  }
  Item* find(std::size_t at) const {
    assert(at < size() && "an index that was given");
    const std::size_t chunk = chunk_of(at);
    return chunks_[chunk].load(std::memory_order_acquire) +
           (at - kFirst * ((std::size_t{1} << chunk) - 1));
  }

  std::array<std::atomic<Item*>, 40> chunks_{};
  std::atomic<std::size_t> size_ = 0;
};

}  // namespace backout::simulator
