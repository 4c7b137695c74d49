#include "model/duration.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include <fmt/format.h>

namespace backout::model {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t ms;
};
constexpr std::array<Unit, 5> kUnits = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr std::int64_t kLongest = 10'000 * kUnits[0].ms;

using Error = tl::unexpected<std::string>;

const Unit* find_unit(std::string_view name) {
  const auto found = std::find_if(kUnits.begin(), kUnits.end(),
                                  [&](const Unit& unit) { return unit.name == name; });
  return found == kUnits.end() ? nullptr : &*found;
}

/// A number as written: digits and how many of them stand behind the point.
struct Decimal {
  std::int64_t digits = 0;
  int scale = 0;
};

/// `90` `1.5`; takes it off the front of `text`.
std::optional<Decimal> take_decimal(std::string_view& text) {
  Decimal number;
  bool point = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '.' && !point && at > 0) {
      point = true;
    } else if (text[at] >= '0' && text[at] <= '9') {
      if (number.digits > kLongest) return std::nullopt;
      number.digits = number.digits * 10 + (text[at] - '0');
      number.scale += point ? 1 : 0;
    } else {
      break;
    }
  }
  if (at == 0 || text[at - 1] == '.' || number.scale > 9) return std::nullopt;
  text.remove_prefix(at);
  return number;
}

tl::expected<std::int64_t, std::string> in_ms(const Decimal& number, const Unit& unit) {
  std::int64_t divisor = 1;
  for (int i = 0; i < number.scale; ++i) divisor *= 10;
  const __int128 product = static_cast<__int128>(number.digits) * unit.ms;
  if (product % divisor != 0) return Error("finer than a millisecond");
  if (product / divisor > kLongest) return Error("longer than 10000 days");
  return static_cast<std::int64_t>(product / divisor);
}

/// One end of a range: `10`, `10m`, `1h30m`. A bare number takes `inherited` as its unit.
tl::expected<std::int64_t, std::string> parse_point(std::string_view text, const Unit* inherited) {
  const std::string whole(text);
  std::int64_t total = 0;
  std::int64_t smallest = kLongest;
  do {
    const auto number = take_decimal(text);
    if (!number)
      return Error(fmt::format("'{}' is no duration: write a number and a unit, like 5m", whole));
    std::size_t letters = 0;
    while (letters < text.size() && text[letters] != '.' &&
           (text[letters] < '0' || text[letters] > '9'))
      ++letters;
    std::string_view name = text.substr(0, letters);
    while (name.starts_with(' ')) name.remove_prefix(1);
    const Unit* unit = name.empty() ? inherited : find_unit(name);
    if (name.empty() && number->digits == 0 && total == 0) return 0;
    if (name.empty() && unit == nullptr)
      return Error(fmt::format("{0} has no unit: write {0}m or {0}s", whole));
    if (unit == nullptr) return Error(fmt::format("unknown unit '{}': use ms, s, m, h or d", name));
    if (unit->ms >= smallest)
      return Error(fmt::format("'{}': units go from large to small, like 1h30m", whole));
    smallest = unit->ms;
    text.remove_prefix(letters);
    const auto ms = in_ms(*number, *unit);
    if (!ms) return Error(fmt::format("'{}' is {}", whole, ms.error()));
    total += *ms;
  } while (!text.empty());
  if (total > kLongest) return Error(fmt::format("'{}' is longer than 10000 days", whole));
  return total;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t at = text.find(separator); at != std::string_view::npos;
       at = text.find(separator)) {
    parts.push_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  parts.push_back(text);
  return parts;
}

/// The unit of the last point when that has exactly one: what bare numbers before it mean.
const Unit* shared_unit(std::string_view last) {
  const std::size_t unit = last.find_first_not_of("0123456789.");
  return unit == std::string_view::npos ? nullptr : find_unit(last.substr(unit));
}

