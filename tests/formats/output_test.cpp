// Output is whole or absent, and option values out of range are wrong command lines.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/lines.hpp"
#include "support/places.hpp"
#include "support/process.hpp"
#include "support/small_plan.hpp"

namespace backout::tests {
namespace {

using ::testing::HasSubstr;

std::size_t count(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST(Output, AFullDiskIsAnError) {
  const TemporaryFolder folder;
  const std::string plan = folder.write("plan.yaml", small_plan());
  const ProcessResult file =
      run_backout({"check", "--no-search", "--format", "json", "--output", "/dev/full", plan});
  EXPECT_EQ(file.status, 74);
  EXPECT_EQ(file.err, "backout: cannot write '/dev/full'\n");
  for (const char* words : {"check --no-search", "schema", "graph", "explain"}) {
    const std::string arguments = std::string(words) == "schema" || std::string(words) == "explain"
                                      ? words
                                      : words + (" " + plan);
    const ProcessResult out =
        run_process({"sh", "-c", std::string(kProgram) + " " + arguments + " > /dev/full"});
    EXPECT_EQ(out.status, 74) << words;
    EXPECT_EQ(out.err, "backout: cannot write standard output\n") << words;
  }
}

/// A finding that stands at several lines names each of them.
TEST(Output, NamesEveryLineOfAFinding) {
  const TemporaryFolder folder;
  const std::string file = folder.write(
      "rollback.md",
      "# Rollback\n\n## Roll back\n\nRun `./deploy.sh v41`; `./version.sh` prints `v41` then.\n\n"
      "## Contacts\n\n| Role | Contact | For |\n|---|---|---|\n| On call | [contact] | all |\n"
      "| Host | help@host.example | machines |\n| Database | [contact] | restores |\n");
  const ProcessResult told = run_backout({"check", "--fail-on", "never", file});
  EXPECT_THAT(told.out, HasSubstr("rollback.md:11:1, and line 13\n")) << told.out;
}

TEST(Output, ReplacesAFileInOneStepAndLeavesNothingBeside) {
  const TemporaryFolder folder;
  const std::string plan = folder.write("plan.yaml", small_plan());
  const std::string report = folder.write("out/report.json", "old");
  std::filesystem::create_hard_link(report, folder.path() / "old.json");
  EXPECT_EQ(
      run_backout({"check", "--no-search", "--format", "json", "--output", report, plan}).status,
      0);
  EXPECT_THAT(read_file(report), HasLines("  \"findings\": [],"));
  EXPECT_EQ(read_file(folder.path() / "old.json"), "old") << "the old bytes are never written over";
  EXPECT_EQ(count(folder.path() / "out"), 1U);
  EXPECT_EQ(run_backout({"check", "--no-search", "--format", "json", "--output",
                         (folder.path() / "none/x").string(), plan})
                .status,
            74);
}

TEST(Output, AClosedPipeIsQuiet) {
  const ProcessResult result =
      run_process({"bash", "-c", std::string(kProgram) + " schema | head -c 1 > /dev/null"});
  EXPECT_EQ(result.err, "");
}

TEST(Output, OfTwoProcessesIsOneOfTheTwo) {
  const TemporaryFolder folder;
  const std::string plan = folder.write("plan.yaml", small_plan());
  const std::string report = folder.write("out/report", "");
  const auto write = [&](const char* format) {
    return std::string(kProgram) + " check --no-search --format " + format + " --output " + report +
           " " + plan;
  };
  run_process({"sh", "-c", write("json")});
  const std::string json = read_file(report);
  run_process({"sh", "-c", write("markdown")});
  const std::string markdown = read_file(report);
  ASSERT_NE(json, markdown);
  for (int i = 0; i < 10; ++i) {
    run_process({"sh", "-c", write("json") + " & " + write("markdown") + "; wait"});
    const std::string now = read_file(report);
    EXPECT_TRUE(now == json || now == markdown) << now.substr(0, 200);
  }
  EXPECT_EQ(count(folder.path() / "out"), 1U);
}

TEST(Output, ThePageSaysThatNoPathIsOfferedOnceTheDeployIsDone) {
  const TemporaryFolder folder;
  const std::string plan = folder.write("plan.yaml", R"(backout: 1
services:
  api: {kind: app, versions: {a: {operations: none}, b: {operations: none}}, start: a}
  env: {kind: config, items: {limit: "1"}}
deploy:
  steps:
    - {id: code, do: deploy, target: api, version: b, undo: back}
    - {id: limit, do: set, target: env, key: limit, value: "2", undo: none}
rollback:
  paths: {full: {steps: [back], from: [code]}}
  steps: [{id: back, do: deploy, target: api, version: a}]
)");
  run_process({"sh", "-c",
               std::string(kProgram) + " check --format html --output " + folder.path().string() +
                   "/page.html " + plan});
  EXPECT_THAT(read_file(folder.path() / "page.html"), HasSubstr(R"("finished":"unoffered")"));
}

TEST(Output, TheOldReportIsWholeAfterAKillAtAnyMoment) {
  const TemporaryFolder folder;
  const std::string plan = folder.write("plan.yaml", small_plan());
  const std::string report = folder.write("out/report", "old\n");
  const std::string command = std::string("check --format html --output ") + report + " " + plan;
  run_process({"sh", "-c", std::string(kProgram) + " " + command});
  const std::string made = read_file(report);
  ASSERT_THAT(made, HasLines("</html>"));
  std::size_t kept = 0;
  for (int i = 0; i < 30; ++i) {
    folder.write("out/report", "old\n");
    run_process(
        {"sh", "-c", fmt::format("timeout -s KILL 0.{:03} {} {}", 2 + 4 * i, kProgram, command)});
    const std::string now = read_file(report);
    EXPECT_TRUE(now == "old\n" || now == made) << now.substr(0, 200);
    kept += now == "old\n" ? 1 : 0;
  }
  EXPECT_GT(kept, 0U);
}

TEST(Output, AFolderThatCannotBeWrittenIsAnError) {
  const TemporaryFolder folder;
  const std::string plan = folder.write("plan.yaml", small_plan());
  for (const char* place : {"/proc/report", "/sys/report", "/nowhere/report", "/dev/null/report"}) {
    const ProcessResult result = run_backout({"check", "--no-search", "--output", place, plan});
    EXPECT_EQ(result.status, 74) << place;
    EXPECT_EQ(result.err, fmt::format("backout: cannot write '{}'\n", place));
  }
}

TEST(Limits, ADocumentThatIsTooLongIsIncompleteAndSaysWhatWasRead) {
  const TemporaryFolder folder;
  std::string text = "#!/bin/bash\n";
  for (int i = 0; i < 10'000; ++i) text += "echo step\n";
  folder.write(".git/HEAD", "");
  const ProcessResult result = run_backout({"check", folder.write("undo.sh", text)});
  EXPECT_EQ(result.status, 4);
  EXPECT_THAT(result.out, HasSubstr("undo.sh:4001:1"));
  EXPECT_THAT(
      result.out,
      HasSubstr("only the first 4000 of 10001 lines were read: nothing is said of what follows"));
  EXPECT_EQ(result.err, "backout: the verdict is incomplete: part of a document is not read\n");
}

TEST(Limits, PlansWithTooManyPathsOrRulesAreMistakesAtTheFirstTooMany) {
  const TemporaryFolder folder;
  std::string paths = small_plan();
  std::string more;
  for (int i = 0; i < 400; ++i) more += fmt::format("p{}: {{steps: [back]}}, ", i);
  const std::size_t at = paths.find("full: {steps");
  ASSERT_NE(at, std::string::npos);
  const ProcessResult result =
      run_backout({"check", folder.write("plan.yaml", paths.insert(at, more))});
  EXPECT_EQ(result.status, 3);
  EXPECT_THAT(result.err + result.out,
              HasSubstr("401 paths are too many: at most 400 are looked at"));
}

TEST(Options, OutOfRangeAreWrongCommandLines) {
  const TemporaryFolder folder;
  const std::string plan = folder.write("plan.yaml", small_plan());
  const std::vector<std::vector<std::string>> wrong = {{"check", "--runs=-1"},
                                                       {"check", "--runs", "-1"},
                                                       {"check", "--fault", "bogus"},
                                                       {"check", "--select", "matrix-nonsense"},
                                                       {"check", "--select", "nonsense"},
                                                       {"check", "--threads=-1"},
                                                       {"check", "--max-states=-5"},
                                                       {"check", "--faults", "16"},
                                                       {"simulate", "--runs=-1"},
                                                       {"simulate", "--seed=-1"},
                                                       {"simulate", "--run=-1"},
                                                       {"simulate", "--faults=16"},
                                                       {"simulate", "--fault", "bogus"}};
  for (std::vector<std::string> words : wrong) {
    words.push_back(plan);
    EXPECT_EQ(run_backout(words).status, 2) << words[1];
  }
}

TEST(Options, RulesOfTheMatrixCanBeSelected) {
  const TemporaryFolder folder;
  const std::string plan = folder.write("plan.yaml", small_plan());
  EXPECT_EQ(run_backout({"check", "--runs", "0", "--select", "matrix-stuck", plan}).status, 0);
}

TEST(Merge, SaysWhatIsNoResultInItsOwnWords) {
  const TemporaryFolder folder;
  for (const char* text : {"{", "[]", "{}", "{\"backout\": 1}", ""}) {
    const ProcessResult result = run_backout({"merge", folder.write("a.json", text)});
    EXPECT_EQ(result.status, 3) << text;
    EXPECT_THAT(result.err, HasSubstr("not the result of a campaign")) << text;
    EXPECT_THAT(result.err, ::testing::Not(HasSubstr("json.exception"))) << text;
  }
}

TEST(Merge, TakesNoNumberForAnother) {
  const TemporaryFolder folder;
  const std::string plan = folder.write("plan.yaml", small_plan());
  const std::string campaign =
      run_backout({"simulate", "--runs", "5", "--format", "json", plan}).out;
  for (const std::string name :
       {"seed", "runs", "runs_done", "transitions", "with_faults", "faults_at_once"}) {
    const std::string key = "\"" + name + "\": ";
    const std::size_t begin = campaign.find(key);
    ASSERT_NE(begin, std::string::npos) << key;
    const std::size_t value = begin + key.size();
    for (const std::string number : {"-1", "1.5", "1e+308", "99999999999999999999"}) {
      std::string text = campaign;
      text.replace(value, text.find_first_of(",\n}", value) - value, number);
      const std::string file = folder.write("a.json", text);
      const ProcessResult result = run_backout({"merge", file});
      EXPECT_EQ(result.status, 3) << key << number;
      EXPECT_TRUE(result.err.starts_with("backout: " + file + ": not the result of a campaign: "))
          << result.err;
      EXPECT_TRUE(result.err.ends_with(" is no count, or too large for one\n")) << result.err;
    }
  }
}

}  // namespace
}  // namespace backout::tests
