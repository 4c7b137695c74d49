#include "importers/draft/decisions.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "importers/draft/steps.hpp"
#include "importers/draft/text.hpp"

namespace backout::importers {

namespace {

struct Metric {
  const char* name;
  const char* unit;
};

Metric metric_of(const Threshold& threshold) {
  using M = Threshold::Metric;
  switch (threshold.metric) {
    case M::error_rate: return {"error_rate", "percent"};
    case M::latency: return {"latency", "ms"};
    case M::users: return {"users", "percent"};
    case M::success_rate: return {"success_rate", "percent"};
    case M::performance: return {"performance", "percent"};
    case M::memory: return {"memory", "percent"};
    case M::disk: return {"disk", "percent"};
    case M::other: break;
  }
  return {nullptr, nullptr};
}

const char* op_of(Threshold::Op op) {
  switch (op) {
    case Threshold::Op::less: return "lt";
    case Threshold::Op::at_most: return "le";
    case Threshold::Op::greater: return "gt";
    case Threshold::Op::at_least: return "ge";
    case Threshold::Op::between: return "between";
    case Threshold::Op::equal: return "eq";
  }
  return "gt";
}

/// A value with its unit, as the plan writes it; nothing for units that it does not know.
std::optional<std::string> amount(double value, const std::string& unit, bool is_percent) {
  if (is_percent) return unit == "%" ? std::optional(fmt::format("{}%", value)) : std::nullopt;
  if (unit == "ms" || unit == "s") return fmt::format("{}{}", value, unit);
  return unit == "%" ? std::optional(fmt::format("{}%", value)) : std::nullopt;
}

std::optional<std::string> condition_of(const Threshold& threshold, std::map<std::string, std::string>& metrics) {
  const Metric metric = metric_of(threshold);
  if (metric.name == nullptr) return std::nullopt;
  const bool is_percent = std::string_view(metric.unit) == "percent";
  const auto value = amount(threshold.value, threshold.unit, is_percent);
  const auto upper = amount(threshold.upper, threshold.unit, is_percent);
  if (!value || (threshold.op == Threshold::Op::between && !upper)) return std::nullopt;
  metrics.emplace(metric.name, fmt::format("{{unit: {}}}", metric.unit));
  std::string text = fmt::format("{{metric: {}, op: {}, value: ", metric.name, op_of(threshold.op));
  text += threshold.op == Threshold::Op::between ? fmt::format("[{}, {}]", *value, *upper) : *value;
  if (threshold.relative) text += ", change: relative";
  if (threshold.window_ms && *threshold.window_ms > 0) {
    text += fmt::format(", {}: {}", threshold.first_window ? "within" : "for", duration(*threshold.window_ms));
  }
  return text + "}";
}

const char* decide_of(Answer answer) {
  switch (answer) {
    case Answer::yes: return "rollback";
    case Answer::maybe: return "maybe";
    case Answer::no:
    case Answer::fix_forward: return "forward";
    case Answer::watch: return "monitor";
    case Answer::disable: return "disable_flag";
    case Answer::unsaid: break;
  }
  return nullptr;
}

class Writer {
 public:
  Writer(const DraftInput& input, const std::string& path) : input_(input), path_(path) {}

  std::string write() {
    for (const Trigger& trigger : input_.document.triggers) add_trigger(trigger);
    for (const DecisionRow& row : input_.document.decisions) add_row(row);
    if (rules_.empty()) return {};
    std::string text = "decisions:\n  hit: any\n";
    if (!metrics_.empty()) {
      text += "  metrics:\n";
      for (const auto& [name, spec] : metrics_) text += fmt::format("    {}: {}\n", name, spec);
    }
    text += "  rules:\n";
    for (const std::string& rule : rules_) text += rule;
    return text;
  }

 private:
  void add_rule(const std::string& when, const char* decide, const std::string& note, const model::Span& span,
                const std::string& within) {
    std::string rule = fmt::format("    - {{when: {}, decide: {}", when, decide);
    if (!path_.empty() && std::string_view(decide) == "rollback") rule += ", path: " + path_;
    if (!within.empty()) rule += ", within: " + within;
    rules_.push_back(rule + fmt::format(", source: {}, note: {}}}\n", scalar_text(source_of(input_, span)), scalar_text(note)));
  }

  std::string when_of(const std::vector<Threshold>& thresholds, const std::string& text) {
    std::vector<std::string> conditions;
    for (const Threshold& threshold : thresholds) {
      if (auto condition = condition_of(threshold, metrics_)) conditions.push_back(std::move(*condition));
    }
    if (conditions.empty()) return fmt::format("{{issue: {}}}", slug(text, "issue"));
    if (conditions.size() == 1) return conditions.front();
    std::string all;
    for (const std::string& condition : conditions) all += (all.empty() ? "" : ", ") + condition;
    return fmt::format("{{all: [{}]}}", all);
  }

  void add_trigger(const Trigger& trigger) {
    const char* decide = trigger.tier == Trigger::Tier::rollback   ? "rollback"
                         : trigger.tier == Trigger::Tier::consider ? "maybe"
                                                                   : "forward";
    add_rule(when_of(trigger.thresholds, trigger.text), decide, trigger.text, trigger.span, {});
  }

  void add_row(const DecisionRow& row) {
    const auto said = std::ranges::find_if(row.answers, [](const auto& answer) { return answer.second != Answer::unsaid; });
    const char* decide = said == row.answers.end() ? nullptr : decide_of(said->second);
    if (decide == nullptr) return;
    std::string note = row.subject;
    for (const auto& [column, cell] : row.cells) note += fmt::format("; {}: {}", column, cell);
    add_rule(when_of(row.thresholds, row.subject), decide, note, row.span, {});
  }

  const DraftInput& input_;
  const std::string& path_;
  std::map<std::string, std::string> metrics_;
  std::vector<std::string> rules_;
};

}  // namespace

std::string draft_decisions(const DraftInput& input, const std::string& path) { return Writer(input, path).write(); }

std::string draft_objectives(const DraftInput& input, const std::vector<std::pair<std::string, std::string>>& paths) {
  std::string total = "unknown";
  std::map<std::string, std::string> by_path;
  for (const Time& time : input.document.times) {
    if (time.use != Time::Use::target) continue;
    const std::string value = duration(time.range);
    bool is_of_path = false;
    for (const auto& [title, id] : paths) {
      if (!shares_word(title, time.subject)) continue;
      by_path.emplace(id, value);
      is_of_path = true;
    }
    if (!is_of_path && total == "unknown") total = value;
  }
  std::string text = fmt::format("objectives:\n  rto: {}\n  rpo: unknown\n", total);
  if (!by_path.empty()) text += "  paths:\n";
  for (const auto& [id, value] : by_path) text += fmt::format("    {}: {{total: {}}}\n", id, value);
  return text;
}

}  // namespace backout::importers
