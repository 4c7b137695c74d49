#include "importers/draft/decisions.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "importers/document/words.hpp"
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
    case M::error_rate:
      return {"error_rate", "percent"};
    case M::latency:
      return {"latency", "ms"};
    case M::users:
      return {"users", "percent"};
    case M::success_rate:
      return {"success_rate", "percent"};
    case M::performance:
      return {"performance", "percent"};
    case M::memory:
      return {"memory", "percent"};
    case M::disk:
      return {"disk", "percent"};
    case M::other:
      break;
  }
  return {nullptr, nullptr};
}

const char* op_of(Threshold::Op op) {
  switch (op) {
    case Threshold::Op::less:
      return "lt";
    case Threshold::Op::at_most:
      return "le";
    case Threshold::Op::greater:
      return "gt";
    case Threshold::Op::at_least:
      return "ge";
    case Threshold::Op::between:
      return "between";
    case Threshold::Op::equal:
      return "eq";
  }
  return "gt";
}

/// A value with its unit, as the plan writes it; nothing for units that it does not know.
std::optional<std::string> amount(double value, const std::string& unit, bool is_percent) {
  if (is_percent) return unit == "%" ? std::optional(fmt::format("{}%", value)) : std::nullopt;
  if (unit == "ms" || unit == "s") return fmt::format("{}{}", value, unit);
  return unit == "%" ? std::optional(fmt::format("{}%", value)) : std::nullopt;
}

std::optional<std::string> condition_of(const Threshold& threshold,
                                        std::map<std::string, std::string>& metrics) {
  const Metric metric = metric_of(threshold);
  if (metric.name == nullptr) return std::nullopt;
  const bool is_percent = std::string_view(metric.unit) == "percent";
  const auto value = amount(threshold.value, threshold.unit, is_percent);
  const auto upper = amount(threshold.upper, threshold.unit, is_percent);
  if (!value || (threshold.op == Threshold::Op::between && !upper)) return std::nullopt;
  metrics.emplace(metric.name, fmt::format("{{unit: {}}}", metric.unit));
  std::string text = fmt::format("{{metric: {}, op: {}, value: ", metric.name, op_of(threshold.op));
  text += threshold.op == Threshold::Op::between ? fmt::format("[{}, {}]", *value, *upper) : *value;
  // "p95 > 5 s (twice the baseline)": the time is what is compared.
  const bool is_time = threshold.unit == "ms" || threshold.unit == "s";
  if (threshold.relative && !is_time) text += ", change: relative";
  if (threshold.window_ms && *threshold.window_ms > 0) {
    text += fmt::format(", {}: {}", threshold.first_window ? "within" : "for",
                        duration(*threshold.window_ms));
  }
  return text + "}";
}

const char* decide_of(Answer answer) {
  switch (answer) {
    case Answer::yes:
      return "rollback";
    case Answer::maybe:
      return "maybe";
    case Answer::no:
    case Answer::fix_forward:
      return "forward";
    case Answer::watch:
      return "monitor";
    case Answer::disable:
      return "disable_flag";
    case Answer::unsaid:
      break;
  }
  return nullptr;
}

class DecisionsWriter {
 public:
  DecisionsWriter(const DraftInput& input, const std::string& path) : input_(input), path_(path) {}

