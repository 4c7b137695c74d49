// What people know from other linters: defaults of commands, what standard input is, which files
// and settings count.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "support/lines.hpp"
#include "support/places.hpp"
#include "support/process.hpp"
#include "support/small_plan.hpp"

namespace backout::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ProcessResult in(const TemporaryFolder& folder, std::vector<std::string> words,
                 const std::string& input = "") {
  words.insert(words.begin(), kProgram);
  return run_process(words, input, folder.path().string());
}

TEST(Defaults, AreThoseOfTheConfiguration) {
  const TemporaryFolder folder;
  folder.write("plan.yaml", small_plan());
  EXPECT_THAT(in(folder, {"check", "plan.yaml"}).out, HasLines("Rollback matrix"));
  folder.write("backout.toml", "[defaults.check]\nno-search = true\nformat = \"json\"\n");
  EXPECT_TRUE(in(folder, {"check", "plan.yaml"}).out.starts_with("{"));
  EXPECT_THAT(in(folder, {"check", "plan.yaml"}).out, Not(HasSubstr("\"cells\"")));
  EXPECT_THAT(in(folder, {"explore", "plan.yaml"}).out,
              HasSubstr("Rollback matrix"));  // another command
}

TEST(Defaults, YieldToTheCommandLine) {
  const TemporaryFolder folder;
  folder.write("plan.yaml", small_plan());
  folder.write("backout.toml", "[defaults.check]\nformat = \"json\"\nstatistics = false\n");
  EXPECT_FALSE(in(folder, {"check", "--format", "text", "plan.yaml"}).out.starts_with("{"));
  EXPECT_FALSE(in(folder, {"check", "--no-config", "plan.yaml"}).out.starts_with("{"));
  // A list on the command line stands in the place of the file's: it is not added to it.
  const auto with = [&](const std::vector<std::string>& options) {
    std::vector<std::string> words = {"explore", "--format", "json"};
    words.insert(words.end(), options.begin(), options.end());
    words.push_back("plan.yaml");
    return in(folder, words).out;
  };
  folder.write("again.toml", "[defaults.explore]\nfault = [\"fail\"]\n");
  EXPECT_EQ(with({"--config=again.toml", "--fault", "late"}),
            with({"--no-config", "--fault", "late"}));
  EXPECT_NE(with({"--no-config", "--fault", "late", "--fault", "fail"}),
            with({"--no-config", "--fault", "late"}));
  EXPECT_EQ(with({"--config=again.toml"}), with({"--no-config", "--fault", "fail"}));
}

TEST(Defaults, LeaveOffWhatIsFalse) {
  const TemporaryFolder folder;
  folder.write("plan.yaml", small_plan());
  folder.write("backout.toml", "[defaults.check]\nno-search = false\n");
  EXPECT_THAT(in(folder, {"check", "plan.yaml"}).out, HasLines("Rollback matrix"));
}

TEST(Defaults, NeverWriteAndNeverNameFiles) {
  for (const char* option : {"fix = true", "output = \"x\"", "update-baseline = true",
                             "config = \"x\"", "stdin-filename = \"x\"", "since = \"HEAD\""}) {
    const TemporaryFolder folder;
    folder.write("plan.yaml", small_plan());
    folder.write("backout.toml", std::string("[defaults.check]\n") + option + "\n");
    const ProcessResult result = in(folder, {"check", "plan.yaml"});
    EXPECT_EQ(result.status, 3) << option;
    EXPECT_THAT(result.err, HasSubstr("backout.toml:2:1: error: unknown key")) << option;
  }
}

