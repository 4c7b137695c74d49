// Tables: decisions, times, targets.
#include <algorithm>

#include "importers/document/facts.hpp"
#include "importers/document/words.hpp"

namespace backout::importers {

namespace {

bool is_answer_column(std::string_view header) {
  return contains_any(header, {"rollback", "roll back", "decision", "action", "recommend",
                               "entscheidung", "aktion", "decisão", "acción", "ação", "décision",
                               "karar", "eylem", "决策", "操作", "回滚"}) &&
         !contains_any(header, {"time", "method", "command", "duration", "procedure", "complexity",
                                "steps", "owner"});
}

bool is_subject_column(std::string_view header) {
  return contains_any(
      header, {"severity", "issue",   "scenario",  "symptom",  "condition", "trigger", "problem",
               "incident", "schwere", "gravidade", "gravedad", "gravité",   "önem",    "严重",
               "问题",     "cenário", "escenario", "szenario", "situation", "impact"});
}

bool is_time_column(std::string_view header) {
  return contains_any(header,
                      {"time", "duration", "estimate", "downtime", "rto", "dauer", "duração",
                       "duración", "durée", "süre", "时间", "tempo", "tiempo", "timeline"}) &&
         !contains_any(header, {"timestamp", "sometimes"});
}

void decision_rows(Document& document, std::uint32_t index) {
  const Table& table = document.tables[index];
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    DecisionRow row;
    row.table = index;
    row.section = table.section;
    row.span = table.spans[r];
    for (std::size_t c = 0; c < table.rows[r].size() && c < table.header.size(); ++c) {
      const std::string header = lower(table.header[c]);
      const std::string& cell = table.rows[r][c];
      row.cells.emplace_back(header, cell);
      if (c == 0) row.subject = cell;
      if (contains_any(header, {"severity", "schwere", "gravid", "önem", "严重"}))
        row.severity = lower(cell);
      if (is_answer_column(header)) {
        row.answers.emplace_back(header, read_answer(cell));
        row.action = cell;
      } else if (is_time_column(header)) {
        row.time_column = header;
        for (const FoundTime& time : find_times(cell)) row.time = time.range;
      } else {
        std::string text = c == 0 ? cell : table.header[c] + " " + cell;
        // "Error rate | > 5% for 2 minutes": the first cell says of what.
        if (c > 0 && !read_metric(lower(text))) text = row.subject + " " + text;
        for (Threshold threshold : find_thresholds(text)) {
          threshold.use = Threshold::Use::decision;
          threshold.section = table.section;
          threshold.span = row.span;
          row.thresholds.push_back(threshold);
        }
      }
    }
    document.decisions.push_back(std::move(row));
  }
}

/// Cells of a column about lost data, and the value of a row that is about it.
void loss_cells(Document& document, const Table& table, std::size_t row) {
  const std::vector<std::string>& cells = table.rows[row];
  for (std::size_t c = 1; c < cells.size() && c < table.header.size(); ++c) {
    const bool column =
        contains_any(lower(table.header[c]), {"rpo", "recovery point", "data loss"});
    const bool line = c == 1 && contains_word(lower(cells[0]), "rpo");
    if (!column && !line) continue;
    for (const FoundTime& found : find_times(cells[c])) {
      document.times.push_back(
          {found.range, Time::Use::loss, cells[0], table.section, table.spans[row], true});
      break;
    }
  }
}

void time_rows(Document& document, const Table& table) {
  const Role role = document.role(table.section);
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    loss_cells(document, table, r);
    for (std::size_t c = 1; c < table.rows[r].size() && c < table.header.size(); ++c) {
      const std::string header = lower(table.header[c]);
      if (contains_any(header, {"rpo", "recovery point", "data loss"})) continue;
      const bool row_loss = contains_word(lower(table.rows[r][0]), "rpo") &&
                            !contains_word(lower(table.rows[r][0]), "rto");
      if (row_loss) continue;
      const bool row_target = c == 1 && contains_word(lower(table.rows[r][0]), "rto");
      if (!is_time_column(header) && !contains(header, "target") && !row_target) continue;
      for (const FoundTime& found : find_times(table.rows[r][c])) {
        Time time;
        time.range = found.range;
        time.subject = table.rows[r][0];
        time.section = table.section;
        time.span = table.spans[r];
        time.from_table = true;
        const std::string subject = lower(time.subject);
        // "Recovery timeline | full revert | < 5 minutes": how long it takes.
        const bool estimates =
            contains_any(lower(document.title_of(table.section)), {"timeline", "estimate"}) &&
            !contains_any(header, {"target", "rto", "objective", "sla"});
        const bool target = row_target ||
                            contains_any(header, {"target", "rto", "objective", "sla"}) ||
                            (role == Role::targets && !estimates);
        const bool total = contains_word(subject, "total") || contains(subject, "gesamt") ||
                           contains(subject, "总");
        time.use = total                          ? Time::Use::total
                   : contains(header, "response") ? Time::Use::response
                   : target                       ? Time::Use::target
                                                  : Time::Use::takes;
        document.times.push_back(std::move(time));
        break;
      }
    }
  }
}

}  // namespace

void read_tables(Document& document) {
  for (std::uint32_t t = 0; t < document.tables.size(); ++t) {
    Table& table = document.tables[t];
    bool subject = false;
    bool answer = false;
    for (const std::string& cell : table.header) {
      const std::string header = lower(cell);
      subject = subject || is_subject_column(header);
      answer = answer || is_answer_column(header);
      table.times = table.times || is_time_column(header);
    }
    const Role role = document.role(table.section);
    const bool left_out =
        role == Role::template_text || role == Role::contacts || role == Role::reference;
    table.decides = subject && answer && !left_out && table.header.size() > 1;
    if (table.decides)
      decision_rows(document, t);
    else if (!left_out)
      time_rows(document, document.tables[t]);
  }
}

}  // namespace backout::importers
