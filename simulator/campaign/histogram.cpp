#include "simulator/campaign/histogram.hpp"

#include <algorithm>

namespace backout::simulator {

std::int64_t Histogram::low_of(std::size_t bucket) {
  if (bucket < (2U << kBits)) return static_cast<std::int64_t>(bucket);
  const std::size_t shift = (bucket >> kBits) - 1;
  return static_cast<std::int64_t>((bucket - (shift << kBits)) << shift);
}

void Histogram::add(const Histogram& other) {
  if (other.count_ == 0) return;
  min_ms_ = count_ == 0 ? other.min_ms_ : std::min(min_ms_, other.min_ms_);
  max_ms_ = count_ == 0 ? other.max_ms_ : std::max(max_ms_, other.max_ms_);
  for (std::size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
}

std::int64_t Histogram::percentile_ms(std::uint32_t permille) const {
  const std::uint64_t wanted = (count_ * permille + 999) / 1000;
  std::uint64_t seen = 0;
  for (const Bucket& bucket : buckets()) {
    seen += bucket.count;
    if (seen >= wanted) return std::min(bucket.high_ms, max_ms_);
  }
  return max_ms_;
}

std::vector<Histogram::Bucket> Histogram::buckets() const {
  std::vector<Bucket> all;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    if (counts_[i] != 0) all.push_back({low_of(i), low_of(i + 1) - 1, counts_[i]});
  }
  return all;
}

std::vector<std::pair<std::uint32_t, std::uint64_t>> Histogram::numbered() const {
  std::vector<std::pair<std::uint32_t, std::uint64_t>> all;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    if (counts_[i] != 0) all.emplace_back(static_cast<std::uint32_t>(i), counts_[i]);
  }
  return all;
}

bool Histogram::add_numbered(std::uint32_t bucket, std::uint64_t count) {
  if (bucket >= kBuckets) return false;
  counts_[bucket] += count;
  count_ += count;
  return true;
}

void Histogram::set_extremes(std::int64_t min_ms, std::int64_t max_ms) {
  min_ms_ = min_ms;
  max_ms_ = max_ms;
}

}  // namespace backout::simulator
