// Edits that SARIF and rdjson offer: applied to the plan, the finding is gone and nothing else has
// changed.
#include <gtest/gtest.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "support/process.hpp"
#include "support/stopped_workers.hpp"

namespace backout::tests {
namespace {

using nlohmann::json;

json diagnostics(const std::string& plan) {
  return json::parse(
      run_backout({"check", "--no-search", "--format", "rdjson", "-"}, plan).out)["diagnostics"];
}

std::size_t count_of(const json& diagnostics, const std::string& rule) {
  return std::ranges::count_if(diagnostics,
                               [&](const json& each) { return each["code"]["value"] == rule; });
}

std::size_t byte_of(const std::string& text, const json& position) {
  std::size_t at = 0;
  for (int line = 1; line < position["line"].get<int>(); ++line) at = text.find('\n', at) + 1;
  return at + position["column"].get<std::size_t>() - 1;
}

/// The plan with the first edit that a finding of the rule offers; empty without one.
std::string mended(const std::string& plan, const std::string& rule) {
  for (const json& each : diagnostics(plan)) {
    if (each["code"]["value"] != rule || !each.contains("suggestions")) continue;
    const json& edit = each["suggestions"][0];
    const std::size_t begin = byte_of(plan, edit["range"]["start"]);
    const std::size_t end = byte_of(plan, edit["range"]["end"]);
    return plan.substr(0, begin) + edit["text"].get<std::string>() + plan.substr(end);
  }
  return "";
}

void expect_released(const std::string& go, const std::string& mended_go) {
  ASSERT_EQ(count_of(diagnostics(stopped_workers(go)), "acquire-without-release"), 1u);
  const std::string after = mended(stopped_workers(go), "acquire-without-release");
  EXPECT_EQ(after, stopped_workers(mended_go));
  EXPECT_EQ(count_of(diagnostics(after), "acquire-without-release"), 0u);
}

TEST(Edits, TheReleaseAlwaysRuns) {
  expect_released(kGo, kMendedGo);
  expect_released("{\"id\": \"go\", \"do\": \"start\", \"target\": \"mailer\"}",
                  "{\"id\": \"go\", \"do\": \"start\", \"target\": \"mailer\", \"always\": true}");
  expect_released("id: go\n      do: start\n      target: mailer",
                  "always: true\n      id: go\n      do: start\n      target: mailer");
}

TEST(Edits, AreNotOfferedWhereAKeyWouldStandTwice) {
  const std::string plan = stopped_workers("{id: go, do: start, target: mailer, always: false}");
  ASSERT_EQ(count_of(diagnostics(plan), "acquire-without-release"), 1u);
  EXPECT_EQ(mended(plan, "acquire-without-release"), "");
}

TEST(Edits, ASuppressionThatHidesNothingIsRemoved) {
  const std::string go = kGo;
  const std::string kept = "  - {rule: acquire-without-release, reason: known}\n";
  const std::string idle = "  - {rule: undo-order, reason: it was so}  # long ago\n";
  EXPECT_EQ(mended(stopped_workers(go, "ignore:\n" + idle), "unused-suppression"),
            stopped_workers(go));
  EXPECT_EQ(mended(stopped_workers(go, "ignore:\n" + idle + kept), "unused-suppression"),
            stopped_workers(go, "ignore:\n" + kept));
  const std::string between =
      stopped_workers(go, "ignore: [{rule: undo-order, reason: it was so}]\n");
  ASSERT_EQ(count_of(diagnostics(between), "unused-suppression"), 1u);
  EXPECT_EQ(mended(between, "unused-suppression"), "");
}

TEST(Edits, SarifHasTheSameOnes) {
  const std::string plan = stopped_workers(kGo);
  const json log =
      json::parse(run_backout({"check", "--no-search", "--format", "sarif", "-"}, plan).out);
  std::size_t fixes = 0;
  for (const json& result : log["runs"][0]["results"]) {
    if (!result.contains("fixes")) continue;
    ++fixes;
    EXPECT_EQ(result["ruleId"], "acquire-without-release");
    EXPECT_EQ(result["fixes"][0]["description"]["text"], "write `always: true` on 'go'");
    EXPECT_EQ(result["fixes"][0]["artifactChanges"][0]["replacements"][0], json::parse(R"({
      "deletedRegion": {"startLine": 14, "startColumn": 41, "endLine": 14, "endColumn": 41},
      "insertedContent": {"text": ", always: true"}})"));
  }
  EXPECT_EQ(fixes, 1u);
}

}  // namespace
}  // namespace backout::tests
