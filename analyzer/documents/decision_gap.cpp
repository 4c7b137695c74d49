// Values and situations for which the document says nothing.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Threshold;
using importers::Trigger;
using Metric = Threshold::Metric;
using Op = Threshold::Op;

const char* name_of(Metric metric) {
  switch (metric) {
    case Metric::error_rate:
      return "error rate";
    case Metric::latency:
      return "latency";
    case Metric::users:
      return "affected users";
    case Metric::success_rate:
      return "success rate";
    case Metric::performance:
      return "performance degradation";
    default:
      return "this metric";
  }
}

struct Tier {
  const Threshold* threshold;
  Trigger::Tier tier;
};

bool rises(Op op) { return op == Op::greater || op == Op::at_least; }

/// Below it nothing is done, above the lowest of the others something is: what lies between is not
/// said.
void look_at_tiers(const Document& document, std::vector<model::Finding>& found) {
  std::map<Metric, std::vector<Tier>> by_metric;
  for (const Trigger& trigger : document.triggers) {
    for (const Threshold& threshold : trigger.thresholds) {
      if (threshold.metric != Metric::other && threshold.unit == "%")
        by_metric[threshold.metric].push_back({&threshold, trigger.tier});
    }
  }
  for (const auto& [metric, tiers] : by_metric) {
    const Tier* keep = nullptr;
    const Tier* lowest = nullptr;
    for (const Tier& tier : tiers) {
      const bool worse_above = metric != Metric::success_rate &&
                               tier.threshold->op != Op::between && tier.threshold->op != Op::equal;
      if (worse_above && !rises(tier.threshold->op) &&
          (keep == nullptr || tier.threshold->value > keep->threshold->value))
        keep = &tier;
      const bool acts = tier.tier != Trigger::Tier::keep &&
                        (rises(tier.threshold->op) || tier.threshold->op == Op::between);
      if (acts && (lowest == nullptr || tier.threshold->value < lowest->threshold->value))
        lowest = &tier;
    }
    if (keep == nullptr || lowest == nullptr || keep->threshold->value >= lowest->threshold->value)
      continue;
    if (keep->threshold->relative != lowest->threshold->relative) continue;
    model::Finding made =
        finding(model::Severity::error, lowest->threshold->span,
                fmt::format("{} from {}% to {}%: no list says what to do", name_of(metric),
                            keep->threshold->value, lowest->threshold->value),
                "let the ranges meet");
    made.related.push_back({keep->threshold->span, "below this nothing is done"});
    found.push_back(std::move(made));
  }
}

/// Rows about one metric, of which one is limited by a second metric, and nobody says what holds
/// beyond the limit.
void look_at_rows(const Document& document, std::vector<model::Finding>& found) {
  const auto subject_value = [](const importers::DecisionRow& row) -> const Threshold* {
    for (const Threshold& each : row.thresholds) {
      if (each.metric == Metric::latency && each.relative) return &each;
    }
    return nullptr;
  };
  for (const importers::DecisionRow& row : document.decisions) {
    const Threshold* value = subject_value(row);
    if (value == nullptr) continue;
    for (const Threshold& limit : row.thresholds) {
      if (&limit == value || rises(limit.op) || limit.metric == value->metric) continue;
      bool covered = false;
      const importers::DecisionRow* other = nullptr;
      for (const importers::DecisionRow& next : document.decisions) {
        const Threshold* at = subject_value(next);
        if (&next == &row || at == nullptr || next.table != row.table) continue;
        other = &next;
        const bool limited = std::ranges::any_of(next.thresholds, [&](const Threshold& each) {
          return each.metric == limit.metric && !rises(each.op);
        });
        covered = covered || (at->value <= value->value && !limited);
      }
      if (covered || other == nullptr) continue;
      model::Finding made = finding(
          model::Severity::error, row.span,
          fmt::format(
              "'{}' holds only below {}% {}: beyond that, and before '{}', no row says what to do",
              row.subject, limit.value, name_of(limit.metric), other->subject),
          "a row for what lies beyond");
      made.related.push_back({other->span, "the next row"});
      found.push_back(std::move(made));
      break;
    }
  }
}

/// A tree of cases: whoever says No to one reads the next, and a last line is for those who said No
/// to all.
bool lists_cases(const Document& document, const importers::Branch& branch) {
  return std::ranges::any_of(document.blocks, [&](const Block& block) {
    const bool holds = block.span.begin <= branch.span.begin && branch.span.end <= block.span.end;
    return holds && has_any(lower(block.content.text),
                            {"none of", "otherwise", "else ", "else:", "anything else", "sonst",
                             "en otro caso", "sinon", "其他"});
  });
}

/// A question of a flowchart that has an answer for Yes only.
void look_at_charts(const Document& document, std::vector<model::Finding>& found) {
  for (const importers::Branch& branch : document.branches) {
    if (branch.has_yes == branch.has_no || lists_cases(document, branch)) continue;
    found.push_back(finding(
        model::Severity::error, branch.span,
        fmt::format("'{}' has an arrow for {} only: nobody knows what to do on {}", branch.question,
                    branch.has_yes ? "Yes" : "No", branch.has_yes ? "No" : "Yes"),
        "draw the other arrow"));
  }
}

/// Loss of data is asked behind another question, although a list calls it a reason of its own.
void look_at_data(const Document& document, std::vector<model::Finding>& found) {
  const auto about_data = [](std::string_view text) {
    return has_any(lower(text), {"data loss", "data at risk", "data corrupt", "corruption",
                                 "data lost", "losing data"});
  };
  const model::Span* reason = nullptr;
  for (const Trigger& trigger : document.triggers) {
    if (reason == nullptr && trigger.tier == Trigger::Tier::rollback && about_data(trigger.text))
      reason = &trigger.span;
  }
  for (const importers::DecisionRow& row : document.decisions) {
    std::string text;
    for (const auto& cell : row.cells) text += cell.second + " ";
    const bool yes = std::ranges::any_of(
        row.answers, [](const auto& answer) { return answer.second == importers::Answer::yes; });
    if (reason == nullptr && yes && about_data(text)) reason = &row.span;
  }
  const importers::Branch* first = nullptr;
  for (const importers::Branch& branch : document.branches) {
    if (first == nullptr || first->chart != branch.chart) {
      first = &branch;
      continue;
    }
    if (reason == nullptr || (!about_data(branch.question) && !has(lower(branch.question), "data")))
      continue;
    // Who leaves the first question the other way rolls back already.
    if (has_any(lower(first->yes), {"rollback", "roll back", "revert"}) ||
        has_any(lower(first->no), {"rollback", "roll back", "revert"}))
      continue;
    model::Finding made =
        finding(model::Severity::error, branch.span,
                fmt::format("'{}' is asked only behind '{}': who answers that one the other way "
                            "never asks about data, which is a reason to roll back of its own",
                            branch.question, first->question),
                "ask about data first");
    made.related.push_back({*reason, "a reason of its own"});
    found.push_back(std::move(made));
    return;
  }
}

}  // namespace

std::vector<model::Finding> check_decision_gap(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  look_at_tiers(facts.document, found);
  look_at_rows(facts.document, found);
  look_at_charts(facts.document, found);
  look_at_data(facts.document, found);
  return found;
}

}  // namespace backout::analyzer::documents
