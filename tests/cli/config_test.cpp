// Which findings count: options, backout.toml, baselines; and which files are inputs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <set>
#include <sstream>

#include "support/lines.hpp"
#include "support/places.hpp"
#include "support/process.hpp"
#include "support/small_plan.hpp"

namespace backout::tests {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// unpinned-target is all that is wrong with it, a warning.
const std::string kWarned = small_plan_back(
    "do: deploy, target: api, version: v1, ref: \"git:main\", takes: 1-2m, timeout: 5m, "
    "verify: {http: api/health, expect: 200, version: v1}");

class Project : public testing::Test {
 protected:
  Project() { folder_.write(".git/HEAD", ""); }

  ProcessResult run(std::vector<std::string> words) const {
    words.insert(words.begin(), {"env", "--chdir=" + folder_.path().string(), kProgram});
    return run_process(words);
  }
  /// "severity rule" of every finding of `check .`.
  std::vector<std::string> found(std::vector<std::string> options = {}) const {
    options.insert(options.begin(), {"check", "--format", "json", "."});
    const ProcessResult result = run(options);
    const json report = json::parse(result.out, nullptr, false);
    if (report.is_discarded()) return {result.err};
    std::vector<std::string> all;
    for (const json& each : report["findings"]) {
      all.push_back(each["severity"].get<std::string>() + " " + each["rule"].get<std::string>());
    }
    return all;
  }

  TemporaryFolder folder_;
};

TEST_F(Project, rules_that_do_not_exist_are_a_wrong_command_line_with_the_nearest_name) {
  folder_.write("plan.yaml", kWarned);
  for (const char* option : {"--select", "--ignore"}) {
    const ProcessResult result = run({"check", option, "matrix-stuk", "plan.yaml"});
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(result.err,
                HasSubstr("no rule is named 'matrix-stuk' (did you mean 'matrix-stuck'?)"));
  }
  EXPECT_THAT(run({"check", "--ignore", "matrx", "plan.yaml"}).err,
              HasSubstr("no rule is named 'matrx' (did you mean 'matrix'?)"));
  EXPECT_THAT(run({"explain", "comand", "psql"}).err,
              HasSubstr("no rule is named 'comand' (did you mean 'command'?)"));
  EXPECT_EQ(run({"check", "--select", "matrix-nonsense", "plan.yaml"}).status, 2);
  EXPECT_EQ(run({"check", "--severity", "unpinned-target=loud", "plan.yaml"}).status, 2);
  EXPECT_EQ(run({"check", "--severity", "unpined-target=note", "plan.yaml"}).status, 2);
  const ProcessResult fault = run({"check", "--fault", "unhelthy", "plan.yaml"});
  EXPECT_EQ(fault.status, 2);
  EXPECT_THAT(fault.err, HasSubstr("'unhelthy' is no fault kind (did you mean 'unhealthy'?)"));
}

TEST_F(Project, options_choose_rules_and_families) {
  folder_.write("plan.yaml", kWarned);
  EXPECT_THAT(found(), ElementsAre("warning unpinned-target"));
  EXPECT_THAT(found({"--ignore", "unpinned-target"}), IsEmpty());
  EXPECT_THAT(found({"--ignore", "plan"}), IsEmpty());
  EXPECT_THAT(found({"--select", "matrix"}), IsEmpty());
  EXPECT_THAT(found({"--select", "matrix,unpinned-*"}), ElementsAre("warning unpinned-target"));
  EXPECT_THAT(found({"--severity", "unpinned-target=error"}), ElementsAre("error unpinned-target"));
  EXPECT_THAT(found({"--severity", "unpinned-target=off"}), IsEmpty());
  EXPECT_EQ(run({"check", "--severity", "unpinned-target=error", "plan.yaml"}).status, 1);
}

TEST_F(Project, configuration_is_found_upwards_and_the_command_line_is_stronger) {
  folder_.write("deploy/eu/plan.yaml", kWarned);
  folder_.write("backout.toml", "ignore = [\"unpinned-target\"]\n");
  EXPECT_THAT(found(), IsEmpty());
  EXPECT_THAT(run({"check", "deploy/eu/plan.yaml"}).out, Not(HasSubstr("unpinned-target")));
  EXPECT_THAT(found({"--no-config"}), ElementsAre("warning unpinned-target"));
  EXPECT_THAT(found({"--select", "unpinned-target"}), ElementsAre("warning unpinned-target"));
  const std::string other =
      folder_.write("other.toml", "[severity]\nunpinned-target = \"error\"\n");
  EXPECT_THAT(found({"--config", other}), ElementsAre("error unpinned-target"));
}

TEST_F(Project, a_folder_has_rules_of_its_own_and_may_be_left_out) {
  folder_.write("new/plan.yaml", kWarned);
  folder_.write("old/plan.yaml", kWarned);
  folder_.write("backout.toml",
                "fail-on = \"warning\"\n\n[[overrides]]\npaths = [\"old\"]\nignore = [\"plan\"]\n");
  EXPECT_THAT(found(), ElementsAre("warning unpinned-target"));
  EXPECT_EQ(run({"check", "old"}).status, 0);
  EXPECT_EQ(run({"check", "new"}).status, 1);
  EXPECT_EQ(run({"check", "--fail-on", "error", "new"}).status, 0);
  folder_.write("backout.toml", "exclude = [\"old/*\"]\n");
  EXPECT_THAT(found(), ElementsAre("warning unpinned-target"));
}

TEST_F(Project, what_is_wrong_with_the_configuration_has_its_place) {
  folder_.write("plan.yaml", kWarned);
  folder_.write("backout.toml",
                "selct = [\"plan\"]\nignore = [\"unpined-target\"]\nfail-on = "
                "\"allways\"\n[severity]\nunpinned-target = 3\n");
  const ProcessResult result = run({"check", "plan.yaml"});
  EXPECT_EQ(result.status, 3);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, HasLines("backout.toml:1:1: error: unknown key 'selct'"));
  EXPECT_THAT(result.err, HasLines("      hint: did you mean 'select'?"));
  EXPECT_THAT(result.err, HasLines("backout.toml:2:11: error: no rule is named 'unpined-target' "
                                   "(did you mean 'unpinned-target'?); `backout rules` lists all"));
  EXPECT_THAT(
      result.err,
      HasSubstr(
          "backout.toml:3:11: error: 'fail-on' takes error, warning, note, never, not 'allways'"));
  EXPECT_THAT(result.err, HasLines("backout.toml:5:19: error: 'unpinned-target' takes a text"));
  folder_.write("backout.toml", "ignore = [\n");
  EXPECT_EQ(run({"check", "plan.yaml"}).status, 3);
}

