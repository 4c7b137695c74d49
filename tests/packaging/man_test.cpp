// The man pages, and what the program says of itself: `backout help`, `backout --version`.
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/process.hpp"

namespace backout::tests {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// The names below "Commands:" of `backout help`.
std::vector<std::string> command_names() {
  const std::string help = run_backout({"help"}).out;
  const std::regex line("\n  ([a-z-]+) +[^\n]+");
  std::vector<std::string> names;
  for (std::sregex_iterator it(help.begin(), help.end(), line), end; it != end; ++it)
    names.push_back((*it)[1]);
  return names;
}

std::string page_of(const std::string& command) {
  const ProcessResult page = run_backout({"help", "--format", "man", command});
  EXPECT_EQ(page.status, 0) << page.err;
  return page.out;
}

/// `page` as man(1) shows it, without overstrikes.
std::string shown(const std::string& page) {
  constexpr const char* kMan = "MANWIDTH=120 LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l - | col -bx";
  const ProcessResult shown = run_process({"sh", "-c", kMan}, page);
  EXPECT_EQ(shown.err, "") << "warnings of man";
  return shown.out;
}

TEST(ManPages, stand_without_a_warning_of_man_and_mandoc) {
  std::vector<std::string> pages = {run_backout({"help", "--format", "man"}).out};
  for (const std::string& command : command_names()) pages.push_back(page_of(command));
  ASSERT_GT(pages.size(), 6u);
  for (const std::string& page : pages) {
    EXPECT_THAT(shown(page), HasSubstr("EXIT STATUS"));
    const ProcessResult lint = run_process({"mandoc", "-Tlint", "-Wwarning"}, page);
    // A tree without git has no date to print.
    std::istringstream in(lint.out);
    for (std::string line; std::getline(in, line);)
      EXPECT_THAT(line, HasSubstr("missing date")) << page.substr(0, 60);
  }
}

TEST(ManPages, tell_every_option_that_help_tells) {
  const std::vector<std::string> commands = command_names();
  EXPECT_THAT(commands, Contains("check"));
  const std::regex option("\n  (-[a-z], |    )--([a-z-]+)");
  std::size_t told = 0;
  for (const std::string& command : commands) {
    const std::string help = run_backout({command, "--help"}).out;
    const std::string page = shown(page_of(command));
    for (std::sregex_iterator it(help.begin(), help.end(), option), end; it != end; ++it, ++told) {
      EXPECT_THAT(page, HasSubstr("--" + (*it)[2].str())) << command;
    }
  }
  EXPECT_GT(told, 25u);
}

TEST(ManPages, overview_names_every_command) {
  const std::string page = shown(run_backout({"help", "--format", "man"}).out);
  for (const std::string& command : command_names())
    EXPECT_THAT(page, HasSubstr("backout-" + command + "(1)"));
  EXPECT_THAT(page, HasSubstr("backout check --fail-on warning plan.yaml"));
}

TEST(Help, of_a_command_is_what_the_command_says_of_itself) {
  EXPECT_EQ(run_backout({"help", "check"}).out, run_backout({"check", "--help"}).out);
  const ProcessResult unknown = run_backout({"help", "chek"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.err, HasSubstr("unknown command 'chek' (did you mean 'check'?)"));
}

TEST(Version, says_how_the_program_was_built) {
  const ProcessResult text = run_backout({"--version"});
  EXPECT_EQ(text.status, 0);
  EXPECT_THAT(text.out, StartsWith("backout "));
  const auto facts = nlohmann::json::parse(run_backout({"version", "--format", "json"}).out);
  for (const char* fact : {"backout", "commit", "compiler", "build", "grammar", "system"}) {
    ASSERT_TRUE(facts.contains(fact)) << fact;
    EXPECT_THAT(text.out, HasSubstr(facts[fact].get<std::string>()));
  }
  EXPECT_THAT(facts["grammar"].get<std::string>(), StartsWith("PostgreSQL 15"));
  EXPECT_EQ(facts.contains("date"), std::getenv("SOURCE_DATE_EPOCH") != nullptr);
}

}  // namespace
}  // namespace backout::tests
