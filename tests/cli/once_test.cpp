// The report for people says each cause once, in few lines, within the width; JSON keeps
// everything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <sstream>

#include "support/places.hpp"
#include "support/process.hpp"
#include "support/small_plan.hpp"

namespace backout::tests {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kRoot = kSourceDir;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::size_t columns(const std::string& line) {
  return static_cast<std::size_t>(std::ranges::count_if(
      line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// Lines that are wider than 80 columns though they could break between two words.
std::vector<std::string> too_wide(const std::string& text) {
  std::vector<std::string> wide;
  for (const std::string& line : lines_of(text)) {
    const std::size_t words = line.find_first_not_of(' ');
    if (columns(line) > 80 && words != std::string::npos &&
        line.find(' ', words) != std::string::npos)
      wide.push_back(line);
  }
  return wide;
}

/// What `check` prints in the project's own folder: a finding's place is as wide there wherever the
/// project stands.
std::string check(const std::string& plan, std::vector<std::string> options = {}) {
  options.insert(options.begin(), {"check", plan});
  return run_backout(options, "", kRoot).out;
}

TEST(Once, the_largest_plan_reads_in_150_lines_of_80_columns) {
  for (const char* plan : {"plans/voxanne/plan.yaml", "plans/call-sid/plan.yaml",
                           "plans/voxflow/plan.yaml", "plans/rose/plan.yaml"}) {
    const std::string text = check(plan);
    EXPECT_LE(lines_of(text).size(), 150u) << plan;
    EXPECT_EQ(too_wide(text), std::vector<std::string>{}) << plan;
    EXPECT_THAT(text, HasSubstr("\nFix first\n")) << plan;
  }
}

TEST(Once, a_cause_takes_at_most_five_lines_and_says_what_to_write) {
  const std::vector<std::string> lines = lines_of(check("plans/voxanne/plan.yaml"));
  auto at = std::ranges::find(lines, "Fix first");
  ASSERT_NE(at, lines.end());
  std::size_t causes = 0;
  std::size_t length = 0;
  std::size_t fixes = 0;
  for (at += 2; at != lines.end() && !at->empty(); ++at) {
    if (!at->starts_with(' ')) {
      ++causes;
      length = 0;
    }
    EXPECT_LE(++length, 5u) << *at;
    if (at->starts_with("  fix: ")) ++fixes;
  }
  EXPECT_GE(causes, 8u);
  EXPECT_EQ(fixes, causes);
}

TEST(Once, the_verdict_comes_first_then_the_matrix_then_the_point_of_no_return_then_causes) {
  const std::string text = check("plans/voxanne/plan.yaml");
  const std::size_t matrix = text.find("Rollback matrix");
  const std::size_t point = text.find("Point of no return");
  const std::size_t fix = text.find("Fix first");
  EXPECT_GT(matrix, 0u);
  EXPECT_LT(matrix, point);
  EXPECT_LT(point, fix);
  EXPECT_LT(fix, text.find("plan.yaml: "));
}

TEST(Once, verbose_tells_every_finding_with_its_line) {
  const std::string text = check("plans/call-sid/plan.yaml", {"--verbose"});
  const json report = json::parse(check("plans/call-sid/plan.yaml", {"--format", "json"}));
  std::size_t heads = 0;
  for (const std::string& line : lines_of(text)) {
    if (line.starts_with("error[") || line.starts_with("warning[") || line.starts_with("note["))
      ++heads;
  }
  EXPECT_EQ(heads, report["findings"].size());
}

TEST(Once, no_two_findings_share_rule_place_and_cause) {
  for (const char* plan : {"plans/voxanne/plan.yaml", "plans/call-sid/plan.yaml",
                           "plans/voxflow/plan.yaml", "plans/rose/plan.yaml"}) {
    const json report = json::parse(check(plan, {"--format", "json"}));
    std::set<std::string> seen;
    for (const json& finding : report["findings"]) {
      std::string message = finding["message"];
      message = message.substr(0, message.find(" (on "));
      for (const json& path : finding["paths"]) {
        const std::string name = path.get<std::string>();
        for (std::size_t i = message.find(name); i != std::string::npos; i = message.find(name))
          message.erase(i, name.size());
      }
      const std::string key = finding["rule"].get<std::string>() +
                              std::to_string(finding["line"].get<int>()) + ":" +
                              std::to_string(finding["column"].get<int>()) + message;
      EXPECT_TRUE(seen.insert(key).second) << plan << ": " << finding.dump();
    }
  }
}

TEST(Once, a_finding_of_the_search_stands_under_the_rule_that_says_why) {
  const json report = json::parse(check("plans/call-sid/plan.yaml", {"--format", "json"}));
  std::size_t consequences = 0;
  for (const json& finding : report["findings"]) {
    EXPECT_FALSE(finding["severity"] != "note" && finding["fix"].is_null()) << finding.dump();
    if (finding["because"].is_null()) continue;
    ++consequences;
    EXPECT_TRUE(finding["rule"].get<std::string>().starts_with("matrix-"));
    const bool named = std::ranges::any_of(report["findings"], [&](const json& each) {
      return each["rule"] == finding["because"]["rule"] &&
             each["line"] == finding["because"]["line"];
    });
    EXPECT_TRUE(named) << finding.dump();
  }
  EXPECT_GE(consequences, 3u);
  EXPECT_THAT(check("plans/call-sid/plan.yaml"), HasSubstr("\n  so: matrix-"));
}

TEST(Once, an_error_leads_though_a_warning_says_why) {
  const auto rank = [](const json& finding) {
    return finding["severity"] == "error" ? 2 : finding["severity"] == "warning" ? 1 : 0;
  };
  std::size_t led = 0;
  for (const char* plan :
       {"plans/voxanne/plan.yaml", "plans/call-sid/plan.yaml", "plans/voxflow/plan.yaml",
        "plans/rose/plan.yaml", "fixtures/incidents/wider-check.bad.yaml",
        "fixtures/incidents/status-map.bad.yaml"}) {
    const json report = json::parse(check(plan, {"--format", "json"}));
    for (const json& finding : report["findings"]) {
      for (const json& related : finding["related"]) {
        if (related["message"].get<std::string>().starts_with("because of ") &&
            finding["because"].is_null())
          ++led;
      }
      if (finding["because"].is_null()) continue;
      for (const json& each : report["findings"]) {
        const bool is_cause = each["rule"] == finding["because"]["rule"] &&
                              each["line"] == finding["because"]["line"] &&
                              each["column"] == finding["because"]["column"];
        EXPECT_FALSE(is_cause && rank(each) < rank(finding)) << plan << ": " << finding.dump();
      }
    }
  }
  EXPECT_GE(led, 1u) << "no error that a warning says the reason of";
}

TEST(Once, the_matrix_of_json_keeps_every_cell) {
  const json report = json::parse(check("plans/call-sid/plan.yaml", {"--format", "json"}));
  std::set<std::string> rows;
  std::set<std::string> paths;
  for (const json& cell : report["matrix"]) {
    rows.insert(cell["interruption"]);
    paths.insert(cell["path"]);
  }
  EXPECT_EQ(report["matrix"].size(), rows.size() * paths.size());
  EXPECT_GE(paths.size(), 3u);
}

TEST(Once, many_files_share_one_list_and_have_a_line_each) {
  const std::string text = check("plans/call-sid", {"fixtures/tour"});
  EXPECT_LE(lines_of(text).size(), 150u);
  EXPECT_EQ(too_wide(text), std::vector<std::string>{});
  EXPECT_THAT(text, HasSubstr(" files: "));
}

TEST(Once, counts_have_grammar) {
  const std::string bad = small_plan_back(
      "do: deploy, target: api, version: v2, ref: v2.0.0, takes: 1-2m, timeout: 5m, "
      "verify: {http: api/health, expect: 200, version: v2}");
  const std::string text = run_backout({"check", "-"}, bad).out;
  EXPECT_THAT(text, Not(HasSubstr("1 errors")));
  EXPECT_THAT(text, Not(HasSubstr("1 warnings")));
}

TEST(Once, quiet_says_nothing_when_there_is_nothing) {
  const std::string good = small_plan_back(
      "do: deploy, target: api, version: v1, ref: v1.0.0, takes: 1-2m, timeout: 5m, "
      "verify: {http: api/health, expect: 200, version: v1}");
  const ProcessResult result = run_backout({"check", "-q", "-"}, good);
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out, "");
}

TEST(Once, statistics_count_by_rule_with_a_total) {
  const json report = json::parse(check("plans/call-sid/plan.yaml", {"--format", "json"}));
  std::size_t total = 0;
  std::string last;
  for (const std::string& line : lines_of(check("plans/call-sid/plan.yaml", {"--statistics"}))) {
    if (line.starts_with("1 file: ")) {
      last = line;
      break;
    }
    total += std::stoul(line);
  }
  EXPECT_EQ(total, report["findings"].size());
  EXPECT_THAT(last, HasSubstr(" errors, "));
}

TEST(Bounds, a_time_that_is_used_up_gives_what_is_known) {
  const ProcessResult result = run_backout(
      {"check", "--time-budget", "0s", "--threads", "1", kRoot + "/plans/voxanne/plan.yaml"});
  EXPECT_EQ(result.status, 4);
  EXPECT_THAT(result.out, HasSubstr("Bounded: "));
  EXPECT_THAT(result.out, HasSubstr("(the search was stopped)"));
  EXPECT_THAT(result.err,
              HasSubstr("the time budget is used up: what follows is what is known so far"));
}

TEST(Bounds, ctrl_c_gives_what_is_known) {
  const ProcessResult result = run_process(
      {"timeout", "--preserve-status", "--signal", "INT", "0.7", kProgram, "explore", "--faults",
       "6", "--threads", "1", "--max-states", "2000000000", kRoot + "/plans/voxflow/plan.yaml"});
  EXPECT_EQ(result.status, 4) << result.err;
  EXPECT_THAT(result.out, HasSubstr("Bounded: "));
  EXPECT_THAT(result.err, HasSubstr("interrupted: what follows"));
}

TEST(Bounds, values_out_of_range_are_a_wrong_command_line) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"--time-budget", "soon"},
                                             {"--max-memory", "1"},
                                             {"--max-memory", "0G"},
                                             {"--max-states", "0"},
                                             {"--threads", "0"}}) {
    EXPECT_EQ(
        run_backout({"check", words[0], words[1], kRoot + "/plans/call-sid/mended.yaml"}).status, 2)
        << words[0] << words[1];
  }
}

TEST(Migrations, say_what_to_fix_in_80_columns_and_verbose_shows_the_statements) {
  const TemporaryFolder folder;
  folder.write("001_t.up.sql",
               "CREATE TABLE a_table_with_a_rather_long_name (id int, "
               "another_column_with_a_long_name text NOT NULL);\n");
  folder.write("001_t.down.sql", "SELECT 1;\n");
  const ProcessResult result = run_backout({"migrations", folder.path()});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(too_wide(result.out), std::vector<std::string>{});
  EXPECT_THAT(result.out, HasSubstr("\n  fix: drop it in the down\n"));
  EXPECT_THAT(result.out, HasSubstr("1 migration judged, 0 honest, 1 broken"));
  EXPECT_THAT(run_backout({"migrations", "-v", folder.path()}).out, HasSubstr("1 | SELECT 1;"));
}

}  // namespace
}  // namespace backout::tests
