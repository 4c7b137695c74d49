// `extend` in backout.toml: one configuration for many folders, as ruff's `extend` has it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <filesystem>

#include "support/lines.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Three things are wrong with it: hidden-failure, check-cannot-fail, unpinned-target.
const std::string kRunbook =
    "# Rollback\n\n```bash\npsql -f down.sql\n```\n\n```bash\ncurl https://api/health\n```\n\n"
    "```bash\ngit checkout main\n```\n";

class Extend : public testing::Test {
 protected:
  Extend() {
    folder_.write(".git/HEAD", "");
    folder_.write("deploy/eu/ROLLBACK.md", kRunbook);
    folder_.write("down.sql", "SELECT 1;\n");
  }

  ProcessResult run(std::vector<std::string> words, const std::string& below = "") const {
    return run_backout(std::move(words), "", (folder_.path() / below).string());
  }
  /// "error hidden-failure, ..." in the order of the file; what is wrong with the configuration
  /// when it cannot be read.
  std::string found(const std::string& where = "deploy/eu") const {
    const ProcessResult result = run({"check", "--no-search", "--format", "json", where});
    const auto report = nlohmann::json::parse(result.out, nullptr, false);
    if (report.is_discarded()) return result.err;
    std::string all;
    for (const auto& each : report["findings"]) {
      all += std::string(all.empty() ? "" : ", ") + each["severity"].get<std::string>() + ' ' +
             each["rule"].get<std::string>();
    }
    return all;
  }

  TemporaryFolder folder_;
};

TEST_F(Extend, takes_what_the_other_file_says_where_it_says_nothing_itself) {
  folder_.write("backout.toml", "ignore = [\"hidden-failure\"]\nfail-on = \"never\"\n");
  folder_.write("deploy/backout.toml", "");
  EXPECT_EQ(found(), "error hidden-failure, error check-cannot-fail, error unpinned-target");
  folder_.write("deploy/backout.toml", "extend = \"../backout.toml\"\n");
  EXPECT_EQ(found(), "error check-cannot-fail, error unpinned-target");
  EXPECT_EQ(run({"check", "--no-search", "deploy/eu"}).status, 0);
  EXPECT_EQ(run({"check", "--no-search", "."}, "deploy/eu").status, 0)
      << "from wherever it is called";
  folder_.write("deploy/backout.toml", "extend = \"../backout.toml\"\nfail-on = \"error\"\n");
  EXPECT_EQ(run({"check", "--no-search", "deploy/eu"}).status, 1)
      << "what the file says itself is stronger";
}

TEST_F(Extend, adds_what_is_ignored_and_begins_anew_with_what_is_selected) {
  folder_.write("backout.toml", "ignore = [\"hidden-failure\"]\n");
  folder_.write("deploy/backout.toml",
                "extend = \"../backout.toml\"\nignore = [\"unpinned-target\"]\n");
  EXPECT_EQ(found(), "error check-cannot-fail");
  folder_.write("deploy/backout.toml",
                "extend = \"../backout.toml\"\nselect = [\"hidden-failure\"]\n");
  EXPECT_EQ(found(), "error hidden-failure");
  folder_.write("backout.toml", "select = [\"hidden-failure\"]\n");
  folder_.write("deploy/backout.toml",
                "extend = \"../backout.toml\"\nignore = [\"unpinned-target\"]\n");
  EXPECT_EQ(found(), "error hidden-failure");
}

TEST_F(Extend, has_severities_rule_by_rule_whatever_their_names) {
  folder_.write("backout.toml",
                "[severity]\nunpinned-target = \"note\"\nhidden-failure = \"note\"\n");
  folder_.write("deploy/backout.toml",
                "extend = \"../backout.toml\"\n[severity]\nhidden-failure = \"warning\"\n");
  EXPECT_EQ(found(), "warning hidden-failure, error check-cannot-fail, note unpinned-target");
  folder_.write("deploy/backout.toml",
                "extend = \"../backout.toml\"\n[severity]\ndocument = \"error\"\n");
  EXPECT_EQ(found(), "error hidden-failure, error check-cannot-fail, error unpinned-target");
}

