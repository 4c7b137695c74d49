// `backout check DIR`: the migrations of a folder beside its plans and runbooks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/process.hpp"

namespace backout::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// A repository whose second migration loses a column.
struct Shop : TemporaryFolder {
  Shop() {
    write("db/001_a.up.sql", "CREATE TABLE a (id int PRIMARY KEY, name text);\n");
    write("db/001_a.down.sql", "DROP TABLE a;\n");
    write("db/002_b.up.sql", "ALTER TABLE a DROP COLUMN name;\n");
    write("db/002_b.down.sql", "ALTER TABLE a ADD COLUMN name text;\n");
    git("init -q .");
  }

  void git(const std::string& arguments) const {
    const std::string command = "git -c user.name=t -c user.email=t@example.org " + arguments;
    EXPECT_EQ(run_process({"sh", "-c", command}, "", path().string()).status, 0) << command;
  }

  /// "db/002_b.up.sql migrations-data-lost" of each finding.
  std::vector<std::string> found(std::vector<std::string> options, int status) const {
    std::vector<std::string> command = {"check", "--format", "json", path().string()};
    command.insert(command.end(), options.begin(), options.end());
    const ProcessResult result = run_backout(command);
    EXPECT_EQ(result.status, status) << result.out << result.err;
    std::vector<std::string> all;
    if (result.out.empty()) return all;
    const std::string prefix = path().lexically_normal().string() + "/";
    const nlohmann::json report = nlohmann::json::parse(result.out);
    for (const nlohmann::json& plan :
         report.contains("plans") ? report["plans"] : nlohmann::json::array({report})) {
      for (const nlohmann::json& finding : plan.at("findings")) {
        std::string file = finding.at("file");
        if (file.starts_with(prefix)) file = file.substr(prefix.size());
        all.push_back(file + " " + std::string(finding.at("rule")));
      }
    }
    return all;
  }
};

TEST(CheckFolder, JudgesTheMigrationsThatNoPlanNames) {
  const Shop shop;
  EXPECT_THAT(shop.found({}, 1), ElementsAre("db/002_b.up.sql migrations-data-lost"));
  EXPECT_THAT(shop.found({"--ignore", "migrations"}, 0), IsEmpty());
  EXPECT_THAT(shop.found({"--exclude", "db"}, 2), IsEmpty());
}

TEST(CheckFolder, LeavesMigrationsToThePlanThatNamesTheirFolder) {
  const Shop shop;
  shop.write("plan.yaml", R"(backout: 1
name: shop
services:
  db: {kind: postgres, migrations: db, migrated_to: 002_b}
  conf: {kind: config, items: {a: "1"}}
deploy:
  steps:
    - {id: set_a, do: set, target: conf, key: a, value: "2"}
rollback:
  paths: {full: {steps: [back], full: true}}
  steps:
    - {id: back, do: set, target: conf, key: a, value: "1", undoes: [set_a]}
)");
  for (const std::string& each : shop.found({"--fail-on", "never"}, 0))
    EXPECT_THAT(each, ::testing::Not(HasSubstr("migrations-"))) << each;
}

TEST(CheckFolder, LeavesOutWhatGitIgnoresAndWhatDidNotChange) {
  const Shop shop;
  shop.git("add -A");
  shop.git("commit -qm a");
  shop.write("db/003_c.up.sql", "ALTER TABLE a ADD COLUMN n int;\n");
  shop.write("db/003_c.down.sql", "ALTER TABLE a DROP COLUMN m;\n");
  EXPECT_THAT(shop.found({"--since", "HEAD"}, 1),
              ElementsAre("db/003_c.down.sql migrations-down-fails"));
  shop.git("rm -rq --cached db");
  shop.write(".gitignore", "db\n");
  EXPECT_THAT(run_backout({"check", shop.path().string()}).err, HasSubstr("nothing to check in "));
}