TEST(Defaults, AreMistakesWhereTheyCannotBe) {
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"[defaults.chek]\nruns = 1\n", "did you mean 'check'?"},
           {"[defaults.check]\nruns = 1.5\n", "'runs' takes a text, a whole number"},
           {"[defaults]\ncheck = 1\n", "'check' takes options and their values"},
           {"defaults = 1\n", "'defaults' takes tables"},
           {"[defaults.check]\nruns = \"many\"\n",
            "[defaults.check]: the argument ('many') for option 'runs' is invalid"},
           {"[defaults.check]\nruns = -1\n",
            "[defaults.check]: --runs takes no negative number like '-1'"},
           {"[defaults.check]\nruns = true\n", "[defaults.check]: 'runs': it takes a value"},
           {"[defaults.check]\nverbose = 3\n", "[defaults.check]: 'verbose': true or false"},
           {"[defaults.migrations]\nruns = 3\n",
            "[defaults.migrations]: 'runs': it has no such option"}}) {
    const TemporaryFolder folder;
    folder.write("plan.yaml", small_plan());
    folder.write("backout.toml", text);
    const std::string command =
        text.find("migrations") == std::string::npos ? "check" : "migrations";
    const ProcessResult result = in(folder, {command, "plan.yaml"});
    EXPECT_EQ(result.status, 3) << text << result.err;
    EXPECT_THAT(result.err, HasSubstr(message)) << text;
  }
}

const std::string kRunbook =
    "# Rollback\n\n```bash\n# backout: ignore hidden-failure -- seen by hand\npsql -f "
    "down.sql\n```\n";

TEST(StandardInput, IsTheFileThatIsNamed) {
  const TemporaryFolder folder;
  const ProcessResult runbook =
      in(folder, {"check", "--no-suppressions", "--stdin-filename", "docs/ROLLBACK.md", "-"},
         kRunbook);
  EXPECT_EQ(runbook.status, 1) << runbook.err;
  EXPECT_THAT(runbook.out, HasLines("error[hidden-failure] docs/ROLLBACK.md:5:1"));
  // The project of the named file counts.
  folder.write("docs/backout.toml", "ignore = [\"hidden-failure\"]\n");
  EXPECT_EQ(in(folder, {"check", "--no-suppressions", "--stdin-filename", "docs/ROLLBACK.md", "-"},
               kRunbook)
                .status,
            0);
  const ProcessResult plan =
      in(folder, {"check", "--stdin-filename", "x/plan.yaml", "-"}, "backout: 1\nname: [\n");
  EXPECT_EQ(plan.status, 3);
  EXPECT_THAT(
      plan.err,
      HasLines("x/plan.yaml:3:1: error: syntax error: flow sequence without a closing bracket"));
  EXPECT_EQ(in(folder, {"check", "--stdin-filename", "x.md", "docs"}).status, 2);
}

TEST(Suppressions, AreShownWhenAskedFor) {
  const TemporaryFolder folder;
  folder.write("ROLLBACK.md", kRunbook);
  EXPECT_EQ(in(folder, {"check", "ROLLBACK.md"}).status, 0);
  EXPECT_EQ(in(folder, {"check", "--no-suppressions", "ROLLBACK.md"}).status, 1);
  const std::string plan = small_plan() + "ignore:\n  - {rule: undo-order, reason: it was so}\n";
  folder.write("plan.yaml", plan);
  EXPECT_THAT(in(folder, {"check", "--no-search", "plan.yaml"}).out,
              HasSubstr("unused-suppression"));
  EXPECT_THAT(in(folder, {"check", "--no-search", "--no-suppressions", "plan.yaml"}).out,
              Not(HasSubstr("unused-suppression")));
}

