// The known defects of the four runbooks: which finding reports each (seeds.tsv), and what must not be reported (traps.tsv).
#include <algorithm>
#include <map>

#include "plans/plan_findings.hpp"

namespace backout::tests {
namespace {

const std::vector<model::Finding>& findings(const std::string& plan) {
  static std::map<std::string, std::vector<model::Finding>> all;
  const auto known = all.find(plan);
  return known != all.end() ? known->second : all.emplace(plan, findings_of_plan(plan)).first->second;
}

/// Whether the plan has a finding of the rule at the step (- for none, * for any) whose message holds `text` (- for any).
bool reported(const std::string& plan, const std::string& rule, const std::string& step, const std::string& text) {
  const std::vector<model::Finding>& found = findings(plan);
  return std::any_of(found.begin(), found.end(), [&](const model::Finding& finding) {
    return finding.rule == rule && (step == "*" || (step == "-" ? finding.step.empty() : finding.step == step)) &&
           (text == "-" || finding.message.find(text) != std::string::npos);
  });
}

// Columns: system, defect, plan, rule, step, part of the message, what it is; or system, defect, "missed", why.
TEST(Seeds, AreReportedWhereTheTableSays) {
  std::map<std::string, int> all;
  std::map<std::string, int> seen;
  for (const auto& row : read_table(BACKOUT_SOURCE_DIR "/tests/plans/seeds.tsv")) {
    ASSERT_GE(row.size(), 4u);
    ++all[row[0]];
    if (row[2] == "missed") continue;
    ASSERT_EQ(row.size(), 7u) << row[1];
    ++seen[row[0]];
    EXPECT_TRUE(reported(row[2], row[3], row[4], row[5])) << row[1] << ": " << row[3] << " at " << row[4] << ": " << row[6];
  }
  const std::map<std::string, int> defects = {{"call-sid", 17}, {"rose", 16}, {"voxanne", 20}, {"voxflow", 21}};
  EXPECT_EQ(all, defects);
  for (const auto& [system, count] : all) EXPECT_GE(seen[system] * 100, count * 60) << system << ": " << seen[system] << " of " << count;
}

// Columns: plan, rule, step, why it is right as it is.
TEST(Seeds, RightThingsAreNotReported) {
  for (const auto& row : read_table(BACKOUT_SOURCE_DIR "/tests/plans/traps.tsv")) {
    ASSERT_EQ(row.size(), 4u);
    EXPECT_FALSE(reported(row[0], row[1], row[2], "-")) << row[1] << " at " << row[2] << ": " << row[3];
  }
}

}  // namespace
}  // namespace backout::tests
