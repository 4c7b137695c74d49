// `backout init`: a plan that loads from whatever a folder holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/lines.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::filesystem::path kFixtures = std::filesystem::path(kSourceDir) / "fixtures/init";

std::string plan_of(const std::filesystem::path& folder) {
  const ProcessResult result = run_backout({"init", "--output", "-", folder.string()});
  EXPECT_EQ(result.status, 0) << result.err;
  return result.out;
}

TEST(Init, MakesAPlanThatLoadsOfEveryFolder) {
  std::size_t folders = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFixtures)) {
    const std::string plan = plan_of(entry.path());
    const ProcessResult check = run_backout({"check", "--runs", "10", "-"}, plan);
    EXPECT_THAT(check.status, AnyOf(0, 1, 4)) << entry.path() << '\n' << check.err << plan;
    EXPECT_THAT(plan, HasSubstr("unknown")) << "what cannot be known";
    EXPECT_EQ(plan, plan_of(entry.path()));
    ++folders;
  }
  EXPECT_GT(folders, 8u);
}

TEST(Init, TellsKindsFromFiles) {
  const auto kind = [](const std::string& folder) {
    const std::string plan = plan_of(kFixtures / folder);
    const std::size_t begin = plan.find("  # found in");
    const std::size_t value = plan.find("kind: ", begin) + 6;
    return begin == std::string::npos ? "" : plan.substr(value, plan.find('\n', value) - value);
  };
  EXPECT_EQ(kind("compose"), "docker");
  EXPECT_EQ(kind("kubernetes"), "kubernetes");
  EXPECT_EQ(kind("fly"), "fly") << "which says more than the Dockerfile beside it";
  EXPECT_EQ(kind("vercel"), "vercel");
  EXPECT_EQ(kind("render"), "render");
  EXPECT_EQ(kind("procfile"), "app");
  EXPECT_EQ(kind("systemd"), "systemd");
  EXPECT_EQ(kind("nothing"), "");
  EXPECT_EQ(kind("terraform"), "ecs");
  EXPECT_EQ(kind("helm"), "helm");
  EXPECT_THAT(plan_of(kFixtures / "terraform"), HasLines("    uses: [db]"));
  EXPECT_THAT(plan_of(kFixtures / "terraform"), Not(HasSubstr("shop-api-role")));
}

TEST(Init, PutsTheNewestMigrationOnTheSchemaOfTheEarlierOnes) {
  const std::string plan = plan_of(kFixtures / "kubernetes");
  const std::size_t deploy = plan.find("\ndeploy:");
  const std::size_t rollback = plan.find("\nrollback:");
  EXPECT_LT(plan.find("CREATE TABLE users"), deploy);
  EXPECT_GT(plan.find("ADD COLUMN name"), deploy);
  EXPECT_LT(plan.find("ADD COLUMN name"), rollback);
  EXPECT_GT(plan.find("DROP COLUMN name"), rollback);
  EXPECT_THAT(plan,
              HasSubstr("full: {steps: [back_no_app, back_shop_api, back_migrate], full: true}"));
}

TEST(Init, SaysSoWhereAMigrationHasNoDownOrCannotBeRead) {
  EXPECT_THAT(plan_of(kFixtures / "one-way"),
              HasSubstr("undo: {none: \"the migration has no down\"}"));
  EXPECT_THAT(plan_of(kFixtures / "unparsable"), HasLines("        CREATE TABL users;"))
      << "for check to report";
}

TEST(Init, TakesADatabaseOfAComposeFileForADatabase) {
  const std::string plan = plan_of(kFixtures / "compose");
  EXPECT_THAT(plan, HasLines("    kind: postgres"));
  EXPECT_THAT(plan, HasLines("    uses: [db]"));
  EXPECT_THAT(plan, Not(HasSubstr("unit: \"database\"")));
  EXPECT_THAT(plan, Not(HasSubstr("unit: \"data\""))) << "a volume";
}

TEST(Init, NeverOverwrites) {
  const TemporaryFolder folder;
  folder.write("Procfile", "web: run\n");
  const ProcessResult first = run_backout({"init", folder.path().string()});
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("Next: backout check"));
  const std::string plan = read_file(folder.path() / "plan.yaml");
  EXPECT_THAT(plan, HasLines("backout: 1"));
  folder.write("plan.yaml", "mine");
  const ProcessResult second = run_backout({"init", folder.path().string()});
  EXPECT_EQ(second.status, 2);
  EXPECT_THAT(second.err, HasSubstr("is not overwritten"));
  EXPECT_EQ(read_file(folder.path() / "plan.yaml"), "mine");
  EXPECT_EQ(run_backout({"init", "--output", (folder.path() / "plan.yaml").string(),
                         folder.path().string()})
                .status,
            2);
  EXPECT_EQ(run_backout({"init", (folder.path() / "nowhere").string()}).status, 3);
}

TEST(Migrations, ReportTheirFindingsInTheFormatsOfCi) {
  const TemporaryFolder folder;
  folder.write("db/migrations/1_a.up.sql", "CREATE TABLE a (id int);");
  folder.write("db/migrations/1_a.down.sql", "DROP TABLE b;");
  const std::string migrations = (folder.path() / "db/migrations").string();
  const std::string json_text = run_backout({"migrations", "--format", "json", migrations}).out;
  ASSERT_THAT(json_text, HasLines("   \"rule\": \"migrations-down-fails\","));
  for (const char* format : {"sarif", "github", "gitlab", "junit", "markdown", "rdjson"}) {
    const ProcessResult result = run_backout({"migrations", "--format", format, migrations});
    EXPECT_EQ(result.status, 1) << format << result.err;
    EXPECT_THAT(result.out, HasSubstr("a.down.sql")) << format;
  }
  EXPECT_THAT(run_backout({"migrations", "--format", "github", migrations}).out,
              HasSubstr("file=" + migrations + "/1_a.down.sql,"));
  EXPECT_EQ(run_backout({"migrations", "--format", "dot", migrations}).status, 2);
}

}  // namespace
}  // namespace backout::tests
