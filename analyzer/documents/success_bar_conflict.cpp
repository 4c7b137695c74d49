// A steady value that neither triggers a rollback nor passes its verification.
#include <algorithm>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

std::vector<model::Finding> check_success_bar_conflict(const DocumentFacts& facts) {
  using importers::Threshold;
  std::vector<model::Finding> found;
  for (const Threshold& bar : facts.document.thresholds) {
    const bool rises = bar.op == Threshold::Op::greater || bar.op == Threshold::Op::at_least;
    if (bar.use != Threshold::Use::verify || bar.metric != Threshold::Metric::error_rate ||
        bar.unit != "%" || bar.relative || rises)
      continue;
    const Threshold* lowest = nullptr;
    for (const importers::Trigger& trigger : facts.document.triggers) {
      for (const Threshold& each : trigger.thresholds) {
        const bool same = each.metric == bar.metric && each.unit == "%" && !each.relative &&
                          trigger.tier != importers::Trigger::Tier::keep;
        if (same && (lowest == nullptr || each.value < lowest->value)) lowest = &each;
      }
    }
    // "More than 10 % above what it was" may be less than any row of a table says.
    const bool compared =
        std::ranges::any_of(facts.document.thresholds, [&](const Threshold& each) {
          return each.relative && each.metric == bar.metric && each.use != Threshold::Use::verify;
        });
    for (const importers::DecisionRow& row : facts.document.decisions) {
      if (compared) break;
      for (const Threshold& each : row.thresholds) {
        const bool rising = each.op == Threshold::Op::greater ||
                            each.op == Threshold::Op::at_least || each.op == Threshold::Op::between;
        const bool same = each.metric == bar.metric && each.unit == "%" && !each.relative && rising;
        if (same && (lowest == nullptr || each.value < lowest->value)) lowest = &each;
      }
    }
    // Where no list says when to roll back, the lowest alert is the first to see anything.
    const bool alerted = lowest == nullptr;
    for (const Threshold& each : facts.document.thresholds) {
      const bool rising = each.op == Threshold::Op::greater || each.op == Threshold::Op::at_least;
      const bool same = alerted && each.use == Threshold::Use::alert && each.metric == bar.metric &&
                        each.unit == "%" && !each.relative && rising;
      if (same && (lowest == nullptr || each.value < lowest->value)) lowest = &each;
    }
    if (lowest == nullptr || lowest->value <= bar.value) continue;
    model::Finding made = finding(
        model::Severity::error, bar.span,
        fmt::format(
            "a steady error rate between {}% and {}% triggers nothing and never passes this check",
            bar.value, lowest->value),
        "let the two meet, or say what to do between them");
    made.related.push_back({lowest->span, "the lowest value that triggers anything"});
    found.push_back(std::move(made));
    break;
  }
  return found;
}

}  // namespace backout::analyzer::documents
