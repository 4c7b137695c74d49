#include "importers/draft/text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace backout::importers {

namespace {

constexpr std::size_t kLongestId = 40;

struct Unit {
  std::int64_t ms;
  const char* name;
};
constexpr std::array kUnits = {Unit{86'400'000, "d"}, Unit{3'600'000, "h"}, Unit{60'000, "m"}, Unit{1'000, "s"}, Unit{1, "ms"}};

/// The largest unit that both can be written in without a fraction.
Unit common_unit(std::int64_t a, std::int64_t b) {
  return *std::ranges::find_if(kUnits, [&](const Unit& unit) { return a % unit.ms == 0 && b % unit.ms == 0; });
}

}  // namespace

std::string scalar_text(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string slug(std::string_view name, std::string_view fallback) {
  static const std::set<std::string> kReserved = {"none", "auto", "unknown", "derived", "missing", "true", "false",
                                                  "null", "yes",  "no",      "on",      "off",     "y",    "n"};
  // What stands in brackets at the end of a title is a time or a remark.
  if (const std::size_t bracket = name.find(" ("); bracket != std::string_view::npos && name.ends_with(')')) name = name.substr(0, bracket);
  std::string id;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (fits) id += c;
    else if (!id.empty() && id.back() != '_') id += '_';
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
  for (int i = 2; !taken_.insert(id).second; ++i) id = fmt::format("{}_{}", first, i);
  return id;
}

bool shares_word(std::string_view a, std::string_view b) {
  static const std::set<std::string> kCommon = {"rollback", "method", "step", "rolling", "back", "procedure", "time"};
  const std::string left = "_" + slug(a, "x") + "_";
  const std::string right = slug(b, "x");
  for (std::size_t at = 0; at < right.size();) {
    const std::size_t end = std::min(right.find('_', at), right.size());
    const std::string word = right.substr(at, end - at);
    if (word.size() > 3 && !kCommon.contains(word) && left.find("_" + word + "_") != std::string::npos) return true;
    at = end + 1;
  }
  return false;
}

std::string duration(std::int64_t ms) {
  const Unit unit = common_unit(ms, ms);
  return ms == 0 ? "0" : fmt::format("{}{}", ms / unit.ms, unit.name);
}

std::string duration(const TimeRange& range) {
  if (!range.high_ms) return "unknown";
  const std::int64_t high = *range.high_ms;
  if (!range.low_ms) return fmt::format("{}{}", range.strict ? "<" : "", duration(high));
  if (*range.low_ms == high) return fmt::format("{}{}", range.rough && high != 0 ? "~" : "", duration(high));
  const Unit unit = common_unit(*range.low_ms, high);
  return fmt::format("{}-{}{}", *range.low_ms / unit.ms, high / unit.ms, unit.name);
}

}  // namespace backout::importers
