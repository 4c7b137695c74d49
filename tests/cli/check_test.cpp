// `backout check` as other programs see it: exit statuses, formats, streams.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <set>

#include "support/lines.hpp"
#include "support/process.hpp"
#include "support/small_plan.hpp"
#include "support/text.hpp"

namespace backout::tests {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kGood = small_plan_back(
    "do: deploy, target: api, version: v1, ref: v1.0.0, takes: 1-2m, timeout: 5m, "
    "verify: {http: api/health, expect: 200, version: v1}");
const std::string kWarned = small_plan_back(
    "do: deploy, target: api, version: v1, ref: \"git:main\", takes: 1-2m, timeout: 5m, "
    "verify: {http: api/health, expect: 200, version: v1}");
const std::string kBad = small_plan_back(
    "do: deploy, target: api, version: v2, ref: v2.0.0, takes: 1-2m, timeout: 5m, "
    "verify: {http: api/health, expect: 200, version: v2}");
const std::string kOpaque =
    small_plan_back("do: run, command: ./undo.sh, takes: 1-2m, timeout: 5m");

ProcessResult check(const std::string& text, std::vector<std::string> options = {}) {
  options.insert(options.begin(), {"check", "-"});
  return run_backout(options, text);
}

TEST(Check, exits_0_when_nothing_is_wrong) {
  const ProcessResult result = check(kGood);
  EXPECT_EQ(result.status, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasLines("<stdin>: 0 errors, 0 warnings, 0 notes"));
}

TEST(Check, exits_1_for_errors_and_with_fail_on_for_less) {
  EXPECT_EQ(check(kBad).status, 1);
  EXPECT_EQ(check(kBad, {"--fail-on", "never"}).status, 0);
  EXPECT_EQ(check(kWarned).status, 0);
  EXPECT_EQ(check(kWarned, {"--fail-on", "warning"}).status, 1);
}

TEST(Check, says_first_that_the_deploy_does_not_get_through) {
  const auto headline = [](const std::string& sql) {
    const std::string plan =
        "backout: 1\nservices: {db: {kind: postgres, tables: {b: {columns: {id: int}}}}}\n"
        "deploy: {steps: [{id: up, do: sql, target: db, text: " +
        sql +
        ", undo: down}]}\n"
        "rollback: {steps: [{id: down, do: sql, target: db, text: DROP INDEX u}], paths: {full: "
        "[down]}}\n";
    return check(plan).out.substr(0, 150);
  };
  EXPECT_THAT(
      on_one_line(headline("CREATE INDEX u ON b (nothing)")),
      StartsWith(
          "The deploy does not get past 'up', but what it did before that can be rolled back."));
  EXPECT_THAT(on_one_line(headline("CREATE INDEX u ON b (id)")),
              StartsWith("It can be rolled back from every place where the deploy may stop"));
}

TEST(Check, says_no_yes_while_an_error_about_the_way_back_stands) {
  const auto plan = [](const std::string& kept) {
    return "backout: 1\nservices:\n  zone: {kind: dns, records: {a: b}, ttl: 5m, negative_ttl: " +
           kept +
           "}\nobjectives: {rto: <15m}\n"
           "deploy: {steps: [{id: retire, do: remove, target: zone, record: a, takes: 1m, undo: "
           "name_back}]}\n"
           "rollback: {steps: [{id: name_back, do: set, target: zone, record: a, value: b, takes: "
           "1m, verify: {fact: zone.records.a, is: b}}], paths: {full: [name_back]}}\n";
  };
  const std::string yes =
      "It can be rolled back from every place where the deploy may stop, even when one more thing "
      "fails";
  EXPECT_THAT(on_one_line(check(plan("1m")).out), StartsWith(yes + "."));
  EXPECT_THAT(on_one_line(check(plan("1h")).out),
              StartsWith(yes + ", as far as the search sees; an error stands against it; "
                               "delayed-effect at 'name_back': 'name_back' reaches those who"));
}

TEST(Check, exits_2_for_a_wrong_command_line) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"check"}, {"check", "--nope", "-"}, {"nope"}}) {
    const ProcessResult result = run_backout(words);
    EXPECT_EQ(result.status, 2) << words.front();
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr("backout --help"));
  }
}

