// Every command that README.md and docs/*.md show is run, and what they show of its output is
// looked for.
//
// A page says where its commands run, in comments that readers do not see; they hold from there on:
//   <!-- in: fixtures/tour -->                what is there is copied into a new repository
//   <!-- in: fixtures/tour, plans -->         and the folder `plans` of the tree beside it
// and which of them are not run, each with the reason; this holds for the next block:
//   <!-- not run: it needs a cluster -->      none of the block
//   <!-- not run (sudo, npx): packages -->    those lines of the block that begin so
// Commands are all lines of a block marked `sh`, and in other blocks the lines that begin with `$ `
// or `backout `; the lines behind them up to the next one are output, in which `…` stands for
// anything and how long something took for any time.
#include <algorithm>
#include <memory>
#include <optional>
#include <regex>
#include <sstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/places.hpp"
#include "support/repository.hpp"

namespace backout::tests {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = kSourceDir;

/// A command of a page.
struct Command {
  std::size_t at = 0;  ///< line of the page
  std::string line;
  std::string folder;               ///< what stands after `in:`; empty: the page does not say
  std::string not_run;              ///< why; empty: it is run
  std::vector<std::string> output;  ///< as the page has it
};

/// What a comment before a block says of it.
struct Marks {
  std::string folder;
  std::string not_run;
  std::vector<std::string> words;  ///< those that are not run; empty: all

