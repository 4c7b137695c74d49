// `backout completions`, tried in the shells themselves.
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

const std::string kScripts = source_path("tests/packaging/");

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// The shells' completions in files, and a folder of plans to complete.
class Completions : public ::testing::Test {
 protected:
  std::string script(const std::string& shell) {
    const ProcessResult made = run_backout({"completions", shell});
    EXPECT_EQ(made.status, 0) << made.err;
    return folder_.write("backout." + shell, made.out);
  }

  /// What bash offers for the last of `words`.
  std::vector<std::string> bash(const std::vector<std::string>& words) {
    std::string array;
    for (const std::string& word : words) array += shell_quote(word) + ' ';
    const std::string program = ". " + script("bash") + " && cd " + folder_.path().string() +
                                " && COMP_WORDS=(" + array +
                                ") COMP_CWORD=" + std::to_string(words.size() - 1) +
                                " && _backout && printf '%s\\n' \"${COMPREPLY[@]}\"";
    const ProcessResult offered = run_process({"bash", "--norc", "-c", program});
    EXPECT_EQ(offered.status, 0) << offered.err;
    return lines_of(offered.out);
  }

  /// What fish offers for the end of `line`, without the explanations.
  std::vector<std::string> fish(const std::string& line) {
    const std::string program = "source " + script("fish") + "; cd " + folder_.path().string() +
                                "; complete -C " + shell_quote(line);
    const ProcessResult offered = run_process({"fish", "--no-config", "-c", program});
    EXPECT_EQ(offered.err, "");
    std::vector<std::string> words = lines_of(offered.out);
    for (std::string& word : words) word = word.substr(0, word.find('\t'));
    return words;
  }

  /// What zsh makes of `line` when TAB is pressed at its end.
  std::string zsh(const std::string& line) {
    const std::string program = "cd " + folder_.path().string() + " && zsh -f " + kScripts +
                                "complete.zsh " + script("zsh") + " " + shell_quote(line);
    const ProcessResult typed = run_process({"sh", "-c", program});
    EXPECT_EQ(typed.err, "");
    return typed.out;
  }

  TemporaryFolder folder_;
  const std::string plan_ = folder_.write("plan.yaml", "backout: 1\n");
  const std::string nested_ = folder_.write("migrations/1.up.sql", "");
};

TEST_F(Completions, bash_completes_commands_options_values_and_files) {
  EXPECT_THAT(bash({"backout", "expl"}), IsSupersetOf({"explore", "explain"}));
  EXPECT_THAT(bash({"backout", "check", "--no-se"}), ElementsAre("--no-search"));
  EXPECT_THAT(bash({"backout", "check", "--format", "j"}), IsSupersetOf({"json", "junit"}));
  EXPECT_THAT(bash({"backout", "check", "--format", "=", "gitl"}), ElementsAre("gitlab"));
  EXPECT_THAT(bash({"backout", "check", "--fail-on", "="}),
              ElementsAre("error", "warning", "note", "never"));
  EXPECT_THAT(bash({"backout", "check", "--select", "unpin"}), ElementsAre("unpinned-target"));
  EXPECT_THAT(bash({"backout", "explain", "unpin"}), ElementsAre("unpinned-target"));
  EXPECT_THAT(bash({"backout", "check", "--output", "pl"}), ElementsAre("plan.yaml"));
  EXPECT_THAT(bash({"backout", "check", "pl"}), ElementsAre("plan.yaml"));
  EXPECT_THAT(bash({"backout", "migrations", ""}), ElementsAre("migrations"));
  EXPECT_THAT(bash({"backout", "help", "mig"}), ElementsAre("migrations"));
}

TEST_F(Completions, fish_completes_commands_options_values_and_files) {
  EXPECT_THAT(fish("backout expl"), IsSupersetOf({"explore", "explain"}));
  EXPECT_THAT(fish("backout check --no-se"), ElementsAre("--no-search"));
  EXPECT_THAT(fish("backout check --format j"), IsSupersetOf({"json", "junit"}));
  EXPECT_THAT(fish("backout graph --format "), ElementsAre("dot", "svg"));
  EXPECT_THAT(fish("backout explain unpin"), ElementsAre("unpinned-target"));
  EXPECT_THAT(fish("backout check --output pl"), ElementsAre("plan.yaml"));
  EXPECT_THAT(fish("backout check pl"), ElementsAre("plan.yaml"));
  EXPECT_THAT(fish("backout migrations "), ElementsAre("migrations/"));
}

TEST_F(Completions, zsh_completes_commands_options_values_and_files) {
  EXPECT_EQ(zsh("backout migr"), "<migrations>\n");
  EXPECT_EQ(zsh("backout check --no-se"), "<check --no-search>\n");
  EXPECT_EQ(zsh("backout check --format=js"), "<check --format=json>\n");
  EXPECT_EQ(zsh("backout graph --format s"), "<graph --format svg>\n");
  EXPECT_EQ(zsh("backout explain unpin"), "<explain unpinned-target>\n");
  EXPECT_EQ(zsh("backout check --output pl"), "<check --output plan.yaml>\n");
  EXPECT_EQ(zsh("backout migrations "), "<migrations migrations>\n");
}

TEST_F(Completions, every_option_of_every_command_is_offered) {
  for (const std::string& command : bash({"backout", ""})) {
    if (command.starts_with("-")) continue;
    const ProcessResult help = run_backout({command, "--help"});
    ASSERT_EQ(help.status, 0) << command << ": " << help.err;
    const std::vector<std::string> offered = bash({"backout", command, "--"});
    for (std::size_t at = help.out.find("\n  --"); at != std::string::npos;
         at = help.out.find("\n  --", at + 1)) {
      const std::size_t end = help.out.find_first_of(" \n", at + 3);
      EXPECT_THAT(offered, Contains(help.out.substr(at + 3, end - at - 3))) << command;
    }
    EXPECT_THAT(offered, Contains("--help")) << command;
  }
}

TEST_F(Completions, the_bash_script_passes_shellcheck) {
  const ProcessResult checked = run_process({"shellcheck", "-s", "bash", script("bash")});
  EXPECT_EQ(checked.out, "");
}

TEST_F(Completions, another_shell_is_a_wrong_command_line) {
  const ProcessResult other = run_backout({"completions", "tcsh"});
  EXPECT_EQ(other.status, 2);
  EXPECT_THAT(other.err, HasSubstr("no completions for 'tcsh': bash, fish or zsh"));
}

}  // namespace
}  // namespace backout::tests