TEST_F(Project, a_baseline_leaves_out_what_is_known_until_it_is_gone) {
  folder_.write("plan.yaml", kWarned);
  const std::vector<std::string> check = {"check",      "--fail-on",  "warning",
                                          "--baseline", "known.json", "plan.yaml"};
  EXPECT_EQ(run(check).status, 3) << "there is no baseline yet";
  EXPECT_EQ(run({"check", "--baseline", "known.json", "--update-baseline", "plan.yaml"}).status, 0);
  ProcessResult again = run(check);
  EXPECT_EQ(again.status, 0) << again.out;
  EXPECT_EQ(again.err, "");
  EXPECT_THAT(again.out, Not(HasSubstr("unpinned-target")));
  EXPECT_EQ(run({"check", "--fail-on", "warning", "--baseline", "known.json", "."}).status, 0)
      << "by another name of the file";

  std::string mended = kWarned;
  mended.replace(mended.find("\"git:main\""), 10, "v1.0.0");
  folder_.write("plan.yaml", "# a line above\n" + kWarned);
  EXPECT_EQ(run(check).status, 0) << "lines move";
  folder_.write("plan.yaml", mended);
  again = run(check);
  EXPECT_EQ(again.status, 0);
  EXPECT_THAT(again.err,
              HasSubstr("known.json: stale: unpinned-target of plan.yaml is no longer found"));
  EXPECT_EQ(run({"check", "--baseline", "known.json", "--update-baseline", "plan.yaml"}).status, 0);
  EXPECT_EQ(run(check).err, "");
  folder_.write("plan.yaml", kWarned);
  EXPECT_EQ(run(check).status, 1);
}

TEST_F(Project, what_is_no_baseline_is_refused_by_name) {
  folder_.write("plan.yaml", kWarned);
  for (
      const char* text :
      {"{", "[]", "{}", R"({"baseline": "1", "findings": []})",
       R"({"baseline": null, "findings": []})", R"({"baseline": [1], "findings": []})",
       R"({"baseline": 2, "findings": []})", R"({"baseline": 1, "findings": {}})",
       R"({"baseline": 1, "findings": [1]})",
       R"({"baseline": 1, "findings": [{"fingerprint": 1, "rule": "a", "file": "b", "step": "c", "message": "d"}]})"}) {
    folder_.write("known.json", text);
    for (const bool updates : {false, true}) {
      std::vector<std::string> arguments = {"check", "--no-search", "--baseline", "known.json",
                                            "plan.yaml"};
      if (updates) arguments.push_back("--update-baseline");
      const ProcessResult result = run(arguments);
      EXPECT_EQ(result.status, 3) << text;
      EXPECT_EQ(result.err, "backout: 'known.json' is no baseline that backout wrote\n") << text;
    }
  }
}

