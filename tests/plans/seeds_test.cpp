// The known defects of the four runbooks: which finding reports each (seeds.tsv), and what must not
// be reported (traps.tsv).
#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "plans/plan_findings.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

const std::vector<model::Finding>& findings(const std::string& plan) {
  static std::map<std::string, std::vector<model::Finding>> all;
  const auto known = all.find(plan);
  return known != all.end() ? known->second
                            : all.emplace(plan, findings_of_plan(plan)).first->second;
}

/// Whether the plan has a finding of the rule at the step (- for none, * for any) whose message
/// holds `text` (- for any).
bool reported(const std::string& plan, const std::string& rule, const std::string& step,
              const std::string& text) {
  const std::vector<model::Finding>& found = findings(plan);
  return std::any_of(found.begin(), found.end(), [&](const model::Finding& finding) {
    return finding.rule == rule &&
           (step == "*" || (step == "-" ? finding.step.empty() : finding.step == step)) &&
           (text == "-" || finding.message.find(text) != std::string::npos);
  });
}

/// What check says of a runbook as it stands, where BACKOUT_RUNBOOKS names the folder that holds
/// them (001.md): they are not ours to ship.
const nlohmann::json& findings_of_runbook(const std::string& name) {
  static std::map<std::string, nlohmann::json> all;
  const auto known = all.find(name);
  if (known != all.end()) return known->second;
  const std::string file = std::string(std::getenv("BACKOUT_RUNBOOKS")) + "/" + name + ".md";
  const ProcessResult result = run_backout({"check", "--format", "json", file});
  return all.emplace(name, nlohmann::json::parse(result.out)["findings"]).first->second;
}

/// `place` is "001:97".
bool reported_in_runbook(const std::string& place, const std::string& rule,
                         const std::string& text) {
  const nlohmann::json& findings = findings_of_runbook(place.substr(0, 3));
  return std::any_of(findings.begin(), findings.end(), [&](const nlohmann::json& finding) {
    return finding["rule"] == rule && finding["line"] == std::stoi(place.substr(4)) &&
           finding["message"].get<std::string>().find(text) != std::string::npos;
  });
}

// The columns stand at the head of the table.
TEST(Seeds, AreReportedWhereTheTableSays) {
  const bool has_runbooks = std::getenv("BACKOUT_RUNBOOKS") != nullptr;
  std::map<std::string, int> all;
  int seen = 0;
  int count = 0;
  for (const auto& row : read_table(source_path("tests/plans/seeds.tsv"))) {
    ASSERT_GE(row.size(), 4u);
    ++all[row[0]];
    ++count;
    if (row[2] == "missed") continue;
    ASSERT_EQ(row.size(), 7u) << row[1];
    ++seen;
    if (row[2] == "runbook") {
      EXPECT_TRUE(!has_runbooks || reported_in_runbook(row[4], row[3], row[5]))
          << row[1] << ": " << row[3] << " at " << row[4] << ": " << row[6];
    } else {
      EXPECT_TRUE(reported(row[2], row[3], row[4], row[5]))
          << row[1] << ": " << row[3] << " at " << row[4] << ": " << row[6];
    }
  }
  const std::map<std::string, int> defects = {
      {"call-sid", 17}, {"rose", 16}, {"voxanne", 20}, {"voxflow", 21}};
  EXPECT_EQ(all, defects);
  EXPECT_GE(seen * 100, count * 95) << seen << " of " << count;
}

// Columns: plan, rule, step, why it is right as it is.
TEST(Seeds, RightThingsAreNotReported) {
  for (const auto& row : read_table(source_path("tests/plans/traps.tsv"))) {
    ASSERT_EQ(row.size(), 4u);
    EXPECT_FALSE(reported(row[0], row[1], row[2], "-"))
        << row[1] << " at " << row[2] << ": " << row[3];
  }
}

}  // namespace
}  // namespace backout::tests