/// Nobody looked whether it hides something.
TEST(Suppressions, OfTheSearchAreStaleOnlyWhereItSearched) {
  const TemporaryFolder folder;
  const std::string plan = small_plan() + "ignore:\n  - {rule: matrix-stuck, reason: it was so}\n";
  const std::string file = folder.write("plan.yaml", plan);
  for (const std::vector<std::string>& options : {std::vector<std::string>{"--no-search"},
                                                  {"--fault", "late"},
                                                  {"--faults", "0"},
                                                  {"--max-states", "1"}}) {
    std::vector<std::string> words = {"check", "--fix"};
    words.insert(words.end(), options.begin(), options.end());
    words.push_back("plan.yaml");
    EXPECT_THAT(in(folder, words).out, Not(HasSubstr("unused-suppression"))) << options[0];
    EXPECT_EQ(read_file(file), plan) << options[0];
  }
  EXPECT_THAT(in(folder, {"check", "plan.yaml"}).out,
              HasLines("warning[unused-suppression] plan.yaml:15:5"));
  in(folder, {"check", "--fix", "plan.yaml"});
  EXPECT_EQ(read_file(file), small_plan());
  const std::string runbook =
      "# Rollback\n\n<!-- backout: ignore matrix-stuck -- it was so -->\n```bash\nkubectl rollout "
      "undo deployment/web --to-revision=3\n```\n";
  folder.write("ROLLBACK.md", runbook);
  EXPECT_THAT(in(folder, {"check", "--no-search", "ROLLBACK.md"}).out,
              Not(HasSubstr("unused-suppression")));
  EXPECT_THAT(in(folder, {"check", "ROLLBACK.md"}).out,
              HasLines("warning[unused-suppression] ROLLBACK.md:3:6"));
}

TEST(Show, ListsTheFilesThatWouldBeLookedAt) {
  const TemporaryFolder folder;
  folder.write("plan.yaml", small_plan());
  folder.write("docs/ROLLBACK.md", kRunbook);
  folder.write("docs/other.md", "# Cooking\n\nStir.\n");
  folder.write("old/ROLLBACK.md", kRunbook);
  const ProcessResult result = in(folder, {"check", "--show-files", "--exclude", "old", "."});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out, "docs/ROLLBACK.md\nplan.yaml\n");
}

/// Without a repository around it, what a runbook names may stand anywhere: that is said.
TEST(LookedUp, IsNothingWithoutARepositoryAround) {
  const TemporaryFolder folder;
  folder.write("docs/ROLLBACK.md", kRunbook);
  folder.write("old/ROLLBACK.md", kRunbook);
  EXPECT_EQ(in(folder, {"check", "."}).err,
            "backout: no .git stands above 'docs/ROLLBACK.md' and 1 more: what is named there "
            "(files, services, scripts) was not looked up, and nothing can be called absent\n");
  EXPECT_EQ(in(folder, {"check", "--quiet", "."}).err, "");
  std::filesystem::create_directory(folder.path() / ".git");
  EXPECT_EQ(in(folder, {"check", "."}).err, "");
}

/// A hook of git names what changed, and knows nothing of backout.toml.
TEST(Exclude, HoldsForNamedFilesWhenForced) {
  const TemporaryFolder folder;
  folder.write("old/ROLLBACK.md", kRunbook);
  folder.write("ROLLBACK.md", kRunbook);
  folder.write("backout.toml", "exclude = [\"old/*\"]\n");
  const std::vector<std::string> both = {"check",   "--no-suppressions", "--format",
                                         "concise", "old/ROLLBACK.md",   "ROLLBACK.md"};
  EXPECT_THAT(
      in(folder, both).out,
      HasLines("old/ROLLBACK.md:5:1: error[hidden-failure] psql goes on behind an error in the "
               "file and ends with 0: half of the script is in, and nobody hears of it"));
  std::vector<std::string> forced = both;
  forced.emplace_back("--force-exclude");
  EXPECT_THAT(in(folder, forced).out, Not(HasSubstr("old/")));
  EXPECT_EQ(in(folder, forced).out,
            "ROLLBACK.md:5:1: error[hidden-failure] psql goes on behind an error in the file and "
            "ends with 0: half of the script is in, and nobody hears of it\n");
  forced = {"check", "--no-suppressions", "--force-exclude", "old/ROLLBACK.md"};
  EXPECT_EQ(in(folder, forced).status, 0);
  EXPECT_EQ(in(folder,
               {"check", "--no-suppressions", "--force-exclude", "--stdin-filename",
                "old/ROLLBACK.md", "-"},
               kRunbook)
                .status,
            0);
  EXPECT_EQ(in(folder, {"check", "--no-suppressions", "--force-exclude", "--exclude", "ROLL*",
                        "ROLLBACK.md"})
                .status,
            0);
  EXPECT_EQ(in(folder, {"check", "--no-suppressions", "--force-exclude", "ROLLBACK.md"}).status, 1);
}

