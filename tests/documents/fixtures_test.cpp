// fixtures/documents/<rule>/{bad,good}_*.md|sh: what all document rules say of each, as an exact
// set of comments in it:
//   <!-- error[rule] 12: message -->      in Markdown        # error[rule] 12: message      in
//   shell
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analyzer/documents/rule.hpp"
#include "importers/document/document.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = kSourceDir;

std::vector<std::string> expected(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    for (const std::string severity : {"error[", "warning[", "note["}) {
      const bool markdown = line.starts_with("<!-- " + severity) && line.ends_with(" -->");
      const bool shell = line.starts_with("# " + severity);
      if (markdown) all.push_back(line.substr(5, line.size() - 9));
      if (shell) all.push_back(line.substr(2));
    }
  }
  return all;
}

std::vector<model::Finding> findings_of(const fs::path& file, const std::string& text,
                                        model::Sources& sources) {
  const std::uint32_t index = sources.add(file.filename().string(), text);
  const importers::Document document =
      file.extension() == ".sh" ? importers::read_script(text, index, file.filename().string())
                                : importers::read_document(text, index, file.filename().string());
  // `project` beside a fixture is the repository that it stands in.
  importers::Repository repository = importers::read_repository(file.parent_path() / "project");
  repository.is_whole = true;
  const bool has_project = fs::is_directory(file.parent_path() / "project");
  return analyzer::document_findings(
      {document, sources, [&] { return has_project ? &repository : nullptr; }, ""});
}

/// Folders of one person's machine, put together here so that no such path stands in the tree.
TEST(WorkstationPaths, AreThoseOfOnePersonsMachine) {
  const auto is_reported = [](const std::string& path) {
    model::Sources sources;
    const std::string text =
        "# Rollback\n\n## Roll back the code\n\n```bash\ncd " + path + "\nmake deploy\n```\n";
    const auto findings = findings_of(kRoot / "fixtures/documents/runbook.md", text, sources);
    return std::any_of(findings.begin(), findings.end(), [](const model::Finding& each) {
      return each.rule == "runbook-workstation-path";
    });
  };
  const std::string users = "/Users";
  EXPECT_TRUE(is_reported(users + "/anna/shop"));
  EXPECT_TRUE(is_reported("~/Desktop/shop"));
  EXPECT_FALSE(is_reported("/srv/shop" + users + "/anna"));
  EXPECT_FALSE(is_reported("/srv/shop"));
}

TEST(DocumentFixtures, SayExactlyWhatTheRulesReport) {
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "fixtures/documents")) {
    if (!entry.is_regular_file() ||
        entry.path().lexically_relative(kRoot).string().find("/project/") != std::string::npos)
      continue;
    const std::string text = tests::read_file(entry.path());
    model::Sources sources;
    std::vector<std::string> found;
    for (const model::Finding& finding : findings_of(entry.path(), text, sources)) {
      static constexpr const char* kNames[] = {"note", "warning", "error"};
      found.push_back(fmt::format("{}[{}] {}: {}", kNames[static_cast<int>(finding.severity)],
                                  finding.rule, sources.place(finding.span).line, finding.message));
    }
    EXPECT_THAT(found, testing::UnorderedElementsAreArray(expected(text))) << entry.path();
    const bool good = entry.path().filename().string().starts_with("good_");
    EXPECT_EQ(found.empty(), good) << entry.path();
    ++files;
  }
  EXPECT_GT(files, 0u);
}

TEST(DocumentRules, HaveAPageAndFixturesOfBothKinds) {
  for (const analyzer::DocumentRule& rule : analyzer::document_rules()) {
    EXPECT_THAT(tests::read_file(kRoot / "docs/rules" / (std::string(rule.id) + ".md")),
                testing::HasSubstr("runbook"))
        << rule.id;
    std::set<std::string> kinds;
    const fs::path folder = kRoot / "fixtures/documents" / rule.id;
    ASSERT_TRUE(fs::is_directory(folder)) << rule.id;
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.is_regular_file()) kinds.insert(entry.path().filename().string().substr(0, 4));
    }
    EXPECT_EQ(kinds, (std::set<std::string>{"bad_", "good"})) << rule.id;
  }
}

TEST(RulePages, HaveHeadingsWithNothingBehindThem) {
  static const std::set<std::string> kHeadings = {"## Why",
                                                  "## Reported",
                                                  "## Silent",
                                                  "## Cannot see",
                                                  "## What it cannot see",
                                                  "## Fix",
                                                  "## In a runbook or script",
                                                  "## Example",
                                                  "## Source"};
  std::size_t pages = 0;
  for (const auto& entry : fs::directory_iterator(kRoot / "docs/rules")) {
    if (entry.path().extension() != ".md") continue;
    std::istringstream in(tests::read_file(entry.path()));
    for (std::string line; std::getline(in, line);) {
      EXPECT_TRUE(!line.starts_with("## ") || kHeadings.contains(line))
          << entry.path().filename() << ": " << line;
    }
    ++pages;
  }
  EXPECT_GE(pages, analyzer::document_rules().size());
}

TEST(DocumentRules, AreOnceInTheList) {
  std::set<std::string> ids;
  for (const analyzer::DocumentRule& rule : analyzer::document_rules())
    EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
  EXPECT_FALSE(ids.empty());
}

}  // namespace
}  // namespace backout
