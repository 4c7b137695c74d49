// date_trunc cuts a time, extract and date_part take a field of it, AT TIME ZONE turns local times
// into points in time and back (timestamp.c; manual, "Date/Time Functions and Operators").
// Left out: weeks, days of the week or year, decades and parts of seconds; parts of intervals
// except their seconds as a whole. These give values that are not known.
#include "postgres/values/functions_time.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "postgres/read/text.hpp"
#include "postgres/values/datetime.hpp"
#include "postgres/values/number_text.hpp"
#include "postgres/values/operators.hpp"
#include "postgres/values/time_zones.hpp"

namespace backout::postgres {
namespace {

constexpr Micros kMicrosOfHour = 3600 * kMicrosOfSecond;

std::optional<Micros> truncated(std::string_view unit, Micros micros) {
  CivilDate date = civil_of(micros);
  const Micros day = micros_of(date);
  if (unit == "day") return day;
  if (unit == "hour") return day + (micros - day) / kMicrosOfHour * kMicrosOfHour;
  if (unit == "minute")
    return day + (micros - day) / (60 * kMicrosOfSecond) * (60 * kMicrosOfSecond);
  if (unit == "second") return day + (micros - day) / kMicrosOfSecond * kMicrosOfSecond;
  date.day = 1;
  if (unit == "month") return micros_of(date);
  if (unit == "quarter") {
    date.month = (date.month - 1) / 3 * 3 + 1;
    return micros_of(date);
  }
  date.month = 1;
  if (unit == "year") return micros_of(date);
  return std::nullopt;
}

std::string seconds_text(Micros micros) {
  return fmt::format("{}{}.{:06}", micros < 0 ? "-" : "", std::abs(micros / kMicrosOfSecond),
                     std::abs(micros % kMicrosOfSecond));
}

std::optional<std::string> part_of(std::string_view unit, Micros micros) {
  const CivilDate date = civil_of(micros);
  const Micros of_day = micros - micros_of(date);
  if (unit == "year") return std::to_string(date.year);
  if (unit == "month") return std::to_string(date.month);
  if (unit == "day") return std::to_string(date.day);
  if (unit == "hour") return std::to_string(of_day / kMicrosOfHour);
  if (unit == "minute") return std::to_string(of_day / (60 * kMicrosOfSecond) % 60);
  if (unit == "second") return seconds_text(of_day % (60 * kMicrosOfSecond));
  if (unit == "epoch") return seconds_text(micros + kSecondsFrom1970To2000 * kMicrosOfSecond);
  return std::nullopt;
}

}  // namespace

namespace {

/// extract(epoch FROM interval): a year has 365.25 days, a month 30.
std::optional<Value> seconds_of(std::string_view name, std::span<const Typed> arguments,
                                const ValueType& type) {
  const Typed& subject = arguments[1];
  if (name == "date_trunc" || subject.type.family != TypeClass::interval ||
      !subject.value.is_known() || !arguments[0].value.is_known())
    return std::nullopt;
  const auto span = read_interval(subject.value.text());
  if (!span || to_lower(arguments[0].value.text()) != "epoch") return std::nullopt;
  constexpr std::int64_t kSecondsOfDay = 86'400;
  const std::int64_t days = span->months / 12 * std::int64_t{1461} +
                            (span->months % 12 * std::int64_t{30} + span->days) * 4;  // in quarters
  const Micros micros = days * kSecondsOfDay / 4 * kMicrosOfSecond + span->micros;
  const std::string text = seconds_text(micros);
  if (type.family == TypeClass::numeric) return Value::known(text);
  return Value::known(print_float(std::strtod(text.c_str(), nullptr), TypeClass::float8));
}

/// extract() does not take the units of a clock from a date that is not NULL.
std::optional<Stop> clock_of_a_date(std::string_view name, std::span<const Typed> arguments,
                                    int server) {
  constexpr auto kUnits = std::to_array<std::string_view>(
      {"hour", "minute", "second", "millisecond", "milliseconds", "microsecond", "microseconds",
       "timezone", "timezone_hour", "timezone_minute"});
  const Typed& subject = arguments[1];
  const bool of_date = subject.type.family == TypeClass::date && !subject.type.is_array();
  if (name != "extract" || !of_date || !arguments[0].value.is_known()) return std::nullopt;
  const std::string unit = to_lower(arguments[0].value.text());
  if (std::ranges::find(kUnits, unit) == kUnits.end()) return std::nullopt;
  constexpr int kOwnExtract = 14;  // before that a date was taken for a timestamp
  const bool older = server != 0 && server < kOwnExtract;
  if (older || subject.value.may_be_null()) return not_known(fmt::format("the {} of a date", unit));
  return refuse("0A000", fmt::format("unit \"{}\" not supported for type date", unit));
}

/// `[+-]hh[:mm]` behind the name of a zone, as POSIX has it: what is positive lies west of
/// Greenwich. The way east.
std::optional<Micros> posix_offset(std::string_view text) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const std::size_t colon = std::min(text.find(':'), text.size());
  const auto number = [](std::string_view digits) -> std::optional<int> {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const bool whole = end == digits.data() + digits.size() && digits.size() <= 2;
    return error == std::errc() && whole && value >= 0 ? std::optional(value) : std::nullopt;
  };
  const auto hours = number(text.substr(1, colon - 1));
  const auto minutes = colon == text.size() ? std::optional(0) : number(text.substr(colon + 1));
  if (!hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
  const Micros west = (*hours * 60 + *minutes) * 60 * kMicrosOfSecond;
  return text[0] == '+' ? -west : west;
}

/// How far east of Greenwich a zone lies all year; nothing where that is not known.
std::optional<Micros> zone_offset(const Typed& zone) {
  if (zone.type.family == TypeClass::interval) {
    const auto span = read_interval(zone.value.text());
    const bool clock = span && span->months == 0 && span->days == 0;
    return clock ? std::optional(span->micros) : std::nullopt;
  }
  constexpr auto kSameAsUtc = std::to_array<std::string_view>(
      {"utc", "etc/utc", "gmt", "etc/gmt", "zulu", "z", "uct", "universal"});
  const std::string name = to_lower(zone.value.text());
  if (std::find(kSameAsUtc.begin(), kSameAsUtc.end(), name) != kSameAsUtc.end()) return 0;
  constexpr std::string_view kNumbered = "etc/gmt";
  if (name.starts_with(kNumbered) && name.find(':') == std::string::npos)
    return posix_offset(std::string_view(name).substr(kNumbered.size()));
  return posix_offset(name);
}

/// A time moved between UTC and a zone; nothing where that is not known.
std::optional<Micros> moved(Micros micros, const Typed& zone, bool to_point) {
  if (const std::optional<Micros> east = zone_offset(zone))
    return to_point ? micros - *east : micros + *east;
  const auto named =
      zone.type.family == TypeClass::interval ? std::nullopt : TimeZone::named(zone.value.text());
  if (!named) return std::nullopt;
  if (to_point) return named->point_of(micros);
  const std::optional<Micros> east = named->offset_at(micros);
  return east ? std::optional(micros + *east) : std::nullopt;
}

/// AT TIME ZONE: between local times of a zone and points in time; a date is one in the zone of the
/// session.
Checked<Typed> at_time_zone(std::span<const Typed> arguments) {
  const Typed& subject = arguments[1];
  const bool to_point = subject.type.family == TypeClass::timestamp;
  const bool from_point =
      subject.type.family == TypeClass::timestamptz || subject.type.family == TypeClass::date;
  const ValueType type = plain(
      from_point ? TypeClass::timestamp : (to_point ? TypeClass::timestamptz : TypeClass::unknown));
  if (subject.value.is_null() || arguments[0].value.is_null()) return Typed{Value(), type};
  if (subject.value.is_known() && arguments[0].value.is_known() &&
      type.family != TypeClass::unknown) {
    const ReadTime read = read_timestamp(subject.value.text(), true);
    const auto there =
        read.micros ? moved(*read.micros, arguments[0], to_point) : std::optional<Micros>();
    if (there) return Typed{Value::known(print_timestamp(*there, to_point)), type};
  }
  return strictly_derived("timezone", arguments, type);
}

}  // namespace

namespace {

/// make_interval(): years, months, weeks, days, hours, minutes, seconds.
Checked<Typed> make_interval(std::span<const Typed> arguments) {
  const ValueType type = plain(TypeClass::interval);
  constexpr std::size_t kParts = 7;
  std::array<double, kParts> parts{};
  bool known = arguments.size() <= kParts;
  for (std::size_t at = 0; at < std::min(arguments.size(), kParts); ++at) {
    const Value& value = arguments[at].value;
    known = known && value.is_known();
    if (value.is_known()) parts[at] = std::strtod(value.text().c_str(), nullptr);
  }
  constexpr double kMost = 2'147'483'647;
  known = known && std::ranges::all_of(parts, [](double part) { return std::abs(part) <= kMost; });
  const double months = parts[0] * 12 + parts[1];
  const double days = parts[2] * 7 + parts[3];
  if (known && std::abs(months) < kMost && std::abs(days) < kMost) {
    const double clock = (parts[4] * 60 + parts[5]) * 60;
    const auto micros = static_cast<Micros>(clock) * kMicrosOfSecond +
                        std::llround(parts[6] * static_cast<double>(kMicrosOfSecond));
    return Typed{Value::known(print_interval(
                     {static_cast<std::int32_t>(months), static_cast<std::int32_t>(days), micros})),
                 type};
  }
  return strictly_derived("make_interval", arguments, type);
}

}  // namespace

std::optional<Checked<Typed>> time_function(std::string_view name, std::span<const Typed> arguments,
                                            int server) {
  if (name == "timezone" && arguments.size() == 2) return at_time_zone(arguments);
  if (name == "make_interval") return make_interval(arguments);
  const bool truncates = name == "date_trunc";
  if (!truncates && name != "date_part" && name != "extract") return std::nullopt;
  if (arguments.size() < 2) return std::nullopt;
  const Typed& subject = arguments[1];
  ValueType type = plain(name == "extract" ? TypeClass::numeric : TypeClass::float8);
  if (truncates)
    type = plain(subject.type.family == TypeClass::date ? TypeClass::timestamptz
                                                        : subject.type.family);
  if (subject.value.is_null() || arguments[0].value.is_null()) return Typed{Value(), type};
  if (auto stop = clock_of_a_date(name, arguments, server)) return tl::unexpected(std::move(*stop));
  if (auto seconds = seconds_of(name, arguments, type)) return Typed{std::move(*seconds), type};
  if (!is_time(subject.type.family) || !subject.value.is_known() ||
      !arguments[0].value.is_known()) {
    Typed result = derived(name, arguments, type);
    if (!subject.value.may_be_null())
      result.value = Value::symbol(Symbol::present, result.value.identity());
    return result;
  }
  const std::string unit = to_lower(arguments[0].value.text());
  const ReadTime read = read_timestamp(subject.value.text(), true);
  if (read.micros && truncates) {
    if (const auto start = truncated(unit, *read.micros)) {
      return Typed{Value::known(print_timestamp(*start, type.family == TypeClass::timestamptz)),
                   type};
    }
  }
  if (read.micros && !truncates) {
    auto part = part_of(unit, *read.micros);
    if (part && subject.type.family == TypeClass::date)
      part->resize(std::min(part->find('.'), part->size()));  // a date counts whole seconds
    if (part) {
      const bool exact = type.family == TypeClass::numeric;
      return Typed{
          Value::known(exact ? *part
                             : print_float(std::strtod(part->c_str(), nullptr), TypeClass::float8)),
          type};
    }
  }
  Typed result = derived(name, arguments, type);
  // Of what is no infinity each part is something.
  if (read.micros) result.value = Value::symbol(Symbol::present, result.value.identity());
  return result;
}

}  // namespace backout::postgres