tl::expected<Duration, std::string> parse_points(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, '-');
  if (parts.size() > 3)
    return Error(fmt::format("'{}' has more than three points: write low-likely-high", text));
  std::vector<std::int64_t> points;
  for (const std::string_view part : parts) {
    const auto point = parse_point(part, parts.size() > 1 ? shared_unit(parts.back()) : nullptr);
    if (!point) return Error(point.error());
    points.push_back(*point);
  }
  for (std::size_t i = 1; i < points.size(); ++i) {
    if (points[i] < points[i - 1]) {
      return Error(fmt::format("range '{}' is reversed: {} is less than {}", text,
                               format_ms(points[i]), format_ms(points[i - 1])));
    }
  }
  Duration duration;
  duration.low_ms = points.front();
  duration.high_ms = points.back();
  if (points.size() == 3) duration.likely_ms = points[1];
  return duration;
}

/// Whole number of the largest unit that divides every value, or nothing when the number would be
/// unreadable.
const Unit* common_unit(const std::vector<std::int64_t>& values, std::int64_t limit) {
  for (const Unit& unit : kUnits) {
    const bool fits =
        std::all_of(values.begin(), values.end(), [&](std::int64_t v) { return v % unit.ms == 0; });
    if (fits)
      return *std::max_element(values.begin(), values.end()) / unit.ms <= limit ? &unit : nullptr;
  }
  return nullptr;
}

std::string join_points(const std::vector<std::int64_t>& points) {
  constexpr std::int64_t kReadable = 300;
  const Unit* unit = common_unit(points, kReadable);
  std::string text;
  for (const std::int64_t point : points) {
    if (!text.empty()) text += '-';
    text += unit != nullptr ? std::to_string(point / unit->ms) : format_ms(point);
  }
  return unit != nullptr ? text + std::string(unit->name) : text;
}

}  // namespace

tl::expected<Duration, std::string> parse_duration(std::string_view text) {
  const std::string whole(text);
  if (text == "unknown") {
    Duration duration;
    duration.unknown = true;
    return duration;
  }
  if (text.empty()) return Error("a duration is empty: write one like 5m, or unknown");
  const bool strict = text.starts_with('<');
  const bool approximate = text.starts_with('~');
  if (text.starts_with('>'))
    return Error(fmt::format("'{}' has no upper end: write a range or unknown", whole));
  if (strict || approximate) text.remove_prefix(1);
  auto duration = parse_points(text);
  if (!duration) return duration;
  duration->approximate = approximate;
  duration->strict = strict;
  if (strict) {
    if (text.find('-') != std::string_view::npos) {
      return Error(fmt::format("'{}': `<` takes one bound, not a range", whole));
    }
    if (duration->high_ms == 0) return Error(fmt::format("'{}': nothing is shorter than 0", whole));
    duration->low_ms = 0;
  }
  return duration;
}

std::string to_string(const Duration& duration) {
  if (duration.unknown) return "unknown";
  if (duration.strict) return "<" + format_ms(duration.high_ms);
  std::vector<std::int64_t> points = {duration.low_ms};
  if (duration.likely_ms) points.push_back(*duration.likely_ms);
  if (duration.likely_ms || duration.high_ms != duration.low_ms) points.push_back(duration.high_ms);
  const std::string text = points.size() == 1 ? format_ms(points.front()) : join_points(points);
  return duration.approximate ? "~" + text : text;
}

std::string format_ms(std::int64_t ms) {
  if (ms < 0) return "-" + format_ms(-ms);
  if (ms == 0) return "0s";
  if (ms < 2000 && ms % 1000 != 0) return std::to_string(ms) + "ms";
  if (ms < 120'000 && ms % 1000 == 0 && ms != 60'000) return std::to_string(ms / 1000) + "s";
  std::string text;
  for (const Unit& unit : kUnits) {
    if (ms / unit.ms > 0) text += std::to_string(ms / unit.ms) + std::string(unit.name);
    ms %= unit.ms;
  }
  return text;
}

std::string format_rough_ms(std::int64_t ms) {
  return format_ms(ms < 10'000 ? ms : (ms + 500) / 1000 * 1000);
}

std::string format_range_ms(std::int64_t low_ms, std::int64_t high_ms) {
  return low_ms == high_ms ? format_ms(low_ms) : join_points({low_ms, high_ms});
}

}  // namespace backout::model
