#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace backout::postgres {

/// Microseconds since 2000-01-01 00:00:00, as PostgreSQL stores timestamps (zone: UTC).
using Micros = std::int64_t;

constexpr Micros kMicrosOfSecond = 1'000'000;
constexpr Micros kMicrosOfDay = 86'400 * kMicrosOfSecond;
constexpr std::int64_t kSecondsFrom1970To2000 = 946'684'800;

/// A span of time as PostgreSQL stores it: months and days do not turn into hours.
struct Interval {
  std::int32_t months = 0;
  std::int32_t days = 0;
  Micros micros = 0;
};

/// Why a text is no time: it is malformed (22007), a field is out of range (22008), or it is a form
/// that is not modelled.
enum class TimeMistake : std::uint8_t { malformed, out_of_range, not_modelled };

/// Reads ISO 8601 forms ("2020-01-02", "2020-01-02 03:04:05.6+02", "...T...Z"), "epoch" and dates
/// alone. Other spellings that PostgreSQL knows ("Jan 2 2020", "tomorrow") give not_modelled.
struct ReadTime {
  std::optional<Micros> micros;
  TimeMistake mistake = TimeMistake::malformed;
};
ReadTime read_timestamp(std::string_view text, bool apply_zone);

/// Microseconds since midnight of "03:04:05.6".
ReadTime read_time_of_day(std::string_view text);

/// Reads "1 year 2 mons -3 days 04:05:06", "90 minutes", "1h", ISO "P1DT2H" is not modelled.
std::optional<Interval> read_interval(std::string_view text);

std::string print_date(Micros micros);
/// With the offset "+00" when `zone`.
std::string print_timestamp(Micros micros, bool zone);
std::string print_time_of_day(Micros micros);
std::string print_interval(const Interval& interval);

/// `start` plus `interval`, months clipped to the end of the month.
Micros add_interval(Micros start, const Interval& interval);

/// Year, month and day of a timestamp.
struct CivilDate {
  std::int64_t year = 2000;
  int month = 1;
  int day = 1;
};
CivilDate civil_of(Micros micros);
Micros micros_of(const CivilDate& date);

}  // namespace backout::postgres
