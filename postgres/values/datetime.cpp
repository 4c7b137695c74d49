// PostgreSQL counts times in microseconds since 2000-01-01 and reads many spellings (datetime.c,
// timestamp.c; manual, "Date/Time Input Interpretation").
// Left out: other spellings than ISO's, names of months and zones, "today" and its like, BC,
// intervals as "P1D" are not known. The session's time zone is always UTC, DateStyle and
// IntervalStyle are the standard ones.
#include "postgres/values/datetime.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <utility>

#include <fmt/compile.h>
#include <fmt/format.h>

namespace backout::postgres {
namespace {

constexpr std::int64_t kDaysFrom1970To2000 = 10'957;

/// Days since 1970-01-01 (Howard Hinnant, chrono-compatible low-level date algorithms).
std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719'468;
}

CivilDate civil_from_days(std::int64_t days) {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const std::int64_t day_of_era = days - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * day_of_year + 2) / 153;
  const int day = static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1);
  const int month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

int days_of_month(std::int64_t year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays.at(static_cast<std::size_t>(month - 1));
}

/// Days since 2000-01-01, rounded down.
std::int64_t day_of(Micros micros) {
  return micros >= 0 ? micros / kMicrosOfDay : -((-micros + kMicrosOfDay - 1) / kMicrosOfDay);
}

/// Consumes what a reader of times needs from the front of a text.
class DatetimeReader {
 public:
  explicit DatetimeReader(std::string_view text) : rest_(text) { skip_blanks(); }

  void skip_blanks() {
    while (!rest_.empty() && std::isspace(static_cast<unsigned char>(rest_.front())) != 0)
      rest_.remove_prefix(1);
  }
  bool done() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool take(char c) {
    if (peek() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// Up to `most` digits as a number.
  std::optional<std::int64_t> number(int most) {
    std::int64_t value = 0;
    int count = 0;
    while (count < most && peek() >= '0' && peek() <= '9') {
      value = value * 10 + (peek() - '0');
      rest_.remove_prefix(1);
      ++count;
    }
    return count == 0 ? std::nullopt : std::optional(value);
  }
  /// Digits after a decimal point as microseconds, rounded.
  Micros fraction() {
    std::string digits = "0.";
    while (peek() >= '0' && peek() <= '9') {
      digits += peek();
      rest_.remove_prefix(1);
    }
    return static_cast<Micros>(std::strtod(digits.c_str(), nullptr) * 1e6 + 0.5);
  }
  std::string word() {
    std::string letters;
    while (std::isalpha(static_cast<unsigned char>(peek())) != 0) {
      letters += static_cast<char>(std::tolower(static_cast<unsigned char>(peek())));
      rest_.remove_prefix(1);
    }
    return letters;
  }

 private:
  std::string_view rest_;
};

ReadTime failed(TimeMistake mistake) { return {std::nullopt, mistake}; }

/// "03:04[:05[.6]]"
ReadTime read_clock(DatetimeReader& reader) {
  const auto hour = reader.number(2);
  if (!hour || !reader.take(':')) return failed(TimeMistake::malformed);
  const auto minute = reader.number(2);
  if (!minute) return failed(TimeMistake::malformed);
  std::int64_t second = 0;
  Micros fraction = 0;
  if (reader.take(':')) {
    const auto read = reader.number(2);
    if (!read) return failed(TimeMistake::malformed);
    second = *read;
    if (reader.take('.')) fraction = reader.fraction();
  }
  if (*hour > 24 || *minute > 59 || second > 60) return failed(TimeMistake::out_of_range);
  return {((*hour * 60 + *minute) * 60 + second) * kMicrosOfSecond + fraction, {}};
}

/// Whether a date may begin with `word`: names of months and days, and the special values.
bool is_word_of_time(std::string_view word) {
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"jan", "feb",   "mar",      "apr",       "may",      "jun", "jul", "aug", "sep",
       "oct", "nov",   "dec",      "mon",       "tue",      "wed", "thu", "fri", "sat",
       "sun", "today", "tomorrow", "yesterday", "allballs", "now", "j",   "y"});
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view known) { return word.substr(0, known.size()) == known; });
}

/// "Z", "UTC", "+02", "-02:30"; nothing read is UTC.
ReadTime read_zone(DatetimeReader& reader) {
  reader.skip_blanks();
  if (reader.done()) return {0, {}};
  if (std::isalpha(static_cast<unsigned char>(reader.peek())) != 0) {
    const std::string word = reader.word();
    if (word == "z" || word == "utc" || word == "gmt") return {0, {}};
    return failed(TimeMistake::not_modelled);
  }
  const bool negative = reader.take('-');
  if (!negative && !reader.take('+')) return failed(TimeMistake::malformed);
  const auto hours = reader.number(2);
  if (!hours) return failed(TimeMistake::malformed);
  reader.take(':');
  const std::int64_t minutes = reader.number(2).value_or(0);
  const Micros offset = (*hours * 60 + minutes) * 60 * kMicrosOfSecond;
  return {negative ? -offset : offset, {}};
}