TEST_F(Project, what_backout_printed_and_what_is_hidden_is_no_plan) {
  folder_.write("plan.yaml", kWarned);
  folder_.write(".cache/plan.yaml", kWarned);
  folder_.write("report.json", run({"check", "--format", "json", "plan.yaml"}).out);
  folder_.write("campaign.json",
                run({"simulate", "--runs", "5", "--format", "json", "plan.yaml"}).out);
  folder_.write("fixtures/a/expect.json", "{\n  \"backout\": \"1.0.0\",\n  \"findings\": []\n}\n");
  folder_.write("fixtures/b/expect.json", "{\n \"backout\": \"any\",\n \"findings\": []\n}\n");
  EXPECT_THAT(found(), ElementsAre("warning unpinned-target"));
  const ProcessResult result = run({"explore", "."});
  EXPECT_THAT(result.err, Not(HasSubstr("error")));
  EXPECT_THAT(result.out, Not(HasSubstr("2 files")));
}

TEST_F(Project, colour_is_as_the_environment_and_the_option_say) {
  folder_.write("plan.yaml", kWarned);
  const auto coloured = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "env");
    words.insert(words.end(), {kProgram, "check", folder_.path() / "plan.yaml"});
    return run_process(words).out.find('\033') != std::string::npos;
  };
  EXPECT_FALSE(coloured({"NO_COLOR="}));
  EXPECT_TRUE(coloured({"FORCE_COLOR=1"}));
  EXPECT_FALSE(coloured({"FORCE_COLOR=0"}));
  EXPECT_FALSE(coloured({"FORCE_COLOR=1", "NO_COLOR=1"}));
  EXPECT_NE(run({"check", "--color", "always", "plan.yaml"}).out.find('\033'), std::string::npos);
  EXPECT_EQ(run({"check", "--color", "sometimes", "plan.yaml"}).status, 2);
}

TEST_F(Project, an_older_backout_does_not_read_the_file) {
  folder_.write("plan.yaml", kWarned);
  const auto with = [&](const std::string& version) {
    folder_.write("backout.toml", "required-version = \"" + version + "\"\n");
    return run({"check", "--no-search", "plan.yaml"});
  };
  for (const char* fine : {"0", "0.1", "0.1.0", "0.0.9"}) EXPECT_NE(with(fine).status, 3) << fine;
  for (const char* newer : {"99", "0.99", "0.1.99"}) {
    const ProcessResult result = with(newer);
    EXPECT_EQ(result.status, 3) << newer;
    EXPECT_THAT(result.err,
                HasSubstr(std::string("and the project asks for ") + newer + " or later"))
        << newer;
  }
  for (const char* wrong : {"", "new", "1.", ">=1", "1.x"}) {
    const ProcessResult result = with(wrong);
    EXPECT_EQ(result.status, 3) << wrong;
    EXPECT_THAT(result.err, HasSubstr("backout.toml:1:20: error: 'required-version' takes a "
                                      "version, like 1.2: this one or a later one"))
        << wrong;
  }
}

TEST(Rules, are_listed_by_family_and_explained) {
  const ProcessResult all = run_backout({"rules"});
  EXPECT_EQ(all.status, 0);
  for (const char* family : {"plan", "matrix", "document", "migrations"}) {
    EXPECT_THAT(all.out, HasSubstr(std::string("Rules of family ") + family));
  }
  const ProcessResult matrix = run_backout({"rules", "matrix"});
  EXPECT_THAT(matrix.out, HasSubstr("\n  matrix-stuck                   error    A rollback path "
                                    "does not get through, or never ends.\n"));
  EXPECT_THAT(matrix.out, Not(HasSubstr("unpinned-target")));
  EXPECT_EQ(run_backout({"rules", "matrx"}).status, 2);
}

TEST(Rules, have_a_page_each_and_no_page_is_of_another) {
  std::set<std::string> listed;
  std::istringstream in(run_backout({"rules"}).out);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("  ")) listed.insert(line.substr(2, line.find(' ', 2) - 2));
  }
  std::set<std::string> pages;
  for (const auto& entry : std::filesystem::directory_iterator(source_path("docs/rules"))) {
    if (entry.path().extension() == ".md") pages.insert(entry.path().stem().string());
  }
  EXPECT_EQ(listed, pages);
}

TEST(Help, of_a_command_names_only_its_formats_and_breaks_between_words) {
  EXPECT_THAT(run_backout({"migrations", "--help"}).out, Not(HasSubstr("html")));
  const std::string simulate = run_backout({"simulate", "--help"}).out;
  EXPECT_THAT(simulate, HasLines("      --format FORMAT   text, json; repeatable (default text)"));
  EXPECT_THAT(simulate, Not(HasSubstr("sarif")));
  EXPECT_THAT(
      run_backout({"check", "--help"}).out,
      HasLines("      --format FORMAT   text, concise, json, sarif, junit, github, gitlab,"));
  EXPECT_EQ(run_backout({"simulate", "--format", "sarif", "x"}).status, 2);
}

}  // namespace
}  // namespace backout::tests
