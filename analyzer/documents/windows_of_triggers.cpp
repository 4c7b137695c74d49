// Part of trigger-unmeasurable: a rate that is a reason to roll back, and no time over which it is
// measured.
#include <algorithm>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Threshold;
using importers::Trigger;

/// Whether a text in lower case says over which time something is measured. Shorter times are
/// values: "slower than 5 seconds".
bool says_window(std::string_view low) {
  constexpr std::int64_t kShortest = 30'000;
  const std::vector<importers::FoundTime> times = importers::find_times(low);
  return std::ranges::any_of(times,
                             [&](const importers::FoundTime& each) {
                               return std::max(each.range.low_ms.value_or(0),
                                               each.range.high_ms.value_or(0)) >= kShortest;
                             }) ||
         has_any(low,
                 {"sustain", "consecutive",    "window",  "over the last", "baseline", "per minute",
                  "/min",    "moving average", "rolling", "persist",       "keeps ",   "stays ",
                  "slo",     "alert",          "continu", "minut",         "hour",     "durante",
                  "während", "pendant",        "during"}) ||
         // What is counted once has no time.
         has_any(low, {"test", "measured", "build", "lighthouse", "coverage"});
}

/// Whether the value is a rate: of errors or of successes, in parts of a hundred.
bool is_rate(const Threshold& each) {
  return (each.metric == Threshold::Metric::error_rate ||
          each.metric == Threshold::Metric::success_rate) &&
         each.unit == "%" && !each.window_ms && !each.first_window;
}

/// Whether the list is one of a time: by the titles above it, or a line of its section.
bool is_timed(const Document& document, std::uint32_t section) {
  for (std::uint32_t at = section; at != importers::kNowhere; at = document.sections[at].parent) {
    if (says_window(document.low().titles[at])) return true;
  }
  return any_line(document, section, [](const importers::Line& line, std::string_view low) {
    return line.kind == importers::Line::Kind::paragraph && says_window(low);
  });
}

/// What the cells of a row that hold a rate say, with the heads of their columns, in lower case.
std::string rates_of(const importers::DecisionRow& row) {
  std::string text;
  for (const auto& [header, cell] : row.cells) {
    if (has(cell, "%")) text += header + " " + lower(cell) + " ";
  }
  return text;
}

/// Whether the row of a table leads to a rollback.
bool leads_to_rollback(const importers::DecisionRow& row) {
  return std::ranges::any_of(row.answers, [](const auto& each) {
    return each.second == importers::Answer::yes || each.second == importers::Answer::maybe;
  });
}

}  // namespace

void look_at_windows(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (document.is_script || document.is_aside) return;
  OneFinding made;
  const auto report = [&](model::Span span) {
    made.add(finding(model::Severity::warning, span,
                     "this rate has a value and no time over which it is measured: one bad second "
                     "reaches it, and over a day a dead service may not",
                     "value and time together, and where it is read: 'error rate > 5 % for 5 "
                     "minutes (dashboard X)'"));
  };
  for (const Trigger& trigger : document.triggers) {
    if (trigger.tier == Trigger::Tier::keep || std::ranges::none_of(trigger.thresholds, is_rate) ||
        says_window(lower(trigger.text)) || is_timed(document, trigger.section))
      continue;
    report(trigger.span);
  }
  for (const importers::DecisionRow& row : document.decisions) {
    if (!leads_to_rollback(row) || std::ranges::none_of(row.thresholds, is_rate) ||
        says_window(rates_of(row)) || is_timed(document, row.section))
      continue;
    report(row.span);
  }
  std::move(made).add_to(found);
}

}  // namespace backout::analyzer::documents