TEST_F(Extend, goes_from_file_to_file_the_nearest_the_strongest) {
  folder_.write("backout.toml",
                "[severity]\nhidden-failure = \"note\"\ncheck-cannot-fail = "
                "\"note\"\nunpinned-target = \"note\"\n");
  folder_.write("deploy/backout.toml",
                "extend = \"../backout.toml\"\n[severity]\ncheck-cannot-fail = "
                "\"warning\"\nunpinned-target = \"warning\"\n");
  folder_.write("deploy/eu/backout.toml",
                "extend = \"../backout.toml\"\n[severity]\nunpinned-target = \"off\"\n");
  EXPECT_EQ(found(), "note hidden-failure, warning check-cannot-fail");
}

TEST_F(Extend, reads_each_path_from_the_file_that_says_it) {
  folder_.write("deploy/us/ROLLBACK.md", kRunbook);
  folder_.write("backout.toml",
                "[[overrides]]\npaths = [\"deploy/eu/*\"]\nignore = [\"hidden-failure\"]\n");
  folder_.write("deploy/backout.toml",
                "extend = \"../backout.toml\"\n[[overrides]]\npaths = [\"eu/*\"]\nignore = "
                "[\"unpinned-target\"]\n");
  EXPECT_EQ(found(), "error check-cannot-fail") << "overrides add up";
  EXPECT_EQ(found("deploy/us"),
            "error hidden-failure, error check-cannot-fail, error unpinned-target");

  folder_.write("backout.toml", "exclude = [\"deploy/us/*\"]\n");
  folder_.write("deploy/backout.toml", "extend = \"../backout.toml\"\n");
  EXPECT_EQ(run({"check", "--show-files", "deploy"}).out, "deploy/eu/ROLLBACK.md\n");
  folder_.write("deploy/backout.toml", "extend = \"../backout.toml\"\nexclude = [\"eu/*\"]\n");
  EXPECT_EQ(run({"check", "--show-files", "deploy"}).out, "deploy/us/ROLLBACK.md\n")
      << "it is replaced";
  folder_.write("deploy/uk/ROLLBACK.md", kRunbook);
  folder_.write("deploy/backout.toml",
                "extend = \"../backout.toml\"\nextend-exclude = [\"eu/*\"]\n");
  EXPECT_EQ(run({"check", "--show-files", "deploy"}).out, "deploy/uk/ROLLBACK.md\n")
      << "it adds up";

  folder_.write("backout.toml", "baseline = \"known.json\"\n");
  folder_.write("deploy/backout.toml", "extend = \"../backout.toml\"\n");
  EXPECT_EQ(run({"check", "--no-search", "--update-baseline", "deploy/eu"}).status, 0);
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "known.json"));
  EXPECT_EQ(run({"check", "--no-search", "."}, "deploy/eu").status, 0);
}

TEST_F(Extend, has_defaults_of_commands_option_by_option) {
  folder_.write("backout.toml", "[defaults.check]\nformat = \"json\"\nno-search = true\n");
  folder_.write("deploy/backout.toml",
                "extend = \"../backout.toml\"\n[defaults.check]\nformat = \"jsonl\"\n");
  EXPECT_THAT(run({"check", "deploy/eu"}).out,
              HasLines("{\"kind\":\"plan\",\"plan\":\"deploy/eu/"
                       "ROLLBACK.md\",\"matrix\":null,\"times\":[],\"point_of_no_return\":null,"
                       "\"point_of_no_return_decided\":null,\"completeness\":null}"));
  folder_.write("backout.toml", "[defaults.check]\nruns = \"many\"\n");
  EXPECT_THAT(run({"check", "deploy/eu"}).err,
              HasSubstr("backout: backout.toml: [defaults.check]: the argument ('many')"));
}

TEST_F(Extend, says_everything_that_is_wrong_at_once_with_its_place) {
  folder_.write("backout.toml", "selct = []\nrequired-version = \"99\"\n");
  folder_.write("deploy/backout.toml",
                "extend = \"../backout.toml\"\nignore = [\"unpined-target\"]\n");
  const ProcessResult result = run({"check", "deploy/eu"});
  EXPECT_EQ(result.status, 3);
  EXPECT_THAT(result.err,
              HasSubstr("deploy/backout.toml:2:11: error: no rule is named 'unpined-target'"));
  EXPECT_THAT(result.err, HasSubstr("\nbackout.toml:1:1: error: unknown key 'selct'"));
  EXPECT_THAT(result.err, HasSubstr("\nbackout.toml:2:20: error: this is backout "));
}

