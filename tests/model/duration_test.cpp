#include "model/duration.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace backout::model {
namespace {

Duration parsed(std::string_view text) {
  const auto duration = parse_duration(text);
  EXPECT_TRUE(duration) << text << ": " << (duration ? "" : duration.error());
  return duration.value_or(Duration{});
}

std::string error_of(std::string_view text) {
  const auto duration = parse_duration(text);
  return duration ? "" : duration.error();
}

TEST(Durations, AreReadAsPeopleWriteThem) {
  EXPECT_EQ(parsed("90s").high_ms, 90'000);
  EXPECT_EQ(parsed("1h30m").high_ms, 5'400'000);
  EXPECT_EQ(parsed("1.5-3h").low_ms, 5'400'000);
  EXPECT_EQ(parsed("1.5-3h").high_ms, 10'800'000);
  EXPECT_EQ(parsed("90s-3m").low_ms, 90'000);
  EXPECT_EQ(parsed("2-3-8m").likely_ms, 180'000);
  EXPECT_TRUE(parsed("<5m").strict);
  EXPECT_EQ(parsed("<5m").low_ms, 0);
  EXPECT_TRUE(parsed("~5m").approximate);
  EXPECT_EQ(parsed("~5m").low_ms, 300'000);
  EXPECT_TRUE(parsed("unknown").unknown);
  EXPECT_EQ(parsed("0").high_ms, 0);
  EXPECT_EQ(parsed("250ms").high_ms, 250);
  EXPECT_EQ(parsed("2d").high_ms, 172'800'000);
}

TEST(Durations, SayWhatIsWrongWithThem) {
  EXPECT_EQ(error_of("5"), "5 has no unit: write 5m or 5s");
  EXPECT_EQ(error_of("5min"), "unknown unit 'min': use ms, s, m, h or d");
  EXPECT_EQ(error_of("15-10m"), "range '15-10m' is reversed: 10m is less than 15m");
  EXPECT_EQ(error_of("soon"), "'soon' is no duration: write a number and a unit, like 5m");
  EXPECT_EQ(error_of("<1-2m"), "'<1-2m': `<` takes one bound, not a range");
  EXPECT_EQ(error_of("-5m"), "'' is no duration: write a number and a unit, like 5m");
  EXPECT_EQ(error_of("99999999999999999999d"),
            "'99999999999999999999d' is no duration: write a number and a unit, like 5m");
}

TEST(Durations, ArePrintedInPeoplesUnits) {
  EXPECT_EQ(format_ms(0), "0s");
  EXPECT_EQ(format_ms(250), "250ms");
  EXPECT_EQ(format_ms(90'000), "90s");
  EXPECT_EQ(format_ms(300'000), "5m");
  EXPECT_EQ(format_ms(5'400'000), "1h30m");
  EXPECT_EQ(format_range_ms(6'000'000, 9'900'000), "100-165m");
  EXPECT_EQ(format_range_ms(5'400'000, 10'800'000), "90-180m");
  EXPECT_EQ(format_range_ms(300'000, 300'000), "5m");
  EXPECT_EQ(format_range_ms(30'000, 864'000'000), "30s-10d");
}

/// Any duration that a plan can state.
rc::Gen<Duration> any_duration() {
  return rc::gen::exec([] {
    Duration duration;
    const auto ms =
        rc::gen::map(rc::gen::pair(rc::gen::inRange<std::int64_t>(0, 100'000),
                                   rc::gen::element<std::int64_t>(1, 500, 1000, 60'000, 3'600'000)),
                     [](const auto& pair) {
                       return std::min<std::int64_t>(pair.first * pair.second, 864'000'000'000);
                     });
    std::vector<std::int64_t> points = *rc::gen::container<std::vector<std::int64_t>>(3, ms);
    std::sort(points.begin(), points.end());
    switch (*rc::gen::inRange(0, 5)) {
      case 0:
        duration.unknown = true;
        return duration;
      case 1:
        duration.strict = true;
        duration.high_ms = points[2] + 1;
        return duration;
      case 2:
        duration.approximate = true;
        duration.low_ms = duration.high_ms = points[0];
        return duration;
      case 3:
        duration.likely_ms = points[1];
        [[fallthrough]];
      default:
        duration.low_ms = points[0];
        duration.high_ms = points[2];
        return duration;
    }
  });
}

RC_GTEST_PROP(Durations, ReadBackAsTheyWerePrinted, ()) {
  const Duration duration = *any_duration();
  const auto again = parse_duration(to_string(duration));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == duration);
}

RC_GTEST_PROP(Durations, NoTextCrashesTheReader, ()) {
  const auto text = *rc::gen::container<std::string>(
      rc::gen::elementOf(std::string("0123456789.-<>~msdh unkow\xff")));
  const auto duration = parse_duration(text);
  if (duration && !duration->unknown) RC_ASSERT(duration->low_ms <= duration->high_ms);
}

}  // namespace
}  // namespace backout::model
