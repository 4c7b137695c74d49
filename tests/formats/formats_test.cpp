// Every format of `check`, end to end, on names that would break a careless writer.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>

#include "model/load.hpp"
#include "reports/report.hpp"
#include "services/service.hpp"
#include "support/lines.hpp"
#include "support/places.hpp"
#include "support/process.hpp"
#include "support/small_plan.hpp"

namespace backout::tests {
namespace {

using nlohmann::json;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

/// A version and a git ref with all that XML, JSON, DOT, Markdown and terminals take amiss.
const std::string kHostile = R"(backout: 1
name: hostile
services:
  api: {kind: app, versions: {v1: {}, "v2 \"]]>'%:,<b>&\\ \e[31m\x01\nz": {}}, start: v1}
objectives: {rto: 1m, rpo: 0}
deploy:
  steps:
    - {id: release, do: deploy, target: api, version: "v2 \"]]>'%:,<b>&\\ \e[31m\x01\nz", ref: "git:x\"]]>%\e[31m\x01\ny", takes: 2m, undo: back}
rollback:
  paths: {full: {steps: [back], full: true}}
  steps:
    - {id: back, do: deploy, target: api, version: "v2 \"]]>'%:,<b>&\\ \e[31m\x01\nz", ref: "git:x\"]]>%\e[31m\x01\ny", takes: 2m}
)";
const std::string kFileName = "a \"]]>'%,&<\x01\n.yaml";

/// The hostile plan in every format, from one run.
class Hostile : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = std::make_unique<TemporaryFolder>();
    plan = folder->write(kFileName, kHostile);
    std::vector<std::string> words = {"check", plan};
    for (const reports::Format& format : reports::all_formats()) {
      words.insert(words.end(),
                   {"--format", format.name, "--output", (folder->path() / format.name).string()});
    }
    run = run_backout(words);
    findings = json::parse(read_file(folder->path() / "json"))["findings"].size();
  }
  static void TearDownTestSuite() { folder.reset(); }

  static std::string in(const std::string& format) { return read_file(folder->path() / format); }
  static std::vector<std::string> lines_of(const std::string& format) {
    std::vector<std::string> lines;
    std::istringstream text(in(format));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }

  static inline std::unique_ptr<TemporaryFolder> folder;
  static inline std::string plan;
  static inline ProcessResult run;
  static inline std::size_t findings = 0;
};

TEST_F(Hostile, WritesEveryFormatInOneRun) {
  EXPECT_EQ(run.status, 1) << run.err;
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err, "");
  EXPECT_GT(findings, 1u);
}

TEST_F(Hostile, JunitIsXml) {
  const ProcessResult lint =
      run_process({"xmllint", "--noout", (folder->path() / "junit").string()});
  EXPECT_EQ(lint.status, 0) << lint.err;
  const ProcessResult count =
      run_process({"xmllint", "--xpath", "count(//testcase) = //testsuite/@tests",
                   (folder->path() / "junit").string()});
  EXPECT_EQ(count.out, "true\n");
  const ProcessResult failures =
      run_process({"xmllint", "--xpath", "count(//failure) = //testsuite/@failures",
                   (folder->path() / "junit").string()});
  EXPECT_EQ(failures.out, "true\n");
}

TEST_F(Hostile, GithubHasOneCommandALine) {
  const std::vector<std::string> lines = lines_of("github");
  EXPECT_THAT(lines, SizeIs(findings));
  for (const std::string& line : lines) {
    EXPECT_TRUE(std::regex_search(
        line, std::regex("^::(error|warning|notice) "
                         "file=[^,:]*%25%2C&<\\\\u0001%0A\\.yaml,line=\\d+,endLine=\\d+,"
                         "col=\\d+,endColumn=\\d+,title=backout [a-z-]+::.")))
        << line;
  }
}

TEST_F(Hostile, GitlabHasTheRequiredKeys) {
  const json issues = json::parse(in("gitlab"));
  EXPECT_THAT(issues, SizeIs(findings));
  std::set<std::string> fingerprints;
  for (const json& issue : issues) {
    EXPECT_FALSE(issue["description"].get<std::string>().empty());
    EXPECT_FALSE(issue["check_name"].get<std::string>().empty());
    EXPECT_TRUE((std::set<std::string>{"info", "minor", "major", "critical", "blocker"}.contains(
        issue["severity"])));
    EXPECT_EQ(issue["location"]["path"], plan);
    EXPECT_GE(issue["location"]["lines"]["begin"].get<int>(), 1);
    EXPECT_TRUE(fingerprints.insert(issue["fingerprint"]).second)
        << "GitLab keeps one issue per fingerprint";
  }
}

TEST_F(Hostile, SarifEscapesTheFile) {
  const json log = json::parse(in("sarif"));
  const json& results = log["runs"][0]["results"];
  EXPECT_THAT(results, SizeIs(findings));
  for (const json& result : results) {
    EXPECT_THAT(
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].get<std::string>(),
        ::testing::EndsWith("a%20%22%5D%5D%3E%27%25%2C%26%3C%01%0A.yaml"));
  }
}

