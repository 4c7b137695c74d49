// A reason to roll back that names a metric and no value: each reader decides differently.
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Trigger;

/// "5xx exceeds threshold": there is a number, and it stands somewhere else.
bool names_threshold(std::string_view text) {
  return has_any(
      text, {"exceeds threshold", "exceed threshold", "exceeds the threshold",
             "exceed the threshold", "above threshold", "above the threshold", "over threshold",
             "over the threshold", "below threshold", "> threshold", "< threshold"});
}

/// What the text would have to be measured by; empty when it names nothing that has a value.
std::string_view metric_of(std::string_view text) {
  struct Words {
    std::string_view metric;
    std::initializer_list<std::string_view> words;
  };
  static const std::initializer_list<Words> kAll = {
      {"error rate",
       {"error rate",      "failure rate",        "increase in errors", "increased errors",
        "elevated error",  "high error",          "error spike",        "spike in 5xx",
        "5xx spike",       "spike of errors",     "rise in errors",     "errors spike",
        "spike in errors", "flooded with errors", "5xx masiv",          "errores masiv",
        "muchos errores",  "muitos erros",        "taxa de erro",       "tasa de error",
        "taux d'erreur",   "fehlerrate",          "hata oran",          "错误率"}},
      {"speed",
       {"performance degrad",
        "degraded performance",
        "performance degraded",
        "severe degradation",
        "response time",
        "latency",
        "significantly slower",
        "slow response",
        "performance issue",
        "performance regression",
        "degradação de desempenho",
        "rendimiento",
        "performances",
        "performance dégrad",
        "desempeño",
        "lentitud",
        "lenteur",
        "langsam",
        "медленн",
        "بطء",
        "latenz",
        "performans",
        "性能"}},
      {"use of resources",
       {"high cpu", "high memory", "memory leak", "memory usage", "cpu usage",
        "resource exhaustion"}},
      {"number of complaints",
       {"complaints flooding", "many complaints", "flood of", "spike in support",
        "increase in support", "user complaints", "complaints spike", "complaints surge",
        "surge in complaints", "surge of complaints", "muchas quejas", "reclamações"}},
      {"number of features",
       {"multiple critical", "multiple features", "several critical", "many features",
        "multiple user-facing"}},
      {"bar for what is acceptable",
       {"acceptable range", "acceptable level", "within acceptable", "web vitals", "unacceptable",
        "not acceptable", "inaceptable", "inacceptable"}},
      {"number of users",
       {"many users", "significant number of users", "large number of users", "failing broadly",
        "widespread", "significant portion of", "significant percentage of"}},
      {"figure of the business",
       {"business metric", "conversion drop", "drop in conversion", "revenue drop",
        "drop in revenue", "revenue impact", "kpi degrad"}}};
  for (const Words& each : kAll) {
    if (has_any(text, each.words)) return each.metric;
  }
  if (names_threshold(text)) return "threshold";
  return {};
}

/// Whether a number stands in the text: "5xx" and "p95" are names.
bool has_digit(std::string_view whole) {
  std::string text = lower(whole);
  for (const std::string_view name : {"5xx", "4xx", "p50", "p90", "p95", "p99"}) {
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name))
      text.erase(at, name.size());
  }
  // "Above the threshold for 5 minutes" says for how long, and not above what.
  if (names_threshold(text)) {
    const std::vector<importers::FoundTime> times = importers::find_times(text);
    for (auto time = times.rbegin(); time != times.rend(); ++time)
      text.erase(time->begin, time->end - time->begin);
  }
  return std::ranges::any_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// Whether the text says by what it is measured, where its value stands.
bool says_measure(std::string_view text) {
  return has_word(text, {"slo", "slos"}) || has_any(text, {"alert", "baseline"});
}

void report(model::Span span, std::string_view metric, std::vector<model::Finding>& found) {
  model::Finding made = finding(model::Severity::warning, span,
                                fmt::format("this gives no value of the {}: at which one is it a "
                                            "reason to roll back, and for how long?",
                                            metric),
                                "a number, a time window, and where it is read: 'error rate > 5 % "
                                "for 5 minutes (dashboard X)'");
  if (found.empty())
    found.push_back(std::move(made));
  else
    found.back().related.push_back({span, "here, too"});
}

/// Rows of a table of reasons: "Trigger | Description".
void look_at_trigger_tables(const Document& document, std::vector<model::Finding>& found) {
  for (const importers::Table& table : document.tables) {
    if (table.decides || table.header.empty() ||
        document.role(table.section) == Role::template_text)
      continue;
    const std::string header = lower(table.header[0]);
    if (!has_any(header, {"trigger", "criteri", "condition"}) ||
        (document.role(table.section) != Role::triggers && !has(header, "trigger")))
      continue;
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
      std::string row;
      for (const std::string& cell : table.rows[r]) row += lower(cell) + " ";
      const std::string_view metric = metric_of(row);
      if (metric.empty() || has_digit(row) || says_measure(row) ||
          has_any(row, {"minor", "dashboard"}))
        continue;
      report(table.spans[r], metric, found);
    }
  }
}

}  // namespace

std::vector<model::Finding> check_trigger_unmeasurable(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const Document& document = facts.document;
  for (const Trigger& trigger : document.triggers) {
    const std::string text = lower(trigger.text);
    const std::string_view metric = metric_of(text);
    if (metric.empty() || has_digit(text) ||
        (trigger.tier == Trigger::Tier::keep && !metric.starts_with("bar")) ||
        (!names_threshold(text) && (says_measure(text) || has(text, "threshold"))))
      continue;
    // Another trigger, or a row of a table, gives the value.
    const auto valued = [&](const Trigger& other) {
      return &other != &trigger && has_digit(other.text) && metric_of(lower(other.text)) == metric;
    };
    const bool elsewhere =
        std::ranges::any_of(document.triggers, valued) ||
        std::ranges::any_of(document.decisions, [&](const importers::DecisionRow& row) {
          return !row.thresholds.empty() && metric_of(lower(row.subject)) == metric;
        });
    if (elsewhere) continue;
    report(trigger.span, metric, found);
  }
  look_at_trigger_tables(document, found);
  for (const importers::DecisionRow& row : document.decisions) {
    std::string text;
    for (const auto& [header, cell] : row.cells)
      text += cell == row.action ? "" : lower(cell) + " ";
    const std::string_view metric = metric_of(text);
    const bool decides = std::ranges::any_of(row.answers, [](const auto& each) {
      return each.second == importers::Answer::yes || each.second == importers::Answer::maybe;
    });
    if (metric.empty() || !decides || has_digit(text) || has_digit(row.action) ||
        says_measure(text) || has_any(text, {"threshold", "minor"}))
      continue;
    const bool elsewhere =
        std::ranges::any_of(document.triggers,
                            [&](const Trigger& other) {
                              return has_digit(other.text) &&
                                     metric_of(lower(other.text)) == metric;
                            }) ||
        std::ranges::any_of(document.decisions, [&](const importers::DecisionRow& other) {
          return &other != &row && !other.thresholds.empty() &&
                 metric_of(lower(other.subject)) == metric;
        });
    if (elsewhere) continue;
    report(row.span, metric, found);
  }
  look_at_windows(facts, found);
  return found;
}

}  // namespace backout::analyzer::documents