TEST_F(Extend, refuses_what_is_absent_no_file_of_the_kind_or_outside_the_repository) {
  const TemporaryFolder other;
  const std::string team = other.write("team.toml", "ignore = [\"document\"]\n");
  folder_.write("notes.txt", "");
  std::filesystem::create_symlink(team, folder_.path() / "linked.toml");
  std::filesystem::create_directory(folder_.path() / "folder.toml");
  for (const auto& [value, message] : std::vector<std::pair<std::string, std::string>>{
           {"\"../none.toml\"", "'../none.toml' does not exist"},
           {"\"../folder.toml\"", "'../folder.toml' is a folder"},
           {"\"../notes.txt\"", "'../notes.txt' is no .toml file"},
           {"\"" + team + "\"", "'" + team + "' lies outside the repository"},
           {"\"../linked.toml\"", "'../linked.toml' lies outside the repository"},
           {"\"\"", "'extend' takes the path of a backout.toml"},
           {"[\"../backout.toml\"]", "'extend' takes a text"}}) {
    folder_.write("deploy/backout.toml",
                  "# ours\nextend = " + value + "\nignore = [\"no-rule\"]\n");
    const ProcessResult result = run({"check", "deploy/eu"});
    EXPECT_EQ(result.status, 3) << value;
    EXPECT_THAT(result.err, HasSubstr("deploy/backout.toml:2:10: error: " + message)) << value;
    EXPECT_THAT(result.err,
                HasSubstr("deploy/backout.toml:3:11: error: no rule is named 'no-rule'"))
        << value;
  }
}

TEST_F(Extend, goes_round_only_once) {
  folder_.write("deploy/backout.toml", "extend = \"backout.toml\"\n");
  EXPECT_THAT(run({"check", "deploy/eu"}).err,
              HasSubstr("deploy/backout.toml:1:10: error: 'backout.toml' extends itself"));
  folder_.write("a.toml", "extend = \"b.toml\"\n");
  folder_.write("b.toml", "\nextend = \"./a.toml\"\n");
  folder_.write("deploy/backout.toml", "extend = \"../a.toml\"\n");
  const ProcessResult result = run({"check", "deploy/eu"});
  EXPECT_EQ(result.status, 3);
  EXPECT_THAT(result.err,
              HasSubstr("b.toml:2:10: error: './a.toml' extends itself: a.toml, b.toml, a.toml\n"));
}

TEST_F(Extend, is_shown_with_the_file_that_says_each_thing) {
  folder_.write("backout.toml",
                "ignore = [\"undo-order\"]\nexclude = [\"vendor\"]\nfail-on = "
                "\"warning\"\n[defaults.check]\nruns = 5\n"
                "verbose = true\n[severity]\nunpinned-target = \"note\"\n");
  folder_.write("deploy/backout.toml",
                "extend = \"../backout.toml\"\nignore = [\"missing-undo\"]\nextend-exclude = "
                "[\"old\"]\n[severity]\nhidden-failure = "
                "\"warning\"\n[[overrides]]\npaths = [\"eu\"]\nignore = [\"document\"]\n");
  const ProcessResult shown =
      run({"check", "--show-config", "--severity", "missing-undo=off", "deploy/eu"});
  EXPECT_EQ(shown.out, R"(# deploy/backout.toml
# extends backout.toml
ignore = [ 'undo-order', 'missing-undo' ]  # backout.toml, deploy/backout.toml
exclude = [ 'vendor' ]  # backout.toml
extend-exclude = [ 'old' ]  # deploy/backout.toml
fail-on = 'warning'  # backout.toml
unknown = 'fail'  # default

[severity]
hidden-failure = 'warning'  # deploy/backout.toml
missing-undo = 'off'  # command line
unpinned-target = 'note'  # backout.toml

[defaults.check]
runs = '5'  # backout.toml
verbose = true  # backout.toml

[[overrides]]  # deploy/backout.toml
paths = [ 'eu' ]
ignore = [ 'document' ]
)") << shown.err;
}

}  // namespace
}  // namespace backout::tests
