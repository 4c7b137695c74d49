// Plans under git: `backout check --since` and `backout ci`, in a real repository.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/lines.hpp"
#include "support/places.hpp"
#include "support/repository.hpp"
#include "support/small_plan.hpp"

namespace backout::tests {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kGood = small_plan();
const std::string kWarned = small_plan("v1", "git:main");
const std::string kBad = small_plan("v2", "v2.0.0");

/// A plan whose database starts as db/start.sql says.
const std::string kWithSql = R"(backout: 1
services:
  db: {kind: postgres, schema: db/start.sql}
deploy:
  steps:
    - {id: add, do: sql, target: db, text: "ALTER TABLE t ADD COLUMN c int;", takes: 1s, undo: remove}
rollback:
  paths: {full: {steps: [remove], full: true}}
  steps:
    - {id: remove, do: sql, target: db, text: "ALTER TABLE t DROP COLUMN c;", takes: 1s, verify: none}
)";

std::vector<std::string> plans_in(const ProcessResult& result) {
  const json report = json::parse(result.out);
  if (report.contains("plan")) return {report["plan"]};
  std::vector<std::string> names;
  for (const json& plan : report["plans"]) names.push_back(plan["plan"]);
  return names;
}

std::vector<std::string> since(const Repository& repository, const std::string& ref) {
  return plans_in(repository.backout(
      {"check", "--no-search", "--since", ref, "--format", "json", "--fail-on", "never", "."}));
}

using Names = std::vector<std::string>;

TEST(Since, LooksOnlyAtPlansThatDifferOrNameAFileThatDoes) {
  const Repository repository;
  repository.write("a.yaml", kGood);
  repository.write("with sql/plan.yaml", kWithSql);
  repository.write("with sql/db/start.sql", "CREATE TABLE t (id int);");
  repository.write("with sql/db/other.sql", "SELECT 1;");
  repository.commit();
  EXPECT_EQ(since(repository, "HEAD"), Names{});
  repository.write("with sql/db/other.sql", "SELECT 2;");
  EXPECT_EQ(since(repository, "HEAD"), Names{}) << "a file that no plan names";
  repository.write("with sql/db/start.sql", "CREATE TABLE t (id bigint);");
  EXPECT_EQ(since(repository, "HEAD"), Names{"with sql/plan.yaml"});
  repository.commit();
  EXPECT_EQ(since(repository, "HEAD"), Names{});
  repository.write("a.yaml", kWarned);
  repository.git({"add", "a.yaml"});
  repository.write("new/plan.yaml", kGood);
  EXPECT_EQ(since(repository, "HEAD"), (Names{"a.yaml", "new/plan.yaml"})) << "staged; untracked";
  EXPECT_EQ(since(repository, "HEAD~1"), (Names{"a.yaml", "new/plan.yaml", "with sql/plan.yaml"}));
}

TEST(Since, SaysWhatGitLacks) {
  const Repository repository;
  repository.write("a.yaml", kGood);
  repository.commit();
  const ProcessResult unknown = repository.backout({"check", "--since", "nowhere", "a.yaml"});
  EXPECT_EQ(unknown.status, 3);
  EXPECT_EQ(
      unknown.err,
      "backout: git knows no commit 'nowhere'; a shallow clone may lack it (fetch more history)\n");
  EXPECT_EQ(repository.backout({"check", "--since=--output=x", "a.yaml"}).status, 3)
      << "no option of git";
  EXPECT_EQ(repository.backout({"check", "--since", "HEAD", "-"}).status, 2);
  const TemporaryFolder bare;
  const ProcessResult none = run_backout({"check", "--since", "HEAD", bare.write("a.yaml", kGood)});
  EXPECT_EQ(none.status, 3);
  EXPECT_EQ(none.err,
            "backout: git: not a git repository (or any of the parent directories): .git\n");
}

TEST(Since, WithoutAChangeSaysSoAndStillWritesTheReport) {
  const Repository repository;
  repository.write("a.yaml", kBad);
  repository.commit();
  const ProcessResult result = repository.backout(
      {"check", "--since", "HEAD", "--format", "sarif", "--output", "out.sarif", "."});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.err, "backout: no plan changed\n");
  EXPECT_EQ(json::parse(read_file(repository.path() / "out.sarif"))["runs"][0]["results"],
            json::array());
}

