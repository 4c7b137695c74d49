#include "importers/draft/text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace backout::importers {

namespace {

constexpr std::size_t kLongestId = 40;

struct TimeUnit {
  std::int64_t ms;
  const char* name;
};
constexpr std::array kUnits = {TimeUnit{86'400'000, "d"}, TimeUnit{3'600'000, "h"},
                               TimeUnit{60'000, "m"}, TimeUnit{1'000, "s"}, TimeUnit{1, "ms"}};

/// The largest unit that both can be written in without a fraction.
TimeUnit common_unit(std::int64_t a, std::int64_t b) {
  return *std::ranges::find_if(
      kUnits, [&](const TimeUnit& unit) { return a % unit.ms == 0 && b % unit.ms == 0; });
}

}  // namespace

std::string scalar_text(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string slug(std::string_view name, std::string_view fallback) {
  static const std::set<std::string> kReserved = {"none", "auto",  "unknown", "derived", "missing",
                                                  "true", "false", "null",    "yes",     "no",
                                                  "on",   "off",   "y",       "n"};
  // What stands in brackets at the end of a title is a time or a remark.
  if (const std::size_t bracket = name.find(" (");
      bracket != std::string_view::npos && name.ends_with(')'))
    name = name.substr(0, bracket);
  std::string id;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (fits)
      id += c;
    else if (!id.empty() && id.back() != '_')
      id += '_';
    if (id.size() >= kLongestId && !fits) break;
  }
  while (id.ends_with('_')) id.pop_back();
  if (id.empty()) id = fallback;
  if (id[0] < 'a' || id[0] > 'z') id = std::string(fallback) + "_" + id;
  return kReserved.contains(id) ? id + "_" : id;
}

std::string Ids::take(std::string_view name, std::string_view fallback) {
  const std::string first = slug(name, fallback);
  std::string id = first;
  int& number = last_[first];
  for (number = std::max(number, 1); !taken_.insert(id).second;)
    id = fmt::format("{}_{}", first, ++number);
  return id;
}

bool shares_word(std::string_view a, std::string_view b) {
  static const std::set<std::string> kCommon = {"rollback", "method",    "step", "rolling",
                                                "back",     "procedure", "time"};
  const std::string left = "_" + slug(a, "x") + "_";
  const std::string right = slug(b, "x");
  for (std::size_t at = 0; at < right.size();) {
    const std::size_t end = std::min(right.find('_', at), right.size());
    const std::string word = right.substr(at, end - at);
    if (word.size() > 3 && !kCommon.contains(word) &&
        left.find("_" + word + "_") != std::string::npos)
      return true;
    at = end + 1;
  }
  return false;
}

std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  std::ranges::replace(text, '\r', ' ');
  return text;
}

namespace {

/// An hour with or without minutes at `at`, which moves behind it; nothing when there is none.
std::optional<int> clock_minutes(std::string_view text, std::size_t& at) {
  const auto digit = [&](std::size_t i) {
    return i < text.size() && text[i] >= '0' && text[i] <= '9';
  };
  if (!digit(at)) return std::nullopt;
  int hour = text[at++] - '0';
  if (digit(at)) hour = hour * 10 + (text[at++] - '0');
  int minute = 0;
  if (at < text.size() && text[at] == ':' && digit(at + 1) && digit(at + 2)) {
    minute = (text[at + 1] - '0') * 10 + (text[at + 2] - '0');
    at += 3;
  }
  if (digit(at) || hour > 24 || minute > 59) return std::nullopt;
  return hour * 60 + minute;
}

/// "AM" or "PM" at `at`, after a space; 0 for none.
char half_of_day(std::string_view text, std::size_t& at) {
  std::size_t from = at;
  if (from < text.size() && text[from] == ' ') ++from;
  if (from + 1 >= text.size() || (text[from + 1] | 32) != 'm') return 0;
  const char half = static_cast<char>(text[from] | 32);
  if (half != 'a' && half != 'p') return 0;
  at = from + 2;
  return half;
}

int of_day(int minutes, char half) {
  const int hour = minutes / 60;
  if (half == 'p' && hour < 12) return minutes + 12 * 60;
  return half == 'a' && hour == 12 ? minutes - 12 * 60 : minutes;
}

}  // namespace

std::string clock_window(std::string_view text) {
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    if (begin > 0 && (std::isalnum(static_cast<unsigned char>(text[begin - 1])) != 0 ||
                      std::string_view("-:./").find(text[begin - 1]) != std::string_view::npos))
      continue;
    std::size_t at = begin;
    const auto from = clock_minutes(text, at);
    if (!from) continue;
    const bool colon = text.substr(begin, at - begin).find(':') != std::string_view::npos;
    char first = half_of_day(text, at);
    while (at < text.size() && text[at] == ' ') ++at;
    const std::size_t dash = text.substr(at).starts_with("\u2013") ? 3
                             : text.substr(at).starts_with("-")    ? 1
                             : text.substr(at).starts_with("to ")  ? 2
                                                                   : 0;
    if (dash == 0) continue;
    at += dash;
    while (at < text.size() && text[at] == ' ') ++at;
    const auto to = clock_minutes(text, at);
    if (!to) continue;
    const char second = half_of_day(text, at);
    if (second == 0 && !colon) continue;  // a range of anything
    if (first == 0) first = second;
    const int a = of_day(*from, first) % 1440;
    const int b = of_day(*to, second) % 1440;
    return fmt::format("{{from: \"{:02}:{:02}\", to: \"{:02}:{:02}\"}}", a / 60, a % 60, b / 60,
                       b % 60);
  }
  return {};
}

std::size_t likeness_of(std::string_view title, std::string_view subject) {
  static const std::set<std::string> kCommon = {"rollback",  "method", "step", "rolling", "back",
                                                "procedure", "time",   "with", "from"};
  const std::string left = "_" + slug(title, "x") + "_";
  const std::string right = slug(subject, "x");
  std::size_t shared = 0;
  for (std::size_t at = 0; at < right.size();) {
    const std::size_t end = std::min(right.find('_', at), right.size());
    const std::string word = right.substr(at, end - at);
    // The beginning of a long word is the word: config, configuration.
    const bool whole = word.size() < 5;
    if (word.size() > 3 && !kCommon.contains(word) &&
        left.find("_" + word + (whole ? "_" : "")) != std::string::npos)
      shared += 2;
    at = end + 1;
  }
  return shared == 0 ? 0 : shared + (left.starts_with("_" + right) ? 1 : 0);
}

std::string duration(std::int64_t ms) {
  const TimeUnit unit = common_unit(ms, ms);
  return ms == 0 ? "0" : fmt::format("{}{}", ms / unit.ms, unit.name);
}

std::string duration(const TimeRange& range) {
  if (!range.high_ms) return "unknown";
  const std::int64_t high = *range.high_ms;
  if (!range.low_ms) return fmt::format("{}{}", range.strict ? "<" : "", duration(high));
  if (*range.low_ms == high)
    return fmt::format("{}{}", range.rough && high != 0 ? "~" : "", duration(high));
  const TimeUnit unit = common_unit(*range.low_ms, high);
  // "From 30 to 5 minutes" is the same range.
  const auto [least, most] = std::minmax(*range.low_ms, high);
  return fmt::format("{}-{}{}", least / unit.ms, most / unit.ms, unit.name);
}

}  // namespace backout::importers