  std::string write() {
    for (const Trigger& trigger : input_.document.triggers) add_trigger(trigger);
    for (const DecisionRow& row : input_.document.decisions) add_row(row);
    for (const Branch& branch : input_.document.branches) add_branch(branch);
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
  void add_rule(const std::string& when, const char* decide, const std::string& note,
                const model::Span& span, const std::string& within) {
    std::string rule = fmt::format("    - {{when: {}, decide: {}", when, decide);
    if (!path_.empty() && std::string_view(decide) == "rollback") rule += ", path: " + path_;
    if (!within.empty()) rule += ", within: " + within;
    rules_.push_back(rule + fmt::format(", source: {}, note: {}}}\n",
                                        scalar_text(source_of(input_, span)), scalar_text(note)));
  }

  /// The lines of a chart from a question on to what its arrows lead to.
  std::string drawn(const model::Span& span) const {
    const model::SourceFile& source = input_.sources[span.file];
    std::string text;
    const std::size_t first = source.line_of(span.begin);
    for (std::size_t line = first; line < first + 3 && line <= source.line_count(); ++line) {
      const std::string drawn = trimmed(source.line(line));
      if (drawn.starts_with("```")) break;
      text += (text.empty() ? "" : " / ") + drawn;
    }
    return text;
  }

  std::string when_of(const std::vector<Threshold>& thresholds, const std::string& text) {
    std::vector<std::string> conditions;
    for (const Threshold& threshold : thresholds) {
      if (auto condition = condition_of(threshold, metrics_))
        conditions.push_back(std::move(*condition));
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
    const auto said = std::ranges::find_if(
        row.answers, [](const auto& answer) { return answer.second != Answer::unsaid; });
    const char* decide = said == row.answers.end() ? nullptr : decide_of(said->second);
    if (decide == nullptr) return;
    std::string note = row.subject;
    for (const auto& [column, cell] : row.cells) note += fmt::format("; {}: {}", column, cell);
    std::string within;
    const bool is_deadline = row.time_column.find("time") != std::string::npos &&
                             row.time_column.find("down") == std::string::npos;
    if (row.time && row.time->high_ms && is_deadline) within = duration(*row.time->high_ms);
    add_rule(when_of(row.thresholds, row.subject), decide, note, row.span, within);
  }

  /// A question of a chart decides what its Yes leads to; one that leads on to another question
  /// decides nothing yet.
  void add_branch(const Branch& branch) {
    if (branch.question.empty()) return;
    const Answer answer = branch.has_yes ? read_answer(branch.yes) : Answer::unsaid;
    const char* decide = decide_of(answer);
    if (branch.yes.find('?') != std::string::npos || decide == nullptr) decide = "maybe";
    std::string note = branch.question;
    if (!branch.yes.empty()) note += "; yes: " + branch.yes;
    if (!branch.no.empty()) note += "; no: " + branch.no;
    if (branch.yes.empty() && branch.no.empty()) note = drawn(branch.span);
    add_rule(fmt::format("{{issue: {}}}", slug(branch.question, "issue")), decide, note,
             branch.span, {});
  }

  const DraftInput& input_;
  const std::string& path_;
  std::map<std::string, std::string> metrics_;
  std::vector<std::string> rules_;
};

}  // namespace

std::string draft_decisions(const DraftInput& input, const std::string& path) {
  return DecisionsWriter(input, path).write();
}

namespace {

/// The phase that a target is for: "Detection to decision" is the time until somebody notices and
/// knows. Empty: the whole.
std::string phase_of(const std::string& subject) {
  const std::string id = slug(subject, "x");
  const bool between = id.find("_to_") != std::string::npos;
  if (id.starts_with("detect")) return "detect";
  if (id.starts_with("deci")) return "decide";
  if (id.starts_with("verif") || (between && id.starts_with("exec"))) return "verify";
  if (id.starts_with("exec")) return "execute";
  return {};
}

bool is_of_all(const std::string& subject) {
  const std::string id = "_" + slug(subject, "x") + "_";
  return std::ranges::any_of(std::array{"_total_", "_full_", "_overall_", "_complete_", "_system_",
                                        "_rto_", "_end_to_end_"},
                             [&](const char* word) { return id.find(word) != std::string::npos; });
}

/// Whether a target's subject names the way or a section that it stands in.
bool names_way(const Document& document, const DraftWay& way, const std::string& subject) {
  if (shares_word(way.title, subject)) return true;
  for (std::uint32_t at = way.section; at != kNowhere; at = document.sections[at].parent) {
    if (document.sections[at].level > 1 && shares_word(document.sections[at].title, subject))
      return true;
  }
  return false;
}

}  // namespace

namespace {

/// How much may be lost: the one value that the document states, or the one of its databases;
/// unknown where it states several.
std::string loss_of(const DraftInput& input, std::set<const Time*>& used) {
  std::vector<const Time*> stated;
  for (const Time& time : input.document.times) {
    if (time.use == Time::Use::loss && time.range.high_ms) stated.push_back(&time);
  }
  const auto differs = [&](const Time* time) {
    return time->range.high_ms != stated.front()->range.high_ms;
  };
  if (std::ranges::any_of(stated, differs)) {
    std::erase_if(stated, [](const Time* time) {
      return !contains_any(lower(time->subject),
                           {"database", "postgres", "mysql", "mongo", "total", "overall"});
    });
  }
  if (stated.empty() || std::ranges::any_of(stated, differs)) return "unknown";
  used.insert(stated.begin(), stated.end());
  return fmt::format("{}  # {}", duration(stated.front()->range),
                     source_of(input, stated.front()->span));
}

}  // namespace

std::string draft_objectives(const DraftInput& input, const std::vector<DraftWay>& ways,
                             std::set<const Time*>& used, const std::string& rto) {
  std::map<std::string, std::string> whole = {{"rto", rto.empty() ? "unknown" : rto}};
  std::map<std::string, std::string> by_path;
  for (const Time& time : input.document.times) {
    if (time.use != Time::Use::target) continue;
    const std::string source = source_of(input, time.span);
    const std::string value = duration(time.range);
    const std::string phase = phase_of(time.subject);
    bool taken = false;
    if (phase.empty() && !is_of_all(time.subject)) {
      for (const DraftWay& way : ways) {
        if (!names_way(input.document, way, time.subject)) continue;
        taken = by_path
                    .emplace(way.id,
                             fmt::format("{{total: {}, source: {}}}", value, scalar_text(source)))
                    .second ||
                taken;
      }
    }
    const bool closes = is_of_all(time.subject) || ways.size() < 2;
    if (!taken && (!phase.empty() || closes)) {
      std::string& goal = whole[phase.empty() ? "rto" : phase];
      if (goal.empty() || goal == "unknown") {
        goal = fmt::format("{}  # {}", value, source);
        taken = true;
      }
    }
    if (taken) used.insert(&time);
  }
  std::string text = "objectives:\n";
  for (const char* key : {"detect", "decide", "execute", "verify", "rto"}) {
    if (const auto goal = whole.find(key); goal != whole.end())
      text += fmt::format("  {}: {}\n", key, goal->second);
  }
  text += "  rpo: " + loss_of(input, used) + "\n";
  if (!by_path.empty()) text += "  paths:\n";
  for (const auto& [id, value] : by_path) text += fmt::format("    {}: {}\n", id, value);
  return text;
}

std::string limit_text(const Threshold& threshold) {
  static constexpr std::array kOps = {"<", "<=", ">", ">=", "between", "="};
  const Metric metric = metric_of(threshold);
  const std::string name = metric.name == nullptr ? "value" : metric.name;
  std::string text = fmt::format("{} {} {}{}", name, kOps[static_cast<std::size_t>(threshold.op)],
                                 threshold.value, threshold.unit);
  if (threshold.op == Threshold::Op::between)
    text += fmt::format(" and {}{}", threshold.upper, threshold.unit);
  if (threshold.relative) text += " of the baseline";
  if (threshold.window_ms && *threshold.window_ms > 0)
    text += fmt::format(" for {}", duration(*threshold.window_ms));
  return text;
}

}  // namespace backout::importers
