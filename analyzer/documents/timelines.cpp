// Part of total-disagrees and of method-slower-than-objective: times that are counted from one
// moment, "T+20", "T-30m".
#include <algorithm>
#include <cctype>
#include <optional>

#include <fmt/format.h>

#include "analyzer/documents/objectives.hpp"
#include "analyzer/documents/parts.hpp"
#include "importers/document/words.hpp"

namespace backout::analyzer::documents {

namespace {

/// A point of a timeline; `unit` is 0 where none is written.
struct Moment {
  std::int64_t count = 0;
  std::int64_t unit = 0;
  std::string text;
  std::string what;
  model::Span span;
};

/// "T-7d", "T-2w": letters that stand for a unit here only.
std::int64_t unit_at(std::string_view text, std::size_t at) {
  if (const std::int64_t unit = importers::read_unit(text, at); unit != 0) return unit;
  constexpr std::int64_t kDay = 86'400'000;
  const std::string_view rest = text.substr(std::min(text.find_first_not_of(' ', at), text.size()));
  const bool letter = rest.size() == 1 ||
                      (rest.size() > 1 && std::isalpha(static_cast<unsigned char>(rest[1])) == 0);
  if (!letter) return 0;
  const char c = static_cast<char>(std::tolower(static_cast<unsigned char>(rest[0])));
  return c == 'd' ? kDay : c == 'w' ? 7 * kDay : 0;
}

/// "T+20 min ..." at the begin of a text; "T+1:30" and what is no whole number is not read.
std::optional<Moment> moment_of(std::string_view text) {
  std::size_t at = text.find_first_not_of(" *`|-\t");
  if (at == std::string_view::npos || (text[at] != 'T' && text[at] != 't') || at + 2 >= text.size())
    return std::nullopt;
  const std::size_t sign = text.find_first_not_of(' ', at + 1);
  if (sign == std::string_view::npos) return std::nullopt;
  const bool minus = text.substr(sign).starts_with("-") || text.substr(sign).starts_with("−") ||
                     text.substr(sign).starts_with("–");
  if (!minus && text[sign] != '+') return std::nullopt;
  const std::size_t first = text.find_first_of("0123456789", sign);
  if (first == std::string_view::npos || first > sign + 4) return std::nullopt;
  Moment made;
  std::size_t end = first;
  while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])) != 0 &&
         end - first < 6)
    made.count = made.count * 10 + (text[end++] - '0');
  if (end < text.size() && (text[end] == ':' || text[end] == '.')) return std::nullopt;
  made.unit = unit_at(text, end);
  if (minus) made.count = -made.count;
  made.text = std::string(text.substr(at, end - at));
  return made;
}

using Timeline = std::vector<Moment>;

/// Tables and lists of such moments, each in the order of its text.
std::vector<Timeline> timelines_of(const Document& document) {
  std::vector<Timeline> all;
  for (const importers::Table& table : document.tables) {
    Timeline line;
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
      if (table.rows[r].empty()) continue;
      std::optional<Moment> moment = moment_of(table.rows[r][0]);
      if (!moment) continue;
      for (std::size_t c = 1; c < table.rows[r].size(); ++c)
        moment->what += lower(table.rows[r][c]) + " ";
      moment->span = table.spans[r];
      line.push_back(std::move(*moment));
    }
    all.push_back(std::move(line));
  }
  std::uint32_t section = importers::kNowhere;
  Timeline line;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const importers::Line& each = document.lines[i];
    std::optional<Moment> moment = moment_of(each.text);
    if (each.section != section) {
      all.push_back(std::move(line));
      line.clear();
      section = each.section;
    }
    if (!moment) continue;
    moment->what = document.low().lines[i];
    moment->span = each.span;
    line.push_back(std::move(*moment));
  }
  all.push_back(std::move(line));
  std::erase_if(all, [](const Timeline& each) { return each.size() < 3; });
  return all;
}

/// All of them in one unit: that of those that have one, minutes where none has; false where they
/// cannot be compared.
bool settle_units(Timeline& line) {
  std::int64_t unit = 0;
  bool bare = false, mixed = false;
  for (const Moment& each : line) {
    bare |= each.unit == 0 && each.count != 0;
    mixed |= each.unit != 0 && unit != 0 && each.unit != unit;
    if (each.unit != 0) unit = each.unit;
  }
  if (bare && mixed) return false;
  for (Moment& each : line) {
    if (each.unit == 0) each.unit = unit == 0 ? 60'000 : unit;
  }
  return true;
}

}  // namespace

void look_at_timelines(const DocumentFacts& facts, Findings& found) {
  for (Timeline& line : timelines_of(facts.document)) {
    if (!settle_units(line)) continue;
    const auto at = [](const Moment& each) { return each.count * each.unit; };
    std::size_t drops = 0;
    const Moment* early = nullptr;
    const Moment* before = nullptr;
    for (std::size_t i = 1; i < line.size(); ++i) {
      if (at(line[i]) >= at(line[i - 1])) continue;
      ++drops;
      early = &line[i];
      before = &line[i - 1];
    }
    // Several timelines in one list begin again and again; a list from the last to the first is
    // one, too.
    if (drops != 1 || at(*early) <= 0 || at(*early) <= at(line.front()) || line.size() < 4)
      continue;
    model::Finding made = finding(
        model::Severity::warning, early->span,
        fmt::format("the timeline goes back: '{}' stands behind '{}'", early->text, before->text),
        "put the steps into the order of their times, or mend the time");
    made.related.push_back({before->span, "the later time"});
    add_once(found, std::move(made));
  }
}

void look_at_ends_of_timelines(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  const importers::Time* target = nullptr;
  for (const importers::Time& time : document.times) {
    if (time.use != importers::Time::Use::target || !time.range.high_ms || is_last_bound(time) ||
        !is_of_everything(document, time))
      continue;
    if (target != nullptr && *target->range.high_ms != *time.range.high_ms) return;
    target = &time;
  }
  if (target == nullptr) return;
  for (Timeline& line : timelines_of(document)) {
    if (!settle_units(line)) continue;
    for (const Moment& each : line) {
      const bool done =
          has_any(each.what, {"service restored", "rollback complete", "recovery complete",
                              "restored and verified", "all clear", "back to normal",
                              "rollback done", "systems operational", "fully operational"});
      const std::int64_t ms = each.count * each.unit;
      if (!done || ms <= *target->range.high_ms) continue;
      model::Finding made =
          finding(model::Severity::error, each.span,
                  fmt::format("by this timeline it is over {} after its begin, the target is {}",
                              time_text(ms), time_text(*target->range.high_ms)),
                  "a shorter timeline, or a target that can be kept");
      made.related.push_back({target->span, "the target"});
      add_once(found, std::move(made));
    }
  }
}

}  // namespace backout::analyzer::documents