  /// Why the command is not run; empty: it is.
  std::string reason(const std::string& line) const {
    const bool meant = words.empty() || std::ranges::any_of(words, [&](const std::string& word) {
                         return line.starts_with(word);
                       });
    return meant ? not_run : "";
  }
};

std::vector<std::string> listed(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream in(text);
  for (std::string each; std::getline(in >> std::ws, each, ',');) all.push_back(each);
  return all;
}

void read_mark(const std::string& line, Marks& marks) {
  static const std::regex kIn(R"(<!-- in: (.*) -->)");
  static const std::regex kNotRun(R"(<!-- not run(?: \((.*)\))?: (.*) -->)");
  std::smatch match;
  if (std::regex_match(line, match, kIn)) marks.folder = match[1];
  if (!std::regex_match(line, match, kNotRun)) return;
  marks.words = listed(match[1]);
  marks.not_run = match[2];
}

/// The commands of a page, in order.
std::vector<Command> commands_of(const std::string& page) {
  std::vector<Command> commands;
  std::optional<std::string> block;  // the language of the one that is open
  Marks marks;
  bool answers = false;
  std::istringstream in(page);
  std::size_t at = 0;
  for (std::string line; std::getline(in, line);) {
    ++at;
    if (line.starts_with("```")) {
      if (block) marks.not_run.clear(), marks.words.clear();
      block = block ? std::nullopt : std::optional(line.substr(3));
      answers = false;
      continue;
    }
    if (!block) {
      read_mark(line, marks);
      continue;
    }
    const bool shell = *block == "sh" || *block == "bash";
    const bool prompt = line.starts_with("$ ");
    if (shell ? !line.empty() && !line.starts_with('#')
              : prompt || line.starts_with("backout ") || line.starts_with("scripts/backout ")) {
      const std::string text = prompt ? line.substr(2) : line;
      commands.push_back({at, text, marks.folder, marks.reason(text), {}});
      answers = !shell;
    } else if (answers && line != "…") {
      commands.back().output.push_back(line);
    }
  }
  return commands;
}

/// How long something took, and which PostgreSQL it was, are other ones here.
std::string timeless(const std::string& text) {
  static const std::regex kTime(R"([0-9.]+ (ms|s)\b)");
  static const std::regex kServer(R"(PostgreSQL [0-9.]+)");
  return std::regex_replace(std::regex_replace(text, kTime, "# $1"), kServer, "PostgreSQL #");
}

/// A repository with what `in:` lists.
std::unique_ptr<Repository> prepared(const std::string& folder) {
  auto repository = std::make_unique<Repository>();
  repository->commit();
  bool first = true;
  for (const std::string& each : listed(folder)) {
    const fs::path target = first ? repository->path() : repository->path() / each;
    if (each != "nothing") {
      fs::create_directories(target);
      fs::copy(kRoot / each, target, fs::copy_options::recursive);
    }
    first = false;
  }
  // The tree's own way to run it builds it first; here it is built.
  repository->write("scripts/backout", fmt::format("#!/bin/sh\nexec {} \"$@\"\n", kProgram));
  fs::permissions(repository->path() / "scripts/backout", fs::perms::owner_all);
  return repository;
}

ProcessResult run_in(const Repository& repository, const std::string& line) {
  const std::string folder = fs::path(kProgram).parent_path();
  const std::string home = repository.path().string();
  return run_process({"env", "--chdir=" + home, "--unset=GITHUB_BASE_REF",
                      "--unset=CI_MERGE_REQUEST_DIFF_BASE_SHA", "GIT_AUTHOR_NAME=T",
                      "GIT_AUTHOR_EMAIL=t@example.org", "GIT_COMMITTER_NAME=T",
                      "GIT_COMMITTER_EMAIL=t@example.org", "HOME=" + home,
                      "PATH=" + folder + ":/usr/bin:/bin", "bash", "-c", line});
}

/// Whether an exit status means that the command ran: 2, 3 and what lies beyond are those of a
/// command that is wrong.
bool is_answer(int status) { return status == 0 || status == 1 || status == 4; }

/// Runs the commands of a page, one after the other; how many were run.
std::size_t run_page(const std::string& page) {
  std::unique_ptr<Repository> repository;
  std::string folder;
  std::size_t ran = 0;
  for (const Command& command : commands_of(read_file(kRoot / page))) {
    if (!command.not_run.empty()) continue;
    SCOPED_TRACE(page + ":" + std::to_string(command.at) + ": " + command.line);
    if (command.folder.empty()) {
      ADD_FAILURE() << "the page does not say where it runs: <!-- in: FOLDER -->, or <!-- not run: "
                       "REASON -->";
      continue;
    }
    if (command.folder != folder) repository = prepared(folder = command.folder);
    const ProcessResult result = run_in(*repository, command.line);
    ++ran;
    const std::string said = timeless(result.out + result.err);
    if (command.output.empty()) {
      EXPECT_TRUE(is_answer(result.status)) << result.status << '\n' << said;
    }
    std::size_t at = 0;
    for (const std::string& each : command.output) {
      const std::string line = timeless(each);
      const std::size_t found = said.find(line + '\n', at);
      EXPECT_NE(found, std::string::npos) << "does not say\n" << line << "\nbut\n" << said;
      if (found == std::string::npos) break;
      at = found + line.size() + 1;
    }
  }
  return ran;
}

std::vector<std::string> all_pages() {
  std::vector<std::string> pages = {"README.md"};
  for (const auto& entry : fs::directory_iterator(kRoot / "docs")) {
    if (entry.path().extension() == ".md")
      pages.push_back("docs/" + entry.path().filename().string());
  }
  std::ranges::sort(pages);
  return pages;
}

class Pages : public testing::TestWithParam<std::string> {};
TEST_P(Pages, ShowWhatReallyHappens) {
  const std::vector<Command> commands = commands_of(read_file(kRoot / GetParam()));
  const auto runs = [](const Command& command) { return command.not_run.empty(); };
  EXPECT_EQ(run_page(GetParam()), static_cast<std::size_t>(std::ranges::count_if(commands, runs)));
}
INSTANTIATE_TEST_SUITE_P(All, Pages, testing::ValuesIn(all_pages()), [](const auto& page) {
  std::string name = fs::path(page.param).stem();
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST(Commands, AreFoundInEveryFormThatPagesUse) {
  const std::vector<Command> commands = commands_of(
      "<!-- in: a -->\n```console\n$ backout check x\nsays\n…\nthis\n$ next\n```\n```\nbackout "
      "rules\ntext\n```\n"
      "<!-- not run (sudo, npx): network -->\n```sh\nsudo apt install\nbackout check   # "
      "why\n```\n```yaml\nrun: backout check\n```\n");
  const auto told = [](const Command& command) {
    return command.line + '|' + command.folder + '|' + command.not_run;
  };
  std::vector<std::string> all;
  std::ranges::transform(commands, std::back_inserter(all), told);
  EXPECT_THAT(all, testing::ElementsAre("backout check x|a|", "next|a|", "backout rules|a|",
                                        "sudo apt install|a|network", "backout check   # why|a|"));
  EXPECT_THAT(commands[0].output, testing::ElementsAre("says", "this"));
}

TEST(Commands, AreManyAndAreRun) {
  std::size_t all = 0;
  std::size_t ran = 0;
  for (const std::string& page : all_pages()) {
    for (const Command& command : commands_of(read_file(kRoot / page))) {
      ++all;
      ran += command.not_run.empty() ? 1 : 0;
    }
  }
  EXPECT_GE(all, 40u);
  EXPECT_GE(2 * ran, all) << "more than half of the commands are shown and not tried";
}

}  // namespace
}  // namespace backout::tests
