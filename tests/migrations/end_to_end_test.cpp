// backout migrations, as users run it, on fixtures/migrations: what it prints is compared as a
// whole with expect.txt and expect.json beside the folder. BACKOUT_UPDATE=1 writes them.

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "analyzer/migrations/rules.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::filesystem::path kFixtures =
    std::filesystem::path(kSourceDir) / "fixtures" / "migrations";

/// The folders below `folder`, by name.
std::vector<std::filesystem::path> folders_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> folders;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

/// Runs it from `folder`, so that paths in reports are short and the same everywhere.
ProcessResult migrations(const std::filesystem::path& folder, const std::string& arguments) {
  return run_process({"sh", "-c",
                      fmt::format("cd {} && {} migrations {}", shell_quote(folder.string()),
                                  shell_quote(kProgram), arguments)});
}

void expect_file(const std::filesystem::path& file, const std::string& text) {
  if (std::getenv("BACKOUT_UPDATE") != nullptr) std::ofstream(file, std::ios::binary) << text;
  EXPECT_EQ(text, read_file(file)) << file;
}

/// Compares both reports of the folder with those beside it; the result is the JSON one.
nlohmann::json expect_reports(const std::filesystem::path& folder) {
  expect_file(folder / "expect.txt", migrations(folder, "--verbose db").out);
  nlohmann::json report = nlohmann::json::parse(migrations(folder, "--format json db").out);
  report["backout"] = "any";
  expect_file(folder / "expect.json", report.dump(1) + "\n");
  return report;
}

std::vector<std::string> values(const nlohmann::json& list, const char* key) {
  std::vector<std::string> found;
  for (const auto& item : list) found.push_back(item[key]);
  return found;
}

TEST(MigrationsEndToEnd, EveryConventionIsFoundByItself) {
  for (const auto& folder : folders_in(kFixtures / "conventions")) {
    const auto report = expect_reports(folder);
    EXPECT_THAT(values(report["migrations"], "verdict"),
                testing::ElementsAre("honest", "broken", "unknown"))
        << folder;
    EXPECT_EQ(migrations(folder, "db").status, 1) << folder;
  }
}

TEST(MigrationsEndToEnd, EveryRuleHasABadAndAGoodFolder) {
  std::vector<std::string> with_fixtures;
  for (const auto& folder : folders_in(kFixtures / "rules")) {
    const std::string rule = folder.filename().string();
    with_fixtures.push_back(rule);
    EXPECT_THAT(values(expect_reports(folder / "bad")["findings"], "rule"), Contains(rule));
    EXPECT_THAT(values(expect_reports(folder / "good")["findings"], "rule"), Not(Contains(rule)));
  }
  std::vector<std::string> rules;
  for (const auto& rule : analyzer::migration_rules()) rules.emplace_back(rule.id);
  EXPECT_THAT(with_fixtures, testing::UnorderedElementsAreArray(rules));
}

TEST(MigrationsEndToEnd, DishonestDownsAreReportedAndTheirBaseIsNot) {
  const auto folders = folders_in(kFixtures / "dishonest");
  EXPECT_EQ(folders.size(), 9u);
  for (const auto& folder : folders) {
    const auto report = expect_reports(folder);
    EXPECT_THAT(values(report["migrations"], "verdict"), testing::ElementsAre("honest", "broken"))
        << folder;
    EXPECT_EQ(migrations(folder, "db").status, 1) << folder;
  }
}

TEST(MigrationsEndToEnd, AnHonestPairIsSilent) {
  TemporaryFolder folder;
  folder.write("1_a.up.sql", "CREATE TABLE a (id integer);\n");
  folder.write("1_a.down.sql", "DROP TABLE a;\n");
  const ProcessResult result = migrations(folder.path(), ".");
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.err, IsEmpty());
  EXPECT_THAT(result.out, Not(HasSubstr("[migrations-")));
}

TEST(MigrationsEndToEnd, TheSchemaBeforeTheFirstMigrationIsGiven) {
  TemporaryFolder folder;
  folder.write("schema.sql", "CREATE TABLE a (id integer);\n");
  folder.write("db/1_b.up.sql", "ALTER TABLE a ADD COLUMN b text;\n");
  folder.write("db/1_b.down.sql", "ALTER TABLE a DROP COLUMN b;\n");
  EXPECT_EQ(migrations(folder.path(), "db").status, 1);
  EXPECT_EQ(migrations(folder.path(), "--schema schema.sql db").status, 0);
  EXPECT_EQ(migrations(folder.path(), "--schema nowhere.sql db").status, 3);
}

TEST(MigrationsEndToEnd, TheChainRollsBackToWhereItStops) {
  TemporaryFolder folder;
  folder.write("1_a.up.sql", "CREATE TABLE a (id integer PRIMARY KEY);\n");
  folder.write("1_a.down.sql", "DROP TABLE a;\n");
  folder.write("2_b.up.sql", "CREATE TABLE b (a integer REFERENCES a);\n");
  folder.write("2_b.down.sql", "SELECT 1;\n");
  folder.write("3_c.up.sql", "CREATE TABLE c (id integer);\n");
  folder.write("3_c.down.sql", "DROP TABLE c;\n");
  const auto chain =
      nlohmann::json::parse(migrations(folder.path(), "--format json .").out)["chains"][0];
  EXPECT_EQ(chain["migrations"], 3);
  EXPECT_EQ(chain["undone"], 2);
  EXPECT_EQ(chain["stopped_at"], "1_a");
}

}  // namespace
}  // namespace backout::tests