TEST_F(Hostile, JsonLinesEndWithThePlan) {
  const std::vector<std::string> lines = lines_of("jsonl");
  ASSERT_THAT(lines, SizeIs(findings + 1));
  const json whole = json::parse(in("json"));
  for (std::size_t i = 0; i < findings; ++i) {
    json line = json::parse(lines[i]);
    EXPECT_EQ(line["kind"], "finding");
    line.erase("kind");
    EXPECT_EQ(line, whole["findings"][i]);
  }
  const json last = json::parse(lines.back());
  EXPECT_EQ(last["kind"], "plan");
  EXPECT_EQ(last["plan"], plan);
  EXPECT_EQ(last["matrix"], whole["matrix"]);
  EXPECT_FALSE(last.contains("findings"));
}

TEST_F(Hostile, RdjsonHasADiagnosticPerFinding) {
  const json report = json::parse(in("rdjson"));
  EXPECT_THAT(report["diagnostics"], SizeIs(findings));
  for (const json& diagnostic : report["diagnostics"]) {
    EXPECT_EQ(diagnostic["location"]["path"], plan);
    EXPECT_TRUE(
        (std::set<std::string>{"INFO", "WARNING", "ERROR"}.contains(diagnostic["severity"])));
    const json& range = diagnostic["location"]["range"];
    EXPECT_LE(range["start"]["line"].get<int>(), range["end"]["line"].get<int>());
  }
}

TEST_F(Hostile, DotIsAGraph) {
  const ProcessResult drawn = run_process({"dot", "-Tplain", (folder->path() / "dot").string()});
  EXPECT_EQ(drawn.status, 0) << drawn.err;
  EXPECT_THAT(drawn.out, HasSubstr("node "));
}

TEST_F(Hostile, TextAndMarkdownPutNoControlCharacterOnATerminal) {
  for (const char* format : {"text", "markdown"}) {
    const std::string text = in(format);
    EXPECT_TRUE(std::ranges::none_of(text, [](char c) { return c == '\x1b' || c == '\x01'; }))
        << format;
  }
  EXPECT_THAT(in("markdown"), Not(HasSubstr("<b>")));
}

TEST(Formats, AreOnTheirPage) {
  const std::string page = read_file(source_path("docs/formats.md"));
  for (const reports::Format& format : reports::all_formats()) {
    EXPECT_NE(page.find(fmt::format("\n| `{}` |", format.name)), std::string::npos)
        << format.name << " is in no row of docs/formats.md";
  }
}

TEST(Terminal, IsNotSteeredByMistakes) {
  const ProcessResult result = run_backout({"check", "-"}, "backout: 1\n\"a\\e[31m\": 1\n");
  EXPECT_EQ(result.status, 3);
  EXPECT_THAT(result.err, HasLines("<stdin>:2:1: error: unknown key 'a\\u001b[31m'"));
  EXPECT_THAT(result.err, Not(HasSubstr("\x1b")));
}

TEST(Formats, NameFilesOfThePlanFromWhereThePlanIsNamed) {
  const TemporaryFolder folder;
  folder.write("deploy/db/start.sql", "CREATE TABLE t (id int);\nCREATE TABL u ();\n");
  const std::string file = folder.write("deploy/plan.yaml", R"(backout: 1
services: {db: {kind: postgres}}
deploy:
  steps:
    - {id: add, do: sql, target: db, file: db/up.sql, takes: 1s, undo: remove}
rollback:
  paths: {full: {steps: [remove], full: true}}
  steps: [{id: remove, do: sql, target: db, file: db/down.sql, takes: 1s, verify: none}]
)");
  folder.write("deploy/db/up.sql", "CREATE TABLE t (id int);\n");
  folder.write("deploy/db/down.sql", "DROP TABLE u;\n");
  const json log = json::parse(run_backout({"check", "--format", "gitlab", file}).out);
  std::set<std::string> paths;
  for (const json& issue : log) paths.insert(issue["location"]["path"]);
  ASSERT_FALSE(paths.empty());
  for (const std::string& path : paths) EXPECT_TRUE(std::filesystem::exists(path)) << path;
}