TEST(Check, exits_3_for_what_cannot_be_read_and_points_at_it) {
  EXPECT_EQ(run_backout({"check", "/nowhere/plan.yaml"}).status, 3);
  const ProcessResult result = check("backout: 1\nservices: {api: {kind: ap}}\n");
  EXPECT_EQ(result.status, 3);
  EXPECT_THAT(result.err + result.out, HasLines("<stdin>:2:24: error: unknown kind 'ap'"));
}

TEST(Check, exits_4_when_a_verdict_is_unknown_unless_told_otherwise) {
  EXPECT_EQ(check(kOpaque).status, 4);
  EXPECT_EQ(check(kOpaque, {"--unknown", "ignore"}).status, 0);
  EXPECT_EQ(check(kOpaque, {"--unknown", "warn"}).status, 0);
}

TEST(Check, prints_json_with_the_documented_keys) {
  const ProcessResult result = check(kWarned, {"--format", "json"});
  const json report = json::parse(result.out, nullptr, false);
  ASSERT_FALSE(report.is_discarded()) << result.out;
  for (const char* key :
       {"backout", "plan", "findings", "matrix", "times", "point_of_no_return", "completeness"}) {
    EXPECT_TRUE(report.contains(key)) << key;
  }
  ASSERT_EQ(report["findings"].size(), 1u);
  const json& finding = report["findings"][0];
  for (const char* key : {"rule", "severity", "message", "file", "line", "column", "end_line",
                          "end_column", "step", "related", "fix"}) {
    EXPECT_TRUE(finding.contains(key)) << key;
  }
  EXPECT_EQ(finding["rule"], "unpinned-target");
  EXPECT_EQ(finding["step"], "back");
  EXPECT_EQ(report["completeness"]["level"], "exhaustive");
}

TEST(Check, leaves_the_matrix_out_with_no_search) {
  const json report = json::parse(check(kGood, {"--no-search", "--format", "json"}).out);
  EXPECT_TRUE(report["matrix"].is_null());
}

TEST(Check, writes_several_formats_to_their_files) {
  const TemporaryFolder folder;
  const std::string json_file = (folder.path() / "report.json").string();
  const std::string sarif_file = (folder.path() / "report.sarif").string();
  const ProcessResult result = check(kWarned, {"--format", "json", "--output", json_file,
                                               "--format", "sarif", "--output", sarif_file});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(json::parse(read_file(json_file))["findings"].size(), 1u);
  const json sarif = json::parse(read_file(sarif_file));
  EXPECT_EQ(sarif["version"], "2.1.0");
  EXPECT_EQ(sarif["runs"][0]["results"][0]["ruleId"], "unpinned-target");
}

TEST(Check, prints_the_same_bytes_twice_and_no_colour_into_a_file) {
  const ProcessResult once = check(kBad);
  EXPECT_EQ(once.out, check(kBad).out);
  EXPECT_THAT(once.out, Not(HasSubstr("\x1b[")));
}

TEST(Check, reports_only_selected_rules) {
  const json all = json::parse(check(kBad, {"--format", "json"}).out);
  std::set<std::string> rules;
  for (const json& finding : all["findings"]) rules.insert(finding["rule"].get<std::string>());
  ASSERT_FALSE(rules.empty());
  const std::string chosen = *rules.begin();
  const json some = json::parse(check(kBad, {"--format", "json", "--select", chosen}).out);
  ASSERT_FALSE(some["findings"].empty());
  for (const json& finding : some["findings"]) EXPECT_EQ(finding["rule"], chosen);
}

TEST(Check, takes_a_folder_for_the_plans_in_it) {
  const TemporaryFolder folder;
  folder.write("a.yaml", kGood);
  folder.write("b/c.yaml", kWarned);
  folder.write("notes.yaml", "title: no plan\n");
  folder.write(".github/workflows/backout.yml",
               "jobs:\n  backout:\n    container: {backout: 1}\n    env:\n      backout: 1\n");
  folder.write(".gitlab-ci.yml", "backout:  # a job\n  script: backout check .\n");
  const ProcessResult result = run_backout({"check", folder.path().string(), "--format", "json"});
  const json report = json::parse(result.out, nullptr, false);
  ASSERT_FALSE(report.is_discarded()) << result.out << result.err;
  EXPECT_EQ(report["plans"].size(), 2u);
  EXPECT_EQ(report["findings"].size(), 1u);
}

}  // namespace
}  // namespace backout::tests
