// The IANA database gives each zone a history and a rule for the future, in the form of the
// variable TZ of POSIX; zones rarely change their rule, so that the rule holds for the last
// decades, too. Left out: what was before it; names without a slash (CET, EST5EDT).
#include "postgres/values/time_zones.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "postgres/read/text.hpp"

namespace backout::postgres {
namespace {

constexpr std::string_view kZones =
#include "postgres/values/time_zones.inc"
    ;

constexpr Micros kMicrosOfHour = 3600 * kMicrosOfSecond;

/// Takes a name such as CET or <+03> off the front.
void skip_name(std::string_view& text) {
  const std::size_t end =
      text.starts_with('<') ? text.find('>') + 1 : text.find_first_of("+-0123456789,");
  text.remove_prefix(std::min(end, text.size()));
}

/// Takes [+-]h[:mm[:ss]] off the front; nothing when there is none.
std::optional<Micros> take_clock(std::string_view& text) {
  const bool back = text.starts_with('-');
  if (back || text.starts_with('+')) text.remove_prefix(1);
  Micros total = 0;
  Micros unit = kMicrosOfHour;
  for (int part = 0; part < 3; ++part, unit /= 60) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) return std::nullopt;
    total += value * unit;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.starts_with(':')) break;
    text.remove_prefix(1);
  }
  return back ? -total : total;
}

int year_of(Micros micros) { return static_cast<int>(civil_of(micros).year); }

}  // namespace

/// Reads "M10.5.0/3": the last Sunday of October, at 3.
std::optional<TimeZone::Change> TimeZone::read_change(std::string_view text) {
  constexpr Micros kUsual = 2 * kMicrosOfHour;
  Change change;
  change.clock = kUsual;
  for (int* part : {&change.month, &change.week, &change.weekday}) {
    text.remove_prefix(std::min<std::size_t>(1, text.size()));  // M, or the dot
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *part);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  if (!text.starts_with('/')) return change;
  text.remove_prefix(1);
  const auto clock = take_clock(text);
  if (!clock) return std::nullopt;
  change.clock = *clock;
  return change;
}

std::optional<TimeZone> TimeZone::named(std::string_view name) {
  const std::string wanted = "\n" + to_lower(name) + " ";
  const std::size_t at =
      name.find('/') == std::string_view::npos ? std::string_view::npos : kZones.find(wanted);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = kZones.substr(at + wanted.size());
  rest = rest.substr(0, rest.find('\n'));
  std::string_view rule = rest.substr(0, rest.find(' '));
  const std::string_view since = rest.substr(rule.size() + 1);
  TimeZone zone;
  std::from_chars(since.data(), since.data() + since.size(), zone.since_);
  skip_name(rule);
  const auto west = take_clock(rule);
  if (!west) return std::nullopt;
  zone.standard_ = -*west;
  if (rule.empty()) return zone;
  skip_name(rule);
  const auto summer = rule.starts_with(',') ? std::nullopt : take_clock(rule);
  zone.summer_ = summer ? -*summer : zone.standard_ + kMicrosOfHour;
  rule.remove_prefix(std::min<std::size_t>(1, rule.size()));
  const std::size_t comma = std::min(rule.find(','), rule.size());
  const auto start = read_change(rule.substr(0, comma));
  const auto end = read_change(rule.substr(std::min(comma + 1, rule.size())));
  if (!start || !end) return std::nullopt;
  zone.start_ = *start;
  zone.end_ = *end;
  return zone;
}

Micros TimeZone::moment(int year, const Change& change, Micros offset) {
  constexpr int kWeek = 7;
  constexpr int kSaturday = 6;  // 2000-01-01, from where the days are counted
  const Micros first = micros_of({year, change.month, 1});
  const auto days = static_cast<int>(first / kMicrosOfDay);
  const int weekday = ((days + kSaturday) % kWeek + kWeek) % kWeek;
  int day = (change.weekday - weekday + kWeek) % kWeek + (change.week - 1) * kWeek;
  while (civil_of(first + day * kMicrosOfDay).month != change.month) day -= kWeek;
  return first + day * kMicrosOfDay + change.clock - offset;
}

bool TimeZone::in_summer(Micros utc, int year) const {
  const Micros start = moment(year, start_, standard_);
  const Micros end = moment(year, end_, *summer_);
  return start < end ? start <= utc && utc < end : end > utc || utc >= start;
}

std::optional<Micros> TimeZone::offset_at(Micros utc) const {
  const int year = year_of(utc + standard_);
  if (year < since_) return std::nullopt;
  return summer_ && in_summer(utc, year) ? *summer_ : standard_;
}

std::optional<Micros> TimeZone::point_of(Micros local) const {
  if (year_of(local - kMicrosOfDay) < since_) return std::nullopt;
  if (!summer_) return local - standard_;
  const bool standard = offset_at(local - standard_) == standard_;
  const bool summer = offset_at(local - *summer_) == *summer_;
  if (standard != summer) return local - (standard ? standard_ : *summer_);
  return local - std::min(standard_, *summer_);
}

std::optional<std::pair<Micros, Micros>> TimeZone::awkward() const {
  if (!summer_) return std::nullopt;
  constexpr int kYear = 2026;
  const Micros half = kMicrosOfHour / 2;
  const Micros start = moment(kYear, start_, standard_);
  const Micros end = moment(kYear, end_, *summer_);
  const bool ahead = *summer_ > standard_;
  const Micros forward = ahead ? start : end;
  const Micros back = ahead ? end : start;
  return std::pair(forward + std::min(standard_, *summer_) + half, back - half);
}

}  // namespace backout::postgres