TEST(Sarif, LeavesOutWhatIsMoreThanCodeScanningTakesAndSaysSo) {
  const auto plan = model::load_plan_text("many.yaml", small_plan(), "", services::catalog());
  ASSERT_TRUE(plan.has_value());
  reports::PlanReport report{&*plan, {}, std::nullopt, {}, std::nullopt};
  for (int i = 0; i < 25'002; ++i) {
    model::Finding& finding = report.findings.emplace_back();
    finding.rule = "some-rule";
    finding.severity = model::Severity::note;
    finding.message = "finding " + std::to_string(i);
  }
  std::ostringstream out;
  reports::find_format("sarif")->write({report}, {}, out);
  const json run = json::parse(out.str())["runs"][0];
  EXPECT_THAT(run["results"], SizeIs(25'000));
  EXPECT_EQ(run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"],
            "2 results are left out: a run holds at most 25000. Check fewer files at once, or read "
            "--format json.");
}

/// How many findings the problem matcher of GitHub reads out of `text`: lines that match its
/// patterns one after another.
std::size_t matched(const json& matcher, const std::string& text) {
  std::size_t found = 0;
  std::size_t next = 0;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (!std::regex_search(line,
                           std::regex(matcher["pattern"][next]["regexp"].get<std::string>()))) {
      next = 0;
    } else if (++next == matcher["pattern"].size()) {
      ++found;
      next = 0;
    }
  }
  return found;
}

TEST(ProblemMatcher, ReadsEveryFindingOutOfTheText) {
  const json matchers = json::parse(read_file(std::filesystem::path(kSourceDir) /
                                              "ci/github/problem-matcher.json"))["problemMatcher"];
  const std::string plan = std::string(kSourceDir) + "/plans/voxflow/plan.yaml";
  const std::string text = run_backout({"check", "--no-search", "--verbose", plan}).out;
  const json findings =
      json::parse(run_backout({"check", "--no-search", "--format", "json", plan}).out)["findings"];
  const auto notes = std::ranges::count_if(
      findings, [](const json& finding) { return finding["severity"] == "note"; });
  ASSERT_GT(findings.size(), 3u);
  EXPECT_EQ(matched(matchers[0], text), findings.size() - notes);
  EXPECT_EQ(matched(matchers[1], text), static_cast<std::size_t>(notes));
}

TEST(Fingerprints, SurviveMovedLines) {
  const auto fingerprints = [](const std::string& text) {
    std::vector<std::string> all;
    for (const json& issue :
         json::parse(run_backout({"check", "--no-search", "--format", "gitlab", "-"}, text).out)) {
      all.push_back(issue["fingerprint"]);
    }
    return all;
  };
  const std::string plan = small_plan("v1", "git:main");
  EXPECT_FALSE(fingerprints(plan).empty());
  EXPECT_EQ(fingerprints(plan), fingerprints("# moved\n\n" + plan));
  EXPECT_NE(fingerprints(plan), fingerprints(small_plan("v1", "git:main", "other")));
}

/// What backout prints on a pseudo-terminal, with `variables` set.
std::string on_terminal(const std::string& variables, const std::string& plan) {
  return run_process(
             {"script", "-qec",
              variables + " " + shell_quote(kProgram) + " check --no-search " + shell_quote(plan),
              "/dev/null"})
      .out;
}

TEST(Terminal, GetsColourUnlessNoColorIsSet) {
  const TemporaryFolder folder;
  const std::string plan = folder.write("plan.yaml", small_plan("v1", "git:main"));
  EXPECT_THAT(on_terminal("env -u NO_COLOR", plan), HasSubstr("\x1b["));
  EXPECT_THAT(on_terminal("env NO_COLOR=1", plan), Not(HasSubstr("\x1b[")));
  EXPECT_THAT(run_backout({"check", "--no-search", plan}).out, Not(HasSubstr("\x1b[")));
}

TEST(Streams, AClosedPipeIsQuiet) {
  const TemporaryFolder folder;
  const std::string plan = folder.write("plan.yaml", small_plan("v2"));
  const ProcessResult result = run_process(
      {"sh", "-c",
       shell_quote(kProgram) + " check --no-search --format json " + shell_quote(plan) + " | :"});
  EXPECT_EQ(result.err, "");
}

TEST(Streams, GraphReadsStandardInput) {
  const ProcessResult result = run_backout({"graph", "-"}, small_plan());
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasLines("digraph \"small\" {"));
  EXPECT_EQ(run_backout({"graph", "-"}, "backout: 1\nnonsense: 1\n").status, 3);
}

TEST(Streams, TwoFormatsOnStandardOutputAreRefused) {
  EXPECT_EQ(
      run_backout({"check", "--format", "json", "--format", "text", "-"}, small_plan()).status, 2);
}

TEST(Today, DecidesWhetherASuppressionHasExpired) {
  const std::string plan =
      small_plan("v1", "git:main") +
      "ignore: [{rule: unpinned-target, step: back, reason: known, until: 2030-06-30}]\n";
  const auto rules = [&](const std::string& today) {
    return run_backout({"check", "--no-search", "--format", "jsonl", "--today", today, "-"}, plan)
        .out;
  };
  EXPECT_THAT(rules("2030-06-29"), Not(HasSubstr("unpinned-target\"")));
  EXPECT_THAT(rules("2030-07-01"), HasSubstr("unpinned-target\""));
  EXPECT_EQ(run_backout({"check", "--today", "soon", "-"}, plan).status, 2);
  EXPECT_EQ(run_backout({"check", "--today", "2030-02-30", "-"}, plan).status, 2);
}

}  // namespace
}  // namespace backout::tests