std::string print_clock(Micros of_day) {
  const Micros seconds = of_day / kMicrosOfSecond;
  std::string printed = fmt::format(FMT_COMPILE("{:02}:{:02}:{:02}"), seconds / 3600,
                                    seconds / 60 % 60, seconds % 60);
  if (const Micros fraction = of_day % kMicrosOfSecond; fraction != 0) {
    std::string digits = fmt::format("{:06}", fraction);
    while (digits.back() == '0') digits.pop_back();
    printed += "." + digits;
  }
  return printed;
}

/// Adds `amount` (whole part, and microparts of one) of the unit `word` to `interval`; false when
/// it is no unit.
bool add_unit(Interval& interval, const std::string& word, double amount) {
  struct Unit {
    std::string_view prefix;
    std::int32_t months;
    std::int32_t days;
    Micros micros;
  };
  static constexpr auto kUnits = std::to_array<Unit>({
      {"microsecond", 0, 0, 1},
      {"millisecond", 0, 0, 1000},
      {"millenni", 12'000, 0, 0},
      {"second", 0, 0, kMicrosOfSecond},
      {"sec", 0, 0, kMicrosOfSecond},
      {"minute", 0, 0, 60 * kMicrosOfSecond},
      {"min", 0, 0, 60 * kMicrosOfSecond},
      {"hour", 0, 0, 3600 * kMicrosOfSecond},
      {"hr", 0, 0, 3600 * kMicrosOfSecond},
      {"day", 0, 1, 0},
      {"week", 0, 7, 0},
      {"month", 1, 0, 0},
      {"mon", 1, 0, 0},
      {"year", 12, 0, 0},
      {"yr", 12, 0, 0},
      {"decade", 120, 0, 0},
      {"century", 1200, 0, 0},
  });
  std::string unit = word;
  if (unit.size() > 1 && unit.back() == 's') unit.pop_back();
  if (unit == "centurie") unit = "century";
  if (unit == "s") unit = "second";
  if (unit == "m") unit = "minute";
  if (unit == "h") unit = "hour";
  if (unit == "d") unit = "day";
  if (unit == "w") unit = "week";
  if (unit == "y") unit = "year";
  const auto* found = std::find_if(kUnits.begin(), kUnits.end(),
                                   [&](const Unit& entry) { return entry.prefix == unit; });
  if (found == kUnits.end()) return false;
  const auto whole = static_cast<std::int64_t>(amount);
  const double part = amount - static_cast<double>(whole);
  interval.months += static_cast<std::int32_t>(whole * found->months);
  interval.days += static_cast<std::int32_t>(whole * found->days);
  interval.micros +=
      whole * found->micros + static_cast<Micros>(part * static_cast<double>(found->micros));
  if (part != 0 && found->days != 0) {
    interval.micros += static_cast<Micros>(part * static_cast<double>(found->days * kMicrosOfDay));
  }
  if (part != 0 && found->months != 0)
    interval.months += static_cast<std::int32_t>(part * found->months);
  return true;
}

}  // namespace

ReadTime read_timestamp(std::string_view text, bool apply_zone) {
  DatetimeReader reader(text);
  if (std::isalpha(static_cast<unsigned char>(reader.peek())) != 0) {
    const std::string word = reader.word();
    if (word == "epoch") return {-kDaysFrom1970To2000 * kMicrosOfDay, {}};
    return failed(is_word_of_time(word) ? TimeMistake::not_modelled : TimeMistake::malformed);
  }
  const auto year = reader.number(9);
  if (!year) return failed(TimeMistake::malformed);
  if (!reader.take('-')) return failed(TimeMistake::not_modelled);
  const auto month = reader.number(2);
  if (!month || !reader.take('-')) return failed(TimeMistake::not_modelled);
  const auto day = reader.number(2);
  if (!day) return failed(TimeMistake::malformed);
  if (*month < 1 || *month > 12 || *day < 1 ||
      *day > days_of_month(*year, static_cast<int>(*month))) {
    return failed(TimeMistake::out_of_range);
  }
  Micros micros = micros_of({*year, static_cast<int>(*month), static_cast<int>(*day)});
  if (reader.peek() == 'T' || reader.peek() == 't') reader.word();
  reader.skip_blanks();
  if (reader.done()) return {micros, {}};
  if (reader.peek() >= '0' && reader.peek() <= '9') {
    const ReadTime clock = read_clock(reader);
    if (!clock.micros) return clock;
    micros += *clock.micros;
  }
  const ReadTime zone = read_zone(reader);
  if (!zone.micros) return zone;
  reader.skip_blanks();
  if (!reader.done()) return failed(TimeMistake::not_modelled);
  return {apply_zone ? micros - *zone.micros : micros, {}};
}

