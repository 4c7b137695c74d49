// --postgres-version, postgres-version in backout.toml and `version` of a plan's service: one fact,
// three places to say it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/lines.hpp"
#include "support/process.hpp"
#include "support/repository.hpp"
#include "support/text.hpp"

namespace backout::tests {
namespace {

using testing::HasSubstr;

ProcessResult in(const TemporaryFolder& folder, const std::vector<std::string>& words) {
  return run_backout(words, "", folder.path().string());
}

void write_migrations(const TemporaryFolder& folder) {
  folder.write("db/0001_t.up.sql", "CREATE TABLE t (a int);\n");
  folder.write("db/0001_t.down.sql", "DROP TABLE t;\n");
  folder.write("db/0002_i.up.sql", "CREATE UNIQUE INDEX i ON t (a);\n");
  folder.write("db/0002_i.down.sql", "DROP INDEX i;\n");
  folder.write("db/0003_j.up.sql", "DROP INDEX i;\n");
  folder.write("db/0003_j.down.sql", "CREATE UNIQUE INDEX i ON t (a) NULLS NOT DISTINCT;\n");
}

constexpr const char* kRefused =
    "syntax error at NULLS NOT DISTINCT: it came with PostgreSQL 15, and the server is a 14";

TEST(PostgresVersion, OfTheCommandLineDecidesWhetherADownRuns) {
  const TemporaryFolder folder;
  write_migrations(folder);
  EXPECT_THAT(on_one_line(in(folder, {"migrations", "db", "--postgres-version", "14"}).out),
              HasSubstr(kRefused));
  EXPECT_THAT(on_one_line(in(folder, {"check", "--postgres-version", "14", "db"}).out),
              HasSubstr(kRefused));
  for (const char* newer : {"15", "18"}) {
    EXPECT_THAT(on_one_line(in(folder, {"migrations", "db", "--postgres-version", newer}).out),
                testing::Not(HasSubstr("it came with")))
        << newer;
  }
}

TEST(PostgresVersion, OfTheConfigurationIsTheSame) {
  const TemporaryFolder folder;
  write_migrations(folder);
  folder.write("backout.toml", "postgres-version = 14\n");
  EXPECT_THAT(on_one_line(in(folder, {"migrations", "db"}).out), HasSubstr(kRefused));
  EXPECT_THAT(in(folder, {"check", "--show-config", "db"}).out,
              HasLines("postgres-version = 14  # backout.toml"));
  EXPECT_THAT(on_one_line(in(folder, {"migrations", "db", "--postgres-version", "15"}).out),
              testing::Not(HasSubstr("it came with")))
      << "the command line is stronger";
  EXPECT_THAT(in(folder, {"migrations", "--locks", "db"}).out,
              HasSubstr("refused: none (" + std::string(kRefused) + ")"));
}

TEST(PostgresVersion, HoldsForDownsThatAreWritten) {
  const TemporaryFolder folder;
  folder.write("db/0001_t.up.sql", "CREATE TABLE t (a int);\n");
  folder.write("db/0001_t.down.sql", "DROP TABLE t;\n");
  folder.write("db/0002_i.up.sql", "CREATE UNIQUE INDEX i ON t (a) NULLS NOT DISTINCT;\n");
  EXPECT_EQ(
      in(folder, {"migrations", "--write-downs", "new", "db", "--postgres-version", "15"}).out,
      "0002_i: honest\n1 honest, 0 that lose rows, 0 not written\n");
  EXPECT_EQ(
      in(folder, {"migrations", "--write-downs", "old", "db", "--postgres-version", "14"}).out,
      "0 honest, 0 that lose rows, 0 not written\n");
}

TEST(PostgresVersion, HoldsForWhatARehearsalIsComparedWith) {
  const TemporaryFolder folder;
  write_migrations(folder);
  const std::string said =
      on_one_line(in(folder, {"rehearse", "--serve", "db", "--postgres-version", "14"}).out);
  EXPECT_THAT(said, HasSubstr("0003_j: down: no was said, PostgreSQL says yes"));
}

TEST(PostgresVersion, ThatNobodyHasIsAnError) {
  const TemporaryFolder folder;
  write_migrations(folder);
  for (const char* wrong : {"12", "19", "0"}) {
    const ProcessResult result = in(folder, {"migrations", "db", "--postgres-version", wrong});
    EXPECT_EQ(result.status, 2) << wrong;
    EXPECT_THAT(result.err,
                HasSubstr(std::string("--postgres-version takes 13 to 18, not ") + wrong));
    folder.write("backout.toml", std::string("postgres-version = ") + wrong + "\n");
    const ProcessResult configured = in(folder, {"migrations", "db"});
    EXPECT_EQ(configured.status, 3) << wrong;
    EXPECT_THAT(configured.err, HasSubstr("'postgres-version' takes 13 to 18"));
    folder.write("backout.toml", "");
  }
  folder.write("backout.toml", "postgres-version = \"14\"\n");
  EXPECT_EQ(in(folder, {"migrations", "db"}).status, 3);
}

std::string plan(const std::string& version) {
  return "backout: 1\nname: p\nservices:\n  db: {kind: postgres, " + version +
         "sql: \"CREATE TABLE t (a int)\"}\n"
         "deploy:\n  steps:\n    - {id: d, do: sql, target: db, text: \"ALTER TABLE t ADD UNIQUE "
         "NULLS NOT DISTINCT (a)\"}\n"
         "rollback:\n  steps:\n    - {id: u, do: sql, target: db, text: \"ALTER TABLE t DROP "
         "CONSTRAINT t_a_key\", undoes: [d]}\n";
}

TEST(PostgresVersion, HoldsForAPlanOnStandardInput) {
  EXPECT_THAT(on_one_line(run_backout({"check", "--postgres-version", "14", "-"}, plan("")).out),
              HasSubstr("the server is a 14"));
}

TEST(PostgresVersion, HoldsForTheBaseThatAChangeIsComparedWith) {
  const Repository repository;
  repository.write("plan.yaml", plan(""));
  repository.commit();
  repository.write("plan.yaml", "# another line\n" + plan(""));
  const ProcessResult result =
      repository.backout({"ci", "--base", "HEAD", "--postgres-version", "14", "--format", "json"});
  const nlohmann::json compared = nlohmann::json::parse(result.out)["plans"].at(0);
  EXPECT_EQ(compared["new"], nlohmann::json::array()) << "what a 14 refuses it refused before";
  EXPECT_GT(compared["unchanged"], 0);
}

TEST(PostgresVersion, OfAPlanDecidesWhetherItsDeployRuns) {
  const TemporaryFolder folder;
  folder.write("plan.yaml", plan(""));
  EXPECT_THAT(on_one_line(in(folder, {"check", "plan.yaml"}).out),
              testing::Not(HasSubstr("it came with")));
  EXPECT_THAT(on_one_line(in(folder, {"check", "--postgres-version", "14", "plan.yaml"}).out),
              HasSubstr("the server is a 14"));
  folder.write("plan.yaml", plan("version: 14, "));
  EXPECT_THAT(on_one_line(in(folder, {"check", "plan.yaml"}).out), HasSubstr("the server is a 14"));
  EXPECT_THAT(on_one_line(in(folder, {"check", "--postgres-version", "16", "plan.yaml"}).out),
              HasSubstr("the server is a 14"))
      << "the plan knows better";
  folder.write("plan.yaml", plan("version: 12, "));
  const ProcessResult wrong = in(folder, {"check", "plan.yaml"});
  EXPECT_EQ(wrong.status, 3);
  EXPECT_THAT(wrong.err, HasLines("plan.yaml:4:33: error: 'version' of 'db' is 13 to 18"));
}

}  // namespace
}  // namespace backout::tests
