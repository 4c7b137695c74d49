#pragma once
// How often times came up, in buckets that any number of runs fills without growing. Adding
// histograms up in any order gives the same one.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace backout::simulator {

/// Times in milliseconds, in buckets that are exact below 256 ms and at most 1/128 of their time
/// wide above it (log-linear, as in HdrHistogram).
class Histogram {
 public:
  void add(std::int64_t time_ms) {
    ++counts_[bucket_of(time_ms)];
    ++count_;
    if (count_ == 1 || time_ms < min_ms_) min_ms_ = time_ms;
    if (count_ == 1 || time_ms > max_ms_) max_ms_ = time_ms;
  }
  void add(const Histogram& other);

  std::uint64_t count() const { return count_; }
  /// The extremes, exact; 0 without any times.
  std::int64_t min_ms() const { return min_ms_; }
  std::int64_t max_ms() const { return max_ms_; }
  /// The smallest bucket's upper end that at least `permille` of a thousand times do not exceed,
  /// capped by max_ms(). 0 without any times.
  std::int64_t percentile_ms(std::uint32_t permille) const;

  /// The buckets that are not empty, in order: [low_ms, high_ms] and how often.
  struct Bucket {
    std::int64_t low_ms = 0;
    std::int64_t high_ms = 0;
    std::uint64_t count = 0;
  };
  std::vector<Bucket> buckets() const;

  /// Buckets by number, for files: (number, count) of those that are not empty, and back.
  std::vector<std::pair<std::uint32_t, std::uint64_t>> numbered() const;
  /// Adds `count` times of a bucket. False: there is no such bucket.
  bool add_numbered(std::uint32_t bucket, std::uint64_t count);
  void set_extremes(std::int64_t min_ms, std::int64_t max_ms);

 private:
  static constexpr int kBits = 7;  // 2^7 buckets per doubling
  static constexpr std::size_t kBuckets = (64 - kBits) << kBits;

  static std::size_t bucket_of(std::int64_t time_ms) {
    const auto time = static_cast<std::uint64_t>(time_ms < 0 ? 0 : time_ms);
    if (time < (2U << kBits)) return time;
    const int shift = 63 - __builtin_clzll(time) - kBits;
    return (static_cast<std::size_t>(shift) << kBits) + (time >> shift);
  }
  static std::int64_t low_of(std::size_t bucket);

  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(kBuckets);
  std::uint64_t count_ = 0;
  std::int64_t min_ms_ = 0;
  std::int64_t max_ms_ = 0;
};

}  // namespace backout::simulator
