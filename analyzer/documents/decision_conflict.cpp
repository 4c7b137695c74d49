// Two places that answer the same question differently.
#include <algorithm>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Answer;
using importers::DecisionRow;

/// Slow is "no" in the table at any slowness, and a trigger says when slow is a reason.
void look_at_slowness(const Document& document, std::vector<model::Finding>& found) {
  for (const DecisionRow& row : document.decisions) {
    const bool slow = has_any(lower(row.subject), {"slow", "performance", "latency"});
    const bool no = !row.answers.empty() && (row.answers[0].second == Answer::no ||
                                             row.answers[0].second == Answer::fix_forward);
    const bool sized = has_any(row.subject, {"%", "ms", "0", "1", "2", "3", "5"});
    if (!slow || !no || sized) continue;
    for (const importers::Trigger& trigger : document.triggers) {
      const bool same =
          has_any(lower(trigger.text), {"performance", "slow", "latency", "response time"});
      if (!same || trigger.tier == importers::Trigger::Tier::keep || trigger.thresholds.empty())
        continue;
      model::Finding made = finding(model::Severity::error, row.span,
                                    fmt::format("'{}' is never rolled back here, however slow it "
                                                "is; the triggers say at what value it is",
                                                row.subject),
                                    "give the row the value up to which it holds");
      made.related.push_back({trigger.span, "a reason to roll back"});
      found.push_back(std::move(made));
      break;
    }
  }
}

/// The data goes back, and the code that spoilt it perhaps not.
void look_at_corruption(const Document& document, std::vector<model::Finding>& found) {
  for (const DecisionRow& row : document.decisions) {
    if (!has_any(lower(row.subject), {"corrupt", "data loss"})) continue;
    const bool data = std::ranges::any_of(row.answers, [](const auto& each) {
      return has_any(each.first, {"data", "database", "db"}) && each.second == Answer::yes;
    });
    const bool code = std::ranges::any_of(row.answers, [](const auto& each) {
      return has_any(each.first, {"code", "app"}) &&
             (each.second == Answer::maybe || each.second == Answer::no);
    });
    if (!data || !code) continue;
    found.push_back(finding(model::Severity::error, row.span,
                            fmt::format("'{}' takes the data back and leaves the code that spoilt "
                                        "it: the restored data is spoilt again",
                                        row.subject),
                            "stop or roll back the code first, then restore"));
  }
}

}  // namespace

std::vector<model::Finding> check_decision_conflict(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  look_at_slowness(facts.document, found);
  look_at_corruption(facts.document, found);
  return found;
}

}  // namespace backout::analyzer::documents
