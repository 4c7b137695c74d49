// Part of restore-loses-writes: how often a part is copied against how much of it may be lost.
#include <algorithm>
#include <set>
#include <string>

#include <fmt/format.h>

#include "analyzer/documents/objectives.hpp"
#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Time;

/// How often a cell says that something is saved; 0 for none, or all the time.
std::int64_t every_of(std::string_view cell) {
  const std::string low = lower(cell);
  if (has_any(low, {"continuous", "real-time", "real time", "wal", "on change", "every commit",
                    "streaming", "replicat", "point-in-time", "pitr"}))
    return 0;
  for (const auto& [word, ms] : {std::pair<std::string_view, std::int64_t>{"hourly", 3'600'000},
                                 {"daily", 86'400'000},
                                 {"nightly", 86'400'000},
                                 {"weekly", 604'800'000},
                                 {"monthly", 2'592'000'000}}) {
    if (has(low, word)) return ms;
  }
  if (const std::size_t at = low.find("every "); at != std::string::npos) {
    for (const importers::FoundTime& time : importers::find_times(std::string_view(low).substr(at)))
      return time.range.high_ms.value_or(0);
  }
  return 0;
}

model::Finding too_rare(model::Span span, std::int64_t every_ms, std::string_view part,
                        std::int64_t most_ms) {
  return finding(model::Severity::error, span,
                 fmt::format("a copy every {} loses up to as much of '{}', of which {} may be lost",
                             time_text(every_ms), part, time_text(most_ms)),
                 "copies that are made as often as the target asks (logs shipped all the time), or "
                 "a target that can be kept");
}

/// "Orders | RPO 15 minutes | backup daily" in one row.
void look_at_loss_rows(const Document& document, Findings& found) {
  for (const importers::Table& table : document.tables) {
    std::size_t often = table.header.size();
    for (std::size_t c = 1; c < table.header.size(); ++c) {
      const std::string head = lower(table.header[c]);
      if (has_any(head, {"backup", "frequency", "snapshot"}) &&
          !has_any(head, {"test", "retention", "last", "location", "window"}))
        often = c;
    }
    for (std::size_t r = 0; often < table.header.size() && r < table.rows.size(); ++r) {
      const auto loss = std::ranges::find_if(document.times, [&](const Time& each) {
        return each.use == Time::Use::loss && each.from_table && each.span == table.spans[r] &&
               each.range.high_ms;
      });
      if (loss == document.times.end() || often >= table.rows[r].size()) continue;
      const std::int64_t every = every_of(table.rows[r][often]);
      if (every > *loss->range.high_ms)
        found.push_back(too_rare(table.spans[r], every, loss->subject, *loss->range.high_ms));
    }
  }
}

/// Words of a part as they begin: "configuration" and "configs" are one.
bool says_part(const std::set<std::string>& about, const std::set<std::string>& part) {
  constexpr std::size_t kBegin = 6;
  return !part.empty() && std::ranges::all_of(part, [&](const std::string& word) {
    return std::ranges::any_of(about, [&](const std::string& other) {
      return other.size() >= 4 && word.size() >= 4 &&
             std::string_view(other).substr(0, kBegin) == std::string_view(word).substr(0, kBegin);
    });
  });
}

/// The label of the line at `span`, and the titles around it.
std::set<std::string> about(const Document& document, const importers::Frequency& each) {
  const importers::Line* line = line_at(document, each.span);
  std::string text = line == nullptr ? "" : line->label.empty() ? line->text : line->label;
  for (std::uint32_t s = each.section; s != importers::kNowhere && document.sections[s].level > 1;
       s = document.sections[s].parent)
    text += " " + document.sections[s].title;
  return component_words(text);
}

/// Whether a line of the section says that changes are kept all the time.
bool says_log(const Document& document, std::uint32_t section) {
  return any_line(document, section, [](const importers::Line&, std::string_view low) {
    return has_any(low, {"wal", "continuous", "replicat", "point-in-time", "pitr", "real-time",
                         "binlog", "transaction log", "version control", "versioning"});
  });
}

/// "Configuration: RPO 1 hour" of a table, and "Kubernetes configs: daily" elsewhere.
void look_at_parts(const Document& document, Findings& found) {
  std::vector<std::set<std::string>> abouts;
  for (const importers::Frequency& each : document.frequencies)
    abouts.push_back(about(document, each));
  for (const Time& loss : document.times) {
    if (loss.use != Time::Use::loss || !loss.from_table || !loss.range.high_ms) continue;
    std::set<std::string> part = component_words(loss.subject);
    for (const std::string_view word :
         {"rpo", "point", "data", "loss", "maximum", "max", "backup", "storage"})
      part.erase(std::string(word));
    const importers::Frequency* rare = nullptr;
    bool often = false;
    for (std::size_t i = 0; i < abouts.size() && !often; ++i) {
      if (!says_part(abouts[i], part)) continue;
      often = document.frequencies[i].every_ms <= *loss.range.high_ms;
      if (rare == nullptr) rare = &document.frequencies[i];
    }
    if (rare == nullptr || often || says_log(document, rare->section)) continue;
    model::Finding made = too_rare(rare->span, rare->every_ms, loss.subject, *loss.range.high_ms);
    made.related.push_back({loss.span, "the target"});
    add_once(found, std::move(made));
  }
}

}  // namespace

void look_at_loss_of_parts(const DocumentFacts& facts, Findings& found) {
  if (facts.document.is_script || !facts.document.is_runbook) return;
  Findings mine;
  look_at_loss_rows(facts.document, mine);
  look_at_parts(facts.document, mine);
  for (model::Finding& each : mine) {
    const bool told = std::ranges::any_of(
        found, [&](const model::Finding& other) { return other.span == each.span; });
    if (!told) add_once(found, std::move(each));
  }
}

}  // namespace backout::analyzer::documents
