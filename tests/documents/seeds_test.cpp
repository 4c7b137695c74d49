// The runbooks of four systems, in our own words with the defects of theirs (seeds/*.md): which of
// the defects `check` reports at the right line (seeds.tsv), and that it says nothing of what is
// right (traps.tsv).
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/places.hpp"
#include "support/process.hpp"
#include "support/table.hpp"

namespace backout::tests {
namespace {

const std::filesystem::path kSeeds = std::filesystem::path(kSourceDir) / "tests/documents/seeds";

struct Row {
  std::string document;
  int line = 0;  ///< 0: anywhere
  std::string rule;
  std::string says;
};

std::vector<Row> rows_of(const std::string& name) {
  std::vector<Row> rows;
  for (const auto& row : read_table(kSeeds / name))
    rows.push_back({row.at(0), std::stoi(row.at(1)), row.at(2), row.at(3)});
  return rows;
}

/// Rules by document and line, related places with them.
std::set<std::tuple<std::string, int, std::string>> reported() {
  std::set<std::tuple<std::string, int, std::string>> all;
  const TemporaryFolder folder;
  std::set<std::string> documents;
  for (const Row& row : rows_of("seeds.tsv")) documents.insert(row.document);
  for (const std::string& document : documents) {
    const std::string file = folder.write(document, read_file(kSeeds / document));
    const ProcessResult result =
        run_backout({"check", "--fail-on", "never", "--format", "json", file});
    EXPECT_EQ(result.status, 0) << document << result.err;
    const nlohmann::json report = nlohmann::json::parse(result.out);
    for (const auto& finding : report.at("findings")) {
      const std::string rule = finding.at("rule");
      all.emplace(document, finding.at("line").get<int>(), rule);
      all.emplace(document, 0, rule);
    }
  }
  return all;
}

TEST(Seeds, AreReportedAtTheirLines) {
  const auto found = reported();
  std::size_t hits = 0;
  const std::vector<Row> rows = rows_of("seeds.tsv");
  std::string missed;
  for (const Row& row : rows) {
    const bool hit = found.contains({row.document, row.line, row.rule});
    hits += hit ? 1 : 0;
    if (!hit)
      missed +=
          row.document + ":" + std::to_string(row.line) + " " + row.rule + " " + row.says + "\n";
  }
  EXPECT_GE(rows.size(), 60u);
  EXPECT_GE(hits * 100, rows.size() * 90) << hits << " of " << rows.size() << ", missed:\n"
                                          << missed;
}

TEST(Seeds, WhatIsRightIsNotReported) {
  const auto found = reported();
  for (const Row& row : rows_of("traps.tsv")) {
    EXPECT_FALSE(found.contains({row.document, row.line, row.rule}))
        << row.document << ":" << row.line << " " << row.says;
  }
}

}  // namespace
}  // namespace backout::tests
