// Draws, durations and histograms: what the numbers of a campaign are made of.
#include <algorithm>
#include <cmath>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "simulator/campaign/sampler.hpp"
#include "simulator/campaign/tally.hpp"

namespace backout::simulator {
namespace {

TEST(DrawsTest, TheSameSeedAndRunGiveTheSameNumbersForEver) {
  Draws draws(1, 0);
  EXPECT_EQ(draws.next(), Draws(1, 0).next());
  // Pinned: results of older versions must stay reproducible.
  EXPECT_EQ(Draws(1, 0).next(), 107434381087761299ULL);
  EXPECT_EQ(Draws(7, 123456789).next(), 15948995643365311402ULL);
}

TEST(DrawsTest, NeighbouringRunsAndSeedsHaveNothingInCommon) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (std::uint64_t run = 0; run < 100; ++run) seen.insert(Draws(seed, run).next());
  }
  EXPECT_EQ(seen.size(), 10'000u);
}

RC_GTEST_PROP(DrawsProperty, StaysBelow, (std::uint64_t seed)) {
  const auto count = *rc::gen::inRange<std::uint32_t>(1, 1'000'000);
  const auto most = *rc::gen::inRange<std::int64_t>(0, 1'000'000'000);
  Draws draws(seed, 3);
  for (int i = 0; i < 50; ++i) {
    RC_ASSERT(draws.below(count) < count);
    const std::int64_t time = draws.time(most);
    RC_ASSERT(time >= 0 && time <= most);
  }
}

RC_GTEST_PROP(SamplerProperty, StaysInItsRange, (std::uint64_t seed)) {
  const auto low = *rc::gen::inRange<std::int64_t>(0, 10'000'000);
  const auto high = low + *rc::gen::inRange<std::int64_t>(0, 10'000'000);
  const auto likely = *rc::gen::inRange<std::int64_t>(low, high + 1);
  const Sampler sampler(low, likely, high);
  Draws draws(seed, 0);
  for (int i = 0; i < 50; ++i) {
    const std::int64_t time = sampler.draw(draws);
    RC_ASSERT(time >= low && time <= high);
  }
}

TEST(SamplerTest, FollowsTheTriangle) {
  constexpr std::int64_t kLow = 60'000, kLikely = 120'000, kHigh = 600'000;
  const Sampler sampler(kLow, kLikely, kHigh);
  Draws draws(5, 0);
  double sum = 0;
  int below_likely = 0;
  constexpr int kDraws = 200'000;
  for (int i = 0; i < kDraws; ++i) {
    const std::int64_t time = sampler.draw(draws);
    sum += static_cast<double>(time);
    below_likely += time < kLikely ? 1 : 0;
  }
  // Mean (a+b+c)/3 and P(x < mode) = (c-a)/(b-a), to within 1 %.
  EXPECT_NEAR(sum / kDraws, (kLow + kLikely + kHigh) / 3.0, 2'600);
  EXPECT_NEAR(static_cast<double>(below_likely) / kDraws, 60'000.0 / 540'000.0, 0.004);
}

std::vector<std::int64_t> any_times() {
  return *rc::gen::nonEmpty(rc::gen::container<std::vector<std::int64_t>>(
      rc::gen::inRange<std::int64_t>(0, 1'000'000'000)));
}

RC_GTEST_PROP(HistogramProperty, PercentilesAreRightToOneIn128, ()) {
  std::vector<std::int64_t> times = any_times();
  Histogram histogram;
  for (const std::int64_t time : times) histogram.add(time);
  std::ranges::sort(times);
  RC_ASSERT(histogram.min_ms() == times.front());
  RC_ASSERT(histogram.max_ms() == times.back());
  for (const std::uint32_t permille : {1U, 500U, 900U, 950U, 990U, 1000U}) {
    const std::size_t rank = (times.size() * permille + 999) / 1000;
    const std::int64_t exact = times[rank - 1];
    const std::int64_t shown = histogram.percentile_ms(permille);
    RC_ASSERT(shown >= exact);
    RC_ASSERT(shown <= exact + exact / 128 + 1);
  }
}

RC_GTEST_PROP(HistogramProperty, AddingUpInAnyGroupingIsTheSame, ()) {
  const std::vector<std::int64_t> times = any_times();
  const auto cut = *rc::gen::inRange<std::size_t>(0, times.size() + 1);
  Histogram whole, first, second;
  for (std::size_t i = 0; i < times.size(); ++i) {
    whole.add(times[i]);
    (i < cut ? first : second).add(times[i]);
  }
  second.add(first);
  RC_ASSERT(second.numbered() == whole.numbered());
  RC_ASSERT(second.min_ms() == whole.min_ms() && second.max_ms() == whole.max_ms());
  Histogram read;
  for (const auto& [bucket, count] : whole.numbered()) RC_ASSERT(read.add_numbered(bucket, count));
  RC_ASSERT(read.count() == whole.count());
}

TEST(HistogramTest, RefusesABucketThatDoesNotExist) {
  EXPECT_FALSE(Histogram().add_numbered(1'000'000, 1));
}

TEST(ShareTest, IsWilsonsInterval) {
  // Checked against R: binom::binom.confint(90, 100, methods = "wilson").
  const Share share = share_of(90, 100);
  EXPECT_DOUBLE_EQ(share.value, 0.9);
  EXPECT_NEAR(share.low, 0.8256, 0.0001);
  EXPECT_NEAR(share.high, 0.9448, 0.0001);
  EXPECT_EQ(share_of(0, 0).high, 0);
  EXPECT_EQ(share_of(5, 5).high, 1);
}

}  // namespace
}  // namespace backout::simulator
