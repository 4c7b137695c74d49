// docs/tour.md says what really happens: its commands are run, its outputs looked for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "support/repository.hpp"

namespace backout::tests {
namespace {

struct Command {
  std::string line;
  std::vector<std::string> output;  ///< as the page has it
};

std::vector<Command> commands_of(const std::string& page) {
  std::vector<Command> commands;
  bool console = false;
  std::istringstream in(page);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("```")) console = line == "```console";
    else if (console && line.starts_with("$ ")) commands.push_back({line.substr(2), {}});
    else if (console && line != "…") commands.back().output.push_back(line);
  }
  return commands;
}

/// Runs the commands of a page in a repository that holds `files`.
void run_page(const std::string& page, const std::string& files, std::size_t least) {
  const std::filesystem::path root = BACKOUT_SOURCE_DIR;
  const Repository repository;
  repository.commit();
  std::filesystem::copy(root / files, repository.path(), std::filesystem::copy_options::recursive);
  const std::vector<Command> commands = commands_of(read_file(root / page));
  ASSERT_GE(commands.size(), least);
  const std::string folder = std::filesystem::path(BACKOUT_BINARY).parent_path();
  for (const Command& command : commands) {
    const ProcessResult result = run_process(
        {"env", "--chdir=" + repository.path().string(), "--unset=GITHUB_BASE_REF", "--unset=CI_MERGE_REQUEST_DIFF_BASE_SHA",
         "GIT_AUTHOR_NAME=T", "GIT_AUTHOR_EMAIL=t@example.org", "GIT_COMMITTER_NAME=T", "GIT_COMMITTER_EMAIL=t@example.org",
         "PATH=" + folder + ":/usr/bin:/bin", "sh", "-c", command.line});
    const std::string said = result.out + result.err;
    std::size_t at = 0;
    for (const std::string& line : command.output) {
      const std::size_t found = said.find(line + '\n', at);
      ASSERT_NE(found, std::string::npos) << "$ " << command.line << "\ndoes not say\n" << line << "\nbut\n" << said;
      at = found + line.size() + 1;
    }
  }
}

TEST(Tour, ShowsWhatReallyHappens) { run_page("docs/tour.md", "fixtures/tour", 8); }

TEST(Tour, OfARunbookShowsWhatReallyHappens) { run_page("docs/runbooks.md", "fixtures/tour-runbook", 6); }

}  // namespace
}  // namespace backout::tests