TEST(Ci, NamesNewAndFixedFindingsAndCellsThatGotWorse) {
  const Repository repository;
  repository.write("plan.yaml", kWarned);
  repository.write("still.yaml", kBad);
  repository.commit();
  repository.git({"checkout", "--quiet", "-b", "change"});
  repository.write("plan.yaml", kBad);
  repository.commit();

  const ProcessResult result = repository.backout({"ci", "--format", "json"});
  EXPECT_EQ(result.status, 1) << result.err;
  const json report = json::parse(result.out);
  ASSERT_EQ(report["plans"].size(), 1u) << "errors that were there before are nobody's business";
  EXPECT_EQ(report["unchanged_plans"], 1);
  const json& plan = report["plans"][0];
  EXPECT_EQ(plan["plan"], "plan.yaml");
  EXPECT_EQ(plan["base"], "compared");
  std::string fixed;
  for (const json& finding : plan["fixed"]) fixed += finding["rule"].get<std::string>() + ' ';
  EXPECT_EQ(fixed, "unpinned-target ");
  bool error = false;
  for (const json& finding : plan["new"]) error |= finding["severity"] == "error";
  EXPECT_TRUE(error);
  ASSERT_FALSE(plan["cells"].empty());
  EXPECT_EQ(plan["cells"][0]["change"], "worse");
  EXPECT_EQ(plan["cells"][0]["path"], "full");

  EXPECT_EQ(repository.backout({"ci", "--fail-on", "never"}).status, 0);
  repository.write("plan.yaml", "# a comment moves every line\n" + kWarned);
  EXPECT_EQ(repository.backout({"ci", "--fail-on", "note"}).status, 0);
}

TEST(Ci, TellsWhatACellComesToWithoutAFaultWhereOnlyThatChanged) {
  const auto text = [](const std::string& how) {
    return "backout: 1\nservices:\n  conf: {kind: config, items: {a: '1'}}\n  other: {kind: "
           "config, items: {c: '1'}}\n"
           "backups: {last-week: {of: conf, age: 7d}}\ndeploy:\n  steps:\n    - {id: set_a, do: "
           "set, target: conf, key: a, value: '2'}\n"
           "    - {id: set_c, do: set, target: other, key: c, value: '2'}\nrollback:\n  paths: "
           "{back: {steps: [u_c, u_a], full: true}}\n  steps:\n"
           "    - {id: u_c, do: set, target: other, key: c, value: '1', on_failure: continue}\n    "
           "- {id: u_a, target: conf, do: " +
           how + "}\n";
  };
  const Repository repository;
  repository.write("plan.yaml", text("set, key: a, value: '1'"));
  repository.commit();
  repository.git({"checkout", "--quiet", "-b", "change"});
  repository.write("plan.yaml", text("restore, from: last-week"));
  const json report =
      json::parse(repository.backout({"ci", "--format", "json", "--fault", "fail"}).out);
  std::string told;
  for (const json& cell : report["plans"][0]["cells"]) {
    if (cell["interruption"] == "after 'set_c'") told += cell["reason"];
  }
  EXPECT_EQ(told,
            "every step ran, and the state is not the old one: other.items.c: 1 -> 2; without a "
            "fault: 'last-week' is 7d old, and whether "
            "'conf' was the same then, the plan does not say");
}

