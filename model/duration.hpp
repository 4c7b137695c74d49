#pragma once
// Times as plans state them. All in integer milliseconds of virtual time.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace backout::model {

/// How long something takes: `10-15m`, `<5m`, `~5m`, `1.5-3h`, `30s`, `2-3-8m` (low, likely, high),
/// `unknown`.
///
/// `<5m` is low 0, high 5 min, strict. `~5m` is approximate: low = high = 5 min. Units: ms, s, m,
/// h, d; required.
struct Duration {
  std::int64_t low_ms = 0;
  std::int64_t high_ms = 0;
  std::optional<std::int64_t> likely_ms;
  bool strict = false;       ///< written with `<`: the high end is not reached
  bool approximate = false;  ///< written with `~`
  bool unknown = false;      ///< written `unknown`; low and high are then 0 and mean nothing

  friend bool operator==(const Duration&, const Duration&) = default;
};

/// Reads a duration; the error says what is wrong and how to write it ("5 has no unit: write 5m or
/// 5s").
tl::expected<Duration, std::string> parse_duration(std::string_view text);

/// The shortest exact form: "90s", "1h30m", "10-15m", "<5m", "unknown".
std::string to_string(const Duration& duration);
/// "1h30m", "5m", "250ms".
std::string format_ms(std::int64_t ms);
/// The same without what nobody needs to know: whole seconds from 10 s on.
std::string format_rough_ms(std::int64_t ms);
/// "10-15m", "100-165m", "1h40m-2h45m": a range in people's units, one unit when that is exact.
std::string format_range_ms(std::int64_t low_ms, std::int64_t high_ms);

}  // namespace backout::model
