// docs/catalogue.md says what the files say. After a change: BACKOUT_WRITE_PAGE=1
// build/dev/tests/test_catalogue --gtest_filter='Page.*'
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "catalogue/tool.hpp"
#include "support/places.hpp"

namespace backout::catalogue {
namespace {

std::size_t traps(const Command& command) {
  std::size_t all = command.facts.traps.size();
  for (const Facts& facts : command.cases) all += facts.traps.size();
  return all;
}

std::string row(const Tool& tool) {
  std::size_t all = traps(tool.self);
  for (const auto& [path, command] : tool.commands) all += traps(command);
  const std::string also =
      tool.also.empty() ? "" : fmt::format(" ({})", fmt::join(tool.also, ", "));
  const bool whole = tool.complete.contains("");
  return fmt::format("| `{}`{} | {} | {}{} | {} | {} | {} |\n", tool.name, also, tool.about,
                     tool.commands.size(), whole ? "; all names" : "", tool.facts(), all,
                     tool.source);
}

std::string page() {
  std::string rows;
  std::size_t facts = 0;
  for (const ToolText& text : tool_texts()) {
    const Tool& tool = *find_tool(text.name);
    rows += row(tool);
    facts += tool.facts();
  }
  return fmt::format(
      "# The command catalogue\n\n"
      "What `backout` knows of commands as people type them: {} tools, {} facts. Nothing is ever "
      "executed. `backout explain command 'psql -f x.sql'` prints what is\n"
      "known of a line; how a file is written stands in "
      "[catalogue/README.md](../catalogue/README.md). A command that no file describes is opaque, "
      "and that is said.\n"
      "\"All names\": the list of the tool's own subcommands is whole, so that another one does "
      "not exist (or a plug-in adds it).\n\n"
      "| tool | what it is | commands | facts | traps | source |\n|---|---|---|---|---|---|\n{}",
      tool_texts().size(), facts, rows);
}

TEST(Page, SaysWhatTheFilesSay) {
  const std::string path = source_path("docs/catalogue.md");
  if (std::getenv("BACKOUT_WRITE_PAGE") != nullptr) std::ofstream(path) << page();
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  EXPECT_EQ(text.str(), page());
}

}  // namespace
}  // namespace backout::catalogue