/// What the page of the plan is given.
json page_of(const Repository& repository, const std::vector<std::string>& options) {
  std::vector<std::string> arguments = {"report", "--no-search", "--runs", "0"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.push_back("plan.yaml");
  const std::string page = repository.backout(arguments).out;
  const std::string begin = "id=\"data\">";
  const std::size_t at = page.find(begin) + begin.size();
  return json::parse(page.substr(at, page.find("</script>", at) - at))["plans"].at(0);
}

TEST(Page, SaysItsCommitAndWhatBecameOfThePlanSinceAnother) {
  const Repository repository;
  repository.write("plan.yaml", kGood);
  repository.commit();
  const std::string head = repository.git({"log", "-1", "--abbrev=12", "--format=%h of %cs"});
  const std::string told = head.substr(0, head.find('\n'));
  EXPECT_EQ(page_of(repository, {})["commit"], told);
  EXPECT_EQ(page_of(repository, {})["change"], nullptr);
  repository.write("plan.yaml", kBad);
  EXPECT_EQ(page_of(repository, {})["commit"], told + ", with changes that are not committed");
  const json change = page_of(repository, {"--since", "HEAD"})["change"];
  EXPECT_EQ(change["base"], "HEAD");
  EXPECT_EQ(change["plan"]["base"], "compared");
  ASSERT_EQ(change["plan"]["new"].size(), 1u) << change.dump(1);
  EXPECT_EQ(change["plan"]["fixed"], json::array());
  const std::string plain =
      repository.backout({"report", "--no-search", "--runs", "0", "--since", "HEAD", "plan.yaml"})
          .out;
  EXPECT_THAT(plain, HasSubstr("<h3>Since HEAD</h3>\n<p>1 new, 0 fixed, "));
}

TEST(Page, OutsideGitSaysNoCommit) {
  const TemporaryFolder folder;
  folder.write("plan.yaml", kGood);
  const ProcessResult result = run_process(
      {kProgram, "report", "--no-search", "--runs", "0", (folder.path() / "plan.yaml").string()});
  EXPECT_THAT(result.out, HasSubstr("\"commit\":\"\""));
}

TEST(Ci, WritesMarkdownUnlessToldOtherwise) {
  const Repository repository;
  repository.write("plan.yaml", kGood);
  repository.commit();
  repository.git({"checkout", "--quiet", "-b", "change"});
  EXPECT_THAT(repository.backout({"ci"}).out, HasLines("No plan changed."));
  repository.write("plan.yaml", kBad);
  const ProcessResult markdown = repository.backout({"ci"});
  EXPECT_THAT(markdown.out, HasLines("## Can this be rolled back?"));
  EXPECT_THAT(markdown.out, HasLines("**New findings**"));
  EXPECT_THAT(markdown.out,
              HasLines("| after 'release' | full | RESTORED | NOT RESTORED | worse |"));
  const ProcessResult text = repository.backout({"ci", "--format", "text", "--output", "out.txt"});
  EXPECT_EQ(text.out, "");
  EXPECT_THAT(read_file(repository.path() / "out.txt"), HasSubstr("  new:   error["));
}

TEST(Ci, ReadsFilesOfTheBaseVersion) {
  const Repository repository;
  repository.write("deploy/plan.yaml", kWithSql);
  repository.write("deploy/db/start.sql", "CREATE TABLE t (id int);");
  repository.commit();
  repository.git({"checkout", "--quiet", "-b", "change"});
  repository.write("deploy/db/start.sql", "CREATE TABLE u (id int);");
  const ProcessResult result = repository.backout({"ci", "--format", "json", "deploy"},
                                                  {"TMPDIR=" + repository.path().string()});
  const json report = json::parse(result.out);
  ASSERT_EQ(report["plans"].size(), 1u);
  EXPECT_EQ(report["plans"][0]["base"], "compared");
  EXPECT_FALSE(report["plans"][0]["new"].empty());
  for (const auto& entry : std::filesystem::directory_iterator(repository.path())) {
    EXPECT_THAT(entry.path().filename().string(), Not(HasSubstr("backout-base"))) << "left behind";
  }
}

TEST(Ci, TakesTheBaseFromTheCiSystem) {
  const Repository repository;
  repository.write("plan.yaml", kGood);
  repository.commit();
  const std::string first = repository.git({"rev-parse", "HEAD"}).substr(0, 40);
  repository.git({"update-ref", "refs/remotes/origin/next", first});
  repository.write("plan.yaml", kWarned);
  repository.commit();
  const auto base = [&](const std::vector<std::string>& variables) {
    return json::parse(
               repository.backout({"ci", "--format", "json", "--fail-on", "never"}, variables)
                   .out)["base"]
        .get<std::string>();
  };
  EXPECT_EQ(base({"GITHUB_BASE_REF=next"}), "origin/next");
  EXPECT_EQ(base({"CI_MERGE_REQUEST_DIFF_BASE_SHA=" + first}), first);
  EXPECT_EQ(base({}), repository.git({"rev-parse", "HEAD"}).substr(0, 40)) << "HEAD is main";
  EXPECT_EQ(repository.backout({"ci"}, {"GITHUB_BASE_REF=gone"}).status, 3);
}

TEST(Ci, CountsEverythingOfANewPlanAsNew) {
  const Repository repository;
  repository.write("README.md", "");
  repository.write("broken.yaml", "backout: 1\nnonsense: true\n");
  repository.commit();
  repository.git({"checkout", "--quiet", "-b", "change"});
  repository.write("new.yaml", kBad);
  repository.write("broken.yaml", kGood);
  const json report = json::parse(repository.backout({"ci", "--format", "json"}).out);
  ASSERT_EQ(report["plans"].size(), 2u);
  EXPECT_EQ(report["plans"][0]["base"], "invalid");
  EXPECT_EQ(report["plans"][1]["base"], "absent");
  EXPECT_FALSE(report["plans"][1]["new"].empty());
  repository.write("new.yaml", "backout: 1\nnonsense: true\n");
  const ProcessResult invalid = repository.backout({"ci"});
  EXPECT_EQ(invalid.status, 3);
  EXPECT_THAT(invalid.err, HasSubstr("nonsense"));
}

}  // namespace
}  // namespace backout::tests