std::string without_comments(const std::string& text) {
  std::istringstream in(text);
  std::string rest;
  for (std::string line; std::getline(in, line);) rest += line.substr(0, line.find('#')) + '\n';
  return rest;
}

TEST(Show, PrintsAConfigurationThatMeansTheSame) {
  const TemporaryFolder folder;
  folder.write("plan.yaml", small_plan());
  folder.write(
      "backout.toml",
      "ignore = [\"undo-order\"]\nfail-on = \"warning\"\n[severity]\nunpinned-target = \"error\"\n"
      "[[overrides]]\npaths = [\"staging\"]\nignore = [\"missing-undo\"]\n"
      "severity = {matrix = \"note\", undo-order = \"off\"}\n");
  const ProcessResult shown = in(folder, {"check", "--show-config", "--ignore", "absent-metric",
                                          "--severity", "missing-undo=off", "."});
  EXPECT_EQ(shown.status, 0) << shown.err;
  EXPECT_EQ(shown.out, R"(# backout.toml
ignore = [ 'undo-order', 'absent-metric' ]  # backout.toml, command line
fail-on = 'warning'  # backout.toml
unknown = 'fail'  # default

[severity]
missing-undo = 'off'  # command line
unpinned-target = 'error'  # backout.toml

[[overrides]]  # backout.toml
paths = [ 'staging' ]
ignore = [ 'missing-undo' ]
severity = { matrix = 'note', undo-order = 'off' }
)");
  folder.write("again.toml", shown.out);
  const ProcessResult again = in(folder, {"check", "--show-config", "--config", "again.toml", "."});
  EXPECT_EQ(without_comments(again.out), without_comments(shown.out));
  EXPECT_THAT(in(folder, {"check", "--show-config", "--no-config", "."}).out,
              HasSubstr("# no backout.toml\n"));
  // What the command line selects, no file leaves out.
  const std::string selected =
      in(folder, {"check", "--show-config", "--select", "undo-order", "."}).out;
  EXPECT_THAT(selected, HasLines("select = [ 'undo-order' ]  # command line"));
  EXPECT_THAT(selected, Not(HasSubstr("ignore")));
}

/// What `check --watch` printed while `script` changed the folder; `runs N` waits until it watches
/// for the N-th time.
std::string watched(const TemporaryFolder& folder, const std::string& script,
                    const std::string& what = ".") {
  folder.write("watch.sh",
               "runs() { for i in $(seq 600); do [ \"$(grep -c watching err)\" -ge \"$1\" ] && "
               "return; sleep 0.1; done; echo 'no such run'; }\n"
               "\"$1\" check --no-search --watch " +
                   what + " >out 2>err &\npid=$!\nruns 1\n" + script +
                   "kill -INT $pid\nwait $pid\necho \"status $?\"\ncat out\n");
  // Not in the background of a shell that ignores interrupts.
  const ProcessResult result =
      run_process({"python3", "-c",
                   "import signal, subprocess, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
                   "sys.exit(subprocess.run(['bash', '-m', 'watch.sh', sys.argv[1]]).returncode)",
                   kProgram},
                  "", folder.path().string());
  EXPECT_THAT(result.out, Not(HasSubstr("no such run"))) << read_file(folder.path() / "err");
  return result.out;
}

