// Part of method-slower-than-objective: steps that follow each other, and a stated whole.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Time;

/// Whether a time is the bound of a whole rollback: "Total rollback" of a table of targets, "worst-case budget".
bool is_whole(const Document& document, const Time& time) {
  const std::string subject = lower(time.subject);
  if (!time.range.high_ms) return false;
  if (has_any(subject, {"budget", "worst-case", "worst case"})) return true;
  const bool total = importers::contains_word(subject, "total") || has_any(subject, {"overall", "end-to-end", "end to end", "full rollback", "complete rollback"});
  return total && (time.use == Time::Use::target || time.use == Time::Use::total || document.role(time.section) == Role::targets);
}

/// Steps that follow each other.
struct Row {
  std::int64_t sum = 0;
  std::size_t steps = 0;
  std::size_t timed = 0;
  const importers::Step* first = nullptr;

  void add(const importers::Step& step) {
    ++steps;
    if (first == nullptr) first = &step;
    if (!step.takes || !step.takes->high_ms) return;
    ++timed;
    sum += *step.takes->high_ms;
  }

  /// That they take longer than the whole is to take.
  model::Finding too_long(const Time& whole) const {
    model::Finding made = finding(model::Severity::error, whole.span,
                                  fmt::format("the steps take up to {} one after the other, and the whole is to take {}", time_text(sum), time_text(*whole.range.high_ms)),
                                  "a shorter procedure, or a time that can be kept");
    made.related.push_back({first->span, "the first of the steps"});
    return made;
  }
};

/// "1. **Stand up the mirror (4 hours)**" ... and "Recovery time objective: 8 hours" below the same heading.
void look_at_lists(const Document& document, Findings& found) {
  std::map<std::uint32_t, Row> rows;
  for (const importers::Step& step : document.steps) {
    const bool listed = !step.from_comment && step.section != importers::kNowhere && document.sections[step.section].span != step.span;
    if (!listed || step.deploys || document.role(step.section) == Role::drill || !step.takes || !step.takes->high_ms) continue;
    rows[document.procedure_of(step.section)].add(step);
  }
  for (const auto& [unit, row] : rows) {
    if (row.timed < 3 || unit == importers::kNowhere || document.sections[unit].level < 2) continue;
    for (const Time& time : document.times) {
      const bool target = time.use == Time::Use::target && !time.from_table && time.range.high_ms && document.below(time.section, unit) &&
                          has_any(lower(time.subject), {"objective", "rto", "recovery time", "total"});
      if (!target || row.sum <= *time.range.high_ms) continue;
      add_once(found, row.too_long(time));
      break;
    }
  }
}

}  // namespace

void look_at_sum_of_steps(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  look_at_lists(document, found);
  const Time* whole = nullptr;
  for (const Time& time : document.times) {
    if (is_whole(document, time) && (whole == nullptr || *time.range.high_ms < *whole->range.high_ms)) whole = &time;
  }
  if (whole == nullptr) return;
  std::map<std::uint32_t, Row> rows;
  for (const importers::Step& step : document.steps) {
    if (step.from_comment || step.section == importers::kNowhere || step.deploys || !document.is_step(step.section)) continue;
    if (document.sections[step.section].span != step.span || document.role(step.section) == Role::drill) continue;
    rows[document.sections[step.section].parent].add(step);
  }
  for (const auto& [parent, row] : rows) {
    if (row.timed < 3 || row.timed + 2 < row.steps || row.sum <= *whole->range.high_ms) continue;
    found.push_back(row.too_long(*whole));
    return;
  }
}

}  // namespace backout::analyzer::documents
