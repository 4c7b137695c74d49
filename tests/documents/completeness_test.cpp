// `backout import` loses nothing: steps, methods, commands, thresholds, targets, times, decision
// rows and lines to tick of a document stand in the plan, each at its line. The runbooks of the
// four systems are looked at where BACKOUT_RUNBOOKS names their folder; runbooks of our own,
// always.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/places.hpp"
#include "support/process.hpp"
#include "support/table.hpp"

namespace backout::tests {
namespace {

namespace fs = std::filesystem;
const fs::path kHere = fs::path(kSourceDir) / "tests/documents";

struct Row {
  std::string document;
  std::string what;
  int line = 0;
  std::string says;
};

std::vector<Row> rows_of(const std::string& name) {
  std::vector<Row> rows;
  for (const auto& row : read_table(kHere / "completeness" / name))
    rows.push_back({row.at(0), row.at(1), std::stoi(row.at(2)), row.at(3)});
  return rows;
}

std::size_t indentation(const std::string& line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

/// The entries of a plan: a line with those that are indented deeper below it, for each line that
/// names a place.
std::map<int, std::string> entries_of(const std::string& plan, const std::string& document) {
  std::vector<std::string> lines;
  std::istringstream in(plan);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::map<int, std::string> entries;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (std::size_t at = lines[i].find(document + ":"); at != std::string::npos;
         at = lines[i].find(document + ":", at + 1)) {
      const int number = std::atoi(lines[i].c_str() + at + document.size() + 1);
      if (number == 0) continue;
      // A `source:` of its own line belongs to the line above that is less indented.
      std::size_t head = i;
      const bool own_line = lines[i].substr(indentation(lines[i])).starts_with("source:");
      while (own_line && head > 0 && indentation(lines[head]) >= indentation(lines[i])) --head;
      std::string& entry = entries[number];
      entry += lines[head] + "\n";
      for (std::size_t j = head + 1;
           j < lines.size() && indentation(lines[j]) > indentation(lines[head]); ++j)
        entry += lines[j] + "\n";
    }
  }
  return entries;
}

/// An entry without the names of the places that it came from: `source: "shop-deploy.md:32"` says
/// nothing of a deploy.
std::string without_places(std::string entry) {
  for (std::size_t at = entry.find("source: \""); at != std::string::npos;
       at = entry.find("source: \"", at)) {
    entry.erase(at, entry.find('"', at + 9) + 1 - at);
  }
  for (std::size_t at = entry.find("doc.md:"); at != std::string::npos;
       at = entry.find("doc.md:", at))
    entry.erase(at, 7);
  return entry;
}

/// Says which rows the plans of `folder` lack, as lines; counts them in `lacking`.
std::string look(const std::vector<Row>& rows, const fs::path& folder, std::size_t& lacking) {
  std::map<std::string, std::map<int, std::string>> known;
  std::string text;
  for (const Row& row : rows) {
    auto found = known.find(row.document);
    if (found == known.end()) {
      fs::path file;
      for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().filename().string().starts_with(row.document)) file = entry.path();
      }
      const TemporaryFolder copy;
      const ProcessResult result = run_backout({"import", copy.write("doc.md", read_file(file))});
      EXPECT_EQ(result.status, 0) << row.document << result.err;
      const ProcessResult check =
          run_backout({"check", "--no-search", "--runs", "0", "-"}, result.out);
      EXPECT_THAT(check.status, ::testing::AnyOf(0, 1, 4)) << "the plan loads\n" << check.err;
      found = known.emplace(row.document, entries_of(result.out, "doc.md")).first;
    }
    // A step that a comment or a heading begins may stand at its first command.
    const int last =
        row.line + (row.what != "command" && row.what != "check" && row.what != "decision" ? 4 : 0);
    bool hit = false;
    for (int line = row.line; line <= last && !hit; ++line) {
      const auto entry = found->second.find(line);
      hit = entry != found->second.end() &&
            without_places(entry->second).find(row.says) != std::string::npos;
    }
    if (hit) continue;
    ++lacking;
    text += row.document + ":" + std::to_string(row.line) + " " + row.what + " " + row.says + "\n";
  }
  return text;
}

TEST(Completeness, OfOurOwnRunbooks) {
  const std::vector<Row> rows = rows_of("own.tsv");
  std::size_t lacking = 0;
  const std::string text = look(rows, kHere / "completeness", lacking);
  EXPECT_GE(rows.size(), 60u);
  EXPECT_EQ(lacking, 0u) << text;
}

TEST(Completeness, OfTheRunbooksOfFourSystems) {
  const char* folder = std::getenv("BACKOUT_RUNBOOKS");
  if (folder == nullptr) GTEST_SKIP() << "BACKOUT_RUNBOOKS names no folder";
  const std::vector<Row> rows = rows_of("four-systems.tsv");
  std::size_t lacking = 0;
  const std::string text = look(rows, folder, lacking);
  EXPECT_LE(lacking * 20, rows.size()) << lacking << " of " << rows.size() << " are lost:\n"
                                       << text;
}

}  // namespace
}  // namespace backout::tests