TEST(Watching, ChecksAgainWhenAFileChanges) {
  const TemporaryFolder folder;
  folder.write("docs/ROLLBACK.md", "# Rollback\n\n```bash\npsql -f down.sql\n```\n");
  const std::string out =
      watched(folder,
              "sed -i 's/psql/psql -v ON_ERROR_STOP=1/' docs/ROLLBACK.md\nruns 2\nprintf 'backout: "
              "1\\nname: [\\n' > plan.yaml\nruns 3\nrm plan.yaml\nruns 4\n");
  EXPECT_TRUE(out.starts_with("status 0\n")) << out;
  EXPECT_THAT(out, HasLines("docs/ROLLBACK.md: 1 error, 0 warnings, 0 notes"));
  EXPECT_THAT(out, HasLines("docs/ROLLBACK.md: 0 errors, 0 warnings, 0 notes"));
  const std::string err = read_file(folder.path() / "err");
  EXPECT_THAT(
      err, HasLines("plan.yaml:3:1: error: syntax error: flow sequence without a closing bracket"));
  // What it writes itself, in the same folder, is no change.
  EXPECT_EQ(std::count(err.begin(), err.end(), ';'), 4) << err;
}

TEST(Watching, SurvivesAConfigurationThatIsWrongForAWhile) {
  const TemporaryFolder folder;
  folder.write("ROLLBACK.md", "# Rollback\n\n```bash\npsql -f down.sql\n```\n");
  const std::string out = watched(folder,
                                  "echo 'ignore = 1' > backout.toml\nruns 2\necho 'ignore = "
                                  "[\"hidden-failure\"]' > backout.toml\nruns 3\n",
                                  "ROLLBACK.md");
  EXPECT_TRUE(out.starts_with("status 0\n")) << out;
  EXPECT_THAT(read_file(folder.path() / "err"),
              HasLines("backout.toml:1:10: error: 'ignore' takes a list of texts"));
}

TEST(Watching, LooksAtTheConfigurationThatIsNamed) {
  const TemporaryFolder folder;
  const TemporaryFolder other;
  const std::string config = other.write("team.toml", "");
  folder.write("ROLLBACK.md", "# Rollback\n\n```bash\npsql -f down.sql\n```\n");
  const std::string out =
      watched(folder, "echo 'ignore = [\"hidden-failure\"]' > " + config + "\nruns 2\n",
              "--config " + config + " ROLLBACK.md");
  EXPECT_TRUE(out.starts_with("status 0\n")) << out;
}

TEST(Watching, WritesNothing) {
  const TemporaryFolder folder;
  folder.write("ROLLBACK.md", kRunbook);
  for (const std::vector<std::string>& options : {std::vector<std::string>{"--fix"},
                                                  {"--diff"},
                                                  {"--output", "x"},
                                                  {"--baseline", "x", "--update-baseline"}}) {
    std::vector<std::string> words = {"check", "--watch", "ROLLBACK.md"};
    words.insert(words.end(), options.begin(), options.end());
    EXPECT_EQ(in(folder, words).status, 2) << options[0];
  }
  EXPECT_EQ(in(folder, {"check", "--watch", "-"}).status, 2);
}

/// The words in backquotes of the second column of the table in docs/conventions.md that begin with
/// two dashes.
std::set<std::string> told_options() {
  std::istringstream in(read_file(std::filesystem::path(kSourceDir) / "docs/conventions.md"));
  std::set<std::string> options;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("| ")) continue;
    const std::size_t begin = line.find('|', 1);
    const std::string cell = line.substr(begin, line.find('|', begin + 1) - begin);
    for (std::size_t at = cell.find("`--"); at != std::string::npos;
         at = cell.find("`--", at + 1)) {
      options.insert(cell.substr(at + 1, cell.find('`', at + 1) - at - 1));
    }
  }
  return options;
}

TEST(Conventions, TheOptionsOfTheTableAreThere) {
  const std::set<std::string> told = told_options();
  EXPECT_GE(told.size(), 20u);
  const std::string help = run_backout({"check", "--help"}).out + "--version ";
  for (const std::string& option : told)
    EXPECT_THAT(help, ::testing::ContainsRegex(option + "[ \n]")) << option;
}

}  // namespace
}  // namespace backout::tests
