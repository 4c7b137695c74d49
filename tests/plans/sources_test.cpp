// Where the plans of the four systems say that a runbook has something, it has: sources.tsv lists
// the lines of the runbooks that the plans name, each with the words and numbers that stand there.
#include <map>
#include <regex>
#include <set>

#include "plans/plan_findings.hpp"
#include "support/places.hpp"

namespace backout::tests {
namespace {

using Words = std::vector<std::string>;

std::map<std::string, Words> runbook_lines() {
  std::map<std::string, Words> lines;
  for (const auto& row : read_table(source_path("tests/plans/sources.tsv"))) {
    if (row.size() != 2) continue;  // a line without words is no source
    std::istringstream in(row[1]);
    for (std::string word; in >> word;) lines[row[0]].push_back(word);
  }
  return lines;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// Whether the text has the word, by its first letters: "documents" is "document".
bool has(const std::string& text, const std::string& word) {
  return text.find(word.substr(0, 5)) != std::string::npos;
}

TEST(Sources, NameLinesOfTheRunbooksThatHoldWhatTheStepSays) {
  const std::map<std::string, Words> lines = runbook_lines();
  const std::regex reference(R"re(source: "(\d\d\d:\d+)")re");
  std::size_t steps = 0;
  for (const std::string& name : plan_names()) {
    if (name.ends_with("mended.yaml")) continue;
    std::istringstream in(read_file(plans_folder() / name));
    for (std::string line; std::getline(in, line);) {
      std::smatch found;
      // The last one on a line is that of the step; checks in it have their own.
      for (std::string rest = line; std::regex_search(rest, found, reference);
           rest = found.suffix()) {
        const std::string place = found[1];
        const bool last =
            !std::regex_search(found.suffix().first, found.suffix().second, reference);
        EXPECT_TRUE(lines.contains(place)) << name << ": " << place << " holds nothing";
        if (!lines.contains(place) || !last || line.find("do: ") == std::string::npos) continue;
        ++steps;
        std::string text = lower(line);
        text.erase(text.rfind(place), place.size());
        const bool said = std::ranges::any_of(
            lines.at(place), [&](const std::string& word) { return has(text, word); });
        EXPECT_TRUE(said) << name << ": " << place << " says nothing of: " << line;
      }
    }
  }
  EXPECT_GE(steps, 100U);
}

}  // namespace
}  // namespace backout::tests
