// Part of method-slower-than-objective: steps that follow each other, and a stated whole.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "analyzer/documents/objectives.hpp"
#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Time;

/// Whether a time is the bound of a whole rollback: "Total rollback" of a table of targets,
/// "worst-case budget".
bool is_whole(const Document& document, const Time& time) {
  const std::string subject = lower(time.subject);
  if (!time.range.high_ms) return false;
  if (has_any(subject, {"budget", "worst-case", "worst case"})) return true;
  const bool total =
      importers::contains_word(subject, "total") ||
      has_any(subject, {"overall", "end-to-end", "end to end", "full rollback", "complete rollback",
                        "rollback time target", "target rollback time", "rollback target"});
  return total && (time.use == Time::Use::target || time.use == Time::Use::total ||
                   document.role(time.section) == Role::targets);
}

/// Steps that follow each other.
struct Row {
  std::int64_t sum = 0;
  std::int64_t least = 0;
  std::size_t steps = 0;
  std::size_t timed = 0;
  const importers::Step* first = nullptr;

  void add(const importers::Step& step) {
    ++steps;
    if (first == nullptr) first = &step;
    if (!step.takes || !step.takes->high_ms) return;
    ++timed;
    sum += *step.takes->high_ms;
    least += step.takes->low_ms.value_or(*step.takes->high_ms);
  }

  /// That they take longer than the whole is to take.
  model::Finding too_long(const Time& whole) const {
    model::Finding made = finding(
        model::Severity::error, whole.span,
        fmt::format("the steps take up to {} one after the other, and the whole is to take {}",
                    time_text(sum), time_text(*whole.range.high_ms)),
        "a shorter procedure, or a time that can be kept");
    made.related.push_back({first->span, "the first of the steps"});
    return made;
  }
};

/// "1. **Stand up the mirror (4 hours)**" ... and "Recovery time objective: 8 hours" below the same
/// heading.
void look_at_lists(const Document& document, Findings& found) {
  std::map<std::uint32_t, Row> rows;
  for (const importers::Step& step : document.steps) {
    const bool listed = !step.from_comment && step.section != importers::kNowhere &&
                        document.sections[step.section].span != step.span;
    if (!listed || step.deploys || document.role(step.section) == Role::drill || !step.takes ||
        !step.takes->high_ms)
      continue;
    rows[document.procedure_of(step.section)].add(step);
  }
  for (const auto& [unit, row] : rows) {
    if (row.timed < 3 || unit == importers::kNowhere || document.sections[unit].level < 2) continue;
    for (const Time& time : document.times) {
      const bool target =
          time.use == Time::Use::target && !time.from_table && time.range.high_ms &&
          document.below(time.section, unit) &&
          has_any(lower(time.subject), {"objective", "rto", "recovery time", "total"});
      if (!target || row.sum <= *time.range.high_ms) continue;
      add_once(found, row.too_long(time));
      break;
    }
  }
}

/// Whether the rows of a table are steps of one procedure, by the head of a column.
bool lists_steps(const importers::Table& table) {
  return std::ranges::any_of(table.header, [](const std::string& cell) {
    const std::string head = lower(cell);
    return head == "#" ||
           has_word(head, {"step", "steps", "phase", "task", "activity", "schritt", "paso", "etapa",
                           "passo", "étape", "adım", "fase", "шаг"}) ||
           has_any(head, {"步骤"});
  });
}

bool says_at_once(const importers::Table& table) {
  return std::ranges::any_of(table.rows, [](const std::vector<std::string>& row) {
    return std::ranges::any_of(row, [](const std::string& cell) {
      return has_any(lower(cell),
                     {"parallel", "concurrent", "at once", "meanwhile", "gleichzeitig"});
    });
  });
}

/// The longest time in which the document wants to be back: "RTO: 30 minutes".
const Time* longest_objective(const Document& document) {
  const Time* longest = nullptr;
  for (const Time& time : document.times) {
    const bool objective =
        time.use == Time::Use::target && time.range.high_ms &&
        (has_word(lower(time.subject), {"rto"}) || has_any(lower(time.subject), {"recovery time"}));
    if (objective && (longest == nullptr || *time.range.high_ms > *longest->range.high_ms))
      longest = &time;
  }
  return longest;
}

/// A table of steps with how long each takes, which all together are longer than the longest
/// objective.
void look_at_tables(const Document& document, Findings& found) {
  const Time* objective = longest_objective(document);
  if (objective == nullptr) return;
  for (const importers::Table& table : document.tables) {
    const Role role = document.role(table.section);
    if (!table.times || !lists_steps(table) || says_at_once(table) || role == Role::drill ||
        role == Role::targets || role == Role::deploy)
      continue;
    std::int64_t sum = 0;
    std::size_t timed = 0;
    for (const Time& time : document.times) {
      const bool row = time.from_table && time.use == Time::Use::takes &&
                       std::ranges::find(table.spans, time.span) != table.spans.end();
      if (!row) continue;
      ++timed;
      sum += least_ms(time);
    }
    if (timed < 2 || timed * 2 < table.rows.size() || sum <= *objective->range.high_ms) continue;
    model::Finding made = finding(
        model::Severity::error, table.spans[0],
        fmt::format("the steps of this table take at least {} one after the other, and '{}' is {}",
                    time_text(sum), objective->subject, time_text(*objective->range.high_ms)),
        "a shorter procedure, or a target that can be kept");
    made.related.push_back({objective->span, "the target"});
    add_once(found, std::move(made));
  }
}

/// By the section above them, the steps that are headings: "### Step 2: Restore (10 minutes)".
std::map<std::uint32_t, Row> rows_of_headings(const Document& document) {
  std::map<std::uint32_t, Row> rows;
  for (const importers::Step& step : document.steps) {
    if (step.from_comment || step.section == importers::kNowhere || step.deploys ||
        !document.is_step(step.section))
      continue;
    if (document.sections[step.section].span != step.span ||
        document.role(step.section) == Role::drill)
      continue;
    if (document.role(step.section) == Role::follow_up || is_afterwards(step.title)) continue;
    rows[document.sections[step.section].parent].add(step);
  }
  return rows;
}

/// Without a stated whole, the objective is one: the steps are too long for it when even their
/// shortest times are.
void look_at_objective(const Document& document, const std::map<std::uint32_t, Row>& rows,
                       Findings& found) {
  const Time* objective = longest_objective(document);
  if (objective == nullptr || objective->from_table) return;
  for (const auto& [parent, row] : rows) {
    if (row.timed < 3 || row.timed + 2 < row.steps || row.least <= *objective->range.high_ms)
      continue;
    add_once(found, row.too_long(*objective));
    return;
  }
}

}  // namespace

void look_at_sum_of_steps(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  look_at_lists(document, found);
  look_at_tables(document, found);
  const Time* whole = nullptr;
  for (const Time& time : document.times) {
    if (is_whole(document, time) &&
        (whole == nullptr || *time.range.high_ms < *whole->range.high_ms))
      whole = &time;
  }
  const std::map<std::uint32_t, Row> rows = rows_of_headings(document);
  if (whole == nullptr) {
    look_at_objective(document, rows, found);
    return;
  }
  for (const auto& [parent, row] : rows) {
    // A total of one procedure says nothing of the steps of another.
    const bool of_another = whole->use == Time::Use::total &&
                            chapter_of(document, whole->section) != chapter_of(document, parent);
    if (of_another || row.timed < 3 || row.timed + 2 < row.steps ||
        row.sum <= *whole->range.high_ms)
      continue;
    found.push_back(row.too_long(*whole));
    return;
  }
}

}  // namespace backout::analyzer::documents