TEST(CheckFolder, SaysOnceThatAChainHasNoDowns) {
  const TemporaryFolder folder;
  for (const char* id : {"1_a", "2_b", "3_c"})
    folder.write(std::string("migrations/") + id + "/migration.sql",
                 std::string("CREATE TABLE t") + id[0] + " (id int);\n");
  const ProcessResult result = run_backout({"check", folder.path().string()});
  EXPECT_EQ(result.status, 0) << result.out;
  EXPECT_THAT(result.out, HasSubstr("3_c/migration.sql:1:1"));
  EXPECT_THAT(result.out, HasSubstr("none of the 3 migrations of "));
  EXPECT_THAT(result.out, HasSubstr("0 errors, 1 warning, 0 notes"));
  // Of some of a chain nothing is said about all.
  const std::string later = run_backout({"check", "--since", "1_a", folder.path().string()}).out;
  EXPECT_THAT(later, Not(HasSubstr("none of the")));
  EXPECT_THAT(later, HasSubstr("2_b/migration.sql:1:1"));
  EXPECT_THAT(later, HasSubstr("3_c/migration.sql:1:1"));
  EXPECT_THAT(later, HasSubstr("0 errors, 2 warnings, 0 notes"));
}

TEST(CheckFolder, IsIncompleteWhereAMigrationIsUnknown) {
  const TemporaryFolder folder;
  folder.write("db/1_a.up.sql", "CREATE TABLE a (id int);\n");
  folder.write("db/1_a.down.sql", "DO LANGUAGE plperl $$ drop_it(); $$;\n");
  const ProcessResult result = run_backout({"check", "--fail-on", "never", folder.path().string()});
  EXPECT_EQ(result.status, 4) << result.out;
  EXPECT_EQ(result.err,
            "backout: the verdict is incomplete: a migration or a cell of the matrix is UNKNOWN, "
            "or a limit was reached\n");
}

TEST(CheckFolder, SaysNothingIsThereOfAnEmptyFolderBesideAnother) {
  const Shop shop;
  const TemporaryFolder empty;
  const ProcessResult result = run_backout({"check", shop.path().string(), empty.path().string()});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("nothing to check in '" + empty.path().string() + "'"));
}

TEST(CheckFolder, IsFineWhereMigrationsAreThereAndNoneChanged) {
  const Shop shop;
  shop.git("add -A");
  shop.git("commit -qm a");
  const ProcessResult result = run_backout({"check", "--since", "HEAD", shop.path().string()});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.err, "backout: no plan changed\n");
}

TEST(CheckFolder, IsInvalidWhereMigrationsCannotBeReadAndSaysWhy) {
  const Shop shop;
  const TemporaryFolder outside;
  std::filesystem::create_symlink(outside.write("x.sql", "SELECT 1;\n"),
                                  shop.path() / "db/003_c.up.sql");
  const ProcessResult result = run_backout({"check", shop.path().string()});
  EXPECT_EQ(result.status, 3) << result.out;
  EXPECT_THAT(result.err, HasSubstr("the file is a link that leads out of the folder"));
}

TEST(CheckFolder, NamesMigrationsOfAnotherDatabase) {
  const TemporaryFolder folder;
  folder.write("alembic.ini", "[alembic]\nscript_location = alembic\n");
  folder.write("alembic/versions/1_a.py",
               "from alembic import op\nrevision = '1'\ndown_revision = None\ndef upgrade():\n    "
               "op.create_table('a')\ndef downgrade():\n    op.drop_table('a')\n");
  const ProcessResult result = run_backout({"check", folder.path().string()});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("Alembic"));
}

TEST(CheckFolder, TellsWhatAFolderLeavesOut) {
  const Shop shop;
  shop.write("db/004_d.down.sql", "DROP TABLE nothing;\n");
  EXPECT_THAT(shop.found({}, 1), ::testing::Contains("db/004_d.down.sql migrations-folder"));
}

}  // namespace
}  // namespace backout::tests