ReadTime read_time_of_day(std::string_view text) {
  DatetimeReader reader(text);
  const ReadTime clock = read_clock(reader);
  if (!clock.micros) return clock;
  reader.skip_blanks();
  if (!reader.done()) return failed(TimeMistake::not_modelled);
  return clock;
}

std::optional<Interval> read_interval(std::string_view text) {
  DatetimeReader reader(text);
  Interval interval;
  bool any = false;
  while (!reader.done()) {
    const bool negative = reader.take('-');
    if (!negative) reader.take('+');
    const auto whole = reader.number(18);
    if (!whole) {
      if (reader.word() != "ago" || !any) return std::nullopt;
      interval = {-interval.months, -interval.days, -interval.micros};
      reader.skip_blanks();
      continue;
    }
    const int sign = negative ? -1 : 1;
    if (reader.take(':')) {
      const std::int64_t minutes = reader.number(2).value_or(0);
      const std::int64_t seconds = reader.take(':') ? reader.number(2).value_or(0) : 0;
      const Micros fraction = reader.take('.') ? reader.fraction() : 0;
      interval.micros +=
          sign * (((*whole * 60 + minutes) * 60 + seconds) * kMicrosOfSecond + fraction);
    } else {
      const double part = reader.take('.') ? static_cast<double>(reader.fraction()) / 1e6 : 0;
      reader.skip_blanks();
      const std::string unit = reader.word();
      const double amount = sign * (static_cast<double>(*whole) + part);
      if (!add_unit(interval, unit.empty() ? "second" : unit, amount)) return std::nullopt;
    }
    any = true;
    reader.skip_blanks();
  }
  return any ? std::optional(interval) : std::nullopt;
}

std::string print_date(Micros micros) {
  const CivilDate date = civil_of(micros);
  return fmt::format(FMT_COMPILE("{:04}-{:02}-{:02}"), date.year, date.month, date.day);
}

std::string print_timestamp(Micros micros, bool zone) {
  const Micros of_day = micros - day_of(micros) * kMicrosOfDay;
  return print_date(micros) + ' ' + print_clock(of_day) + (zone ? "+00" : "");
}

std::string print_time_of_day(Micros micros) { return print_clock(micros); }

std::string print_interval(const Interval& interval) {
  std::string printed;
  bool after_negative = false;
  const auto unit = [&](std::int64_t amount, std::string_view name) {
    if (amount == 0) return;
    printed +=
        fmt::format("{}{}{} {}{}", printed.empty() ? "" : " ",
                    after_negative && amount > 0 ? "+" : "", amount, name, amount == 1 ? "" : "s");
    after_negative = amount < 0;
  };
  unit(interval.months / 12, "year");
  unit(interval.months % 12, "mon");
  unit(interval.days, "day");
  if (interval.micros != 0 || printed.empty()) {
    const bool negative = interval.micros < 0;
    printed += fmt::format("{}{}{}", printed.empty() ? "" : " ",
                           negative ? "-" : (after_negative ? "+" : ""),
                           print_clock(negative ? -interval.micros : interval.micros));
  }
  return printed;
}

Micros add_interval(Micros start, const Interval& interval) {
  Micros result = start;
  if (interval.months != 0) {
    const Micros of_day = start - day_of(start) * kMicrosOfDay;
    CivilDate date = civil_of(start);
    const std::int64_t months = date.year * 12 + date.month - 1 + interval.months;
    date.year = months >= 0 ? months / 12 : (months - 11) / 12;
    date.month = static_cast<int>(months - date.year * 12 + 1);
    date.day = std::min(date.day, days_of_month(date.year, date.month));
    result = micros_of(date) + of_day;
  }
  return result + interval.days * kMicrosOfDay + interval.micros;
}

CivilDate civil_of(Micros micros) { return civil_from_days(day_of(micros) + kDaysFrom1970To2000); }

Micros micros_of(const CivilDate& date) {
  return (days_from_civil(date.year, date.month, date.day) - kDaysFrom1970To2000) * kMicrosOfDay;
}

}  // namespace backout::postgres
