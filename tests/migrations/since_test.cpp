// backout migrations --since: only what is new is judged, by version or by what git says.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/repository.hpp"

namespace backout::tests {
namespace {

using Names = std::vector<std::string>;

/// Three pairs, committed.
class ThreePairs : public Repository {
 public:
  ThreePairs() {
    for (const std::string name : {"1_a", "2_b", "3_c"}) {
      write("db/" + name + ".up.sql", "CREATE TABLE " + name.substr(2) + " (id integer);\n");
      write("db/" + name + ".down.sql", "DROP TABLE " + name.substr(2) + ";\n");
    }
    commit();
  }
};

Names judged(const Repository& repository, const std::string& since) {
  const ProcessResult result = repository.backout(
      {"migrations", "--since", since, "--format", "json", "--fail-on", "never", "db"});
  Names ids;
  const auto report = nlohmann::json::parse(result.out);
  for (const auto& migration : report["migrations"]) ids.push_back(migration["id"]);
  return ids;
}

TEST(MigrationsSince, AVersionOrAnIdJudgesWhatComesAfterIt) {
  const ThreePairs repository;
  EXPECT_EQ(judged(repository, "1"), (Names{"2_b", "3_c"}));
  EXPECT_EQ(judged(repository, "2_b"), Names{"3_c"});
  EXPECT_EQ(judged(repository, "3"), Names{});
}

TEST(MigrationsSince, ACommitJudgesWhatDiffersFromIt) {
  const ThreePairs repository;
  EXPECT_EQ(judged(repository, "HEAD"), Names{});
  repository.write("db/2_b.down.sql", "DROP TABLE IF EXISTS b;\n");
  repository.write("db/4_d.up.sql", "CREATE TABLE d (id integer);\n");
  repository.write("db/4_d.down.sql", "DROP TABLE d;\n");
  repository.write("elsewhere/5_e.up.sql", "CREATE TABLE e (id integer);\n");
  EXPECT_EQ(judged(repository, "HEAD"), (Names{"2_b", "4_d"}));
  repository.commit();
  EXPECT_EQ(judged(repository, "HEAD"), Names{});
  EXPECT_EQ(judged(repository, "HEAD~1"), (Names{"2_b", "4_d"}));
}

TEST(MigrationsSince, ADownThatIsGoneIsAChange) {
  const ThreePairs repository;
  repository.remove("db/2_b.down.sql");
  EXPECT_EQ(judged(repository, "HEAD"), Names{"2_b"});
}

TEST(MigrationsSince, TheOthersAreStillRun) {
  const ThreePairs repository;
  repository.write("db/4_d.up.sql", "ALTER TABLE a ADD COLUMN d integer;\n");
  repository.write("db/4_d.down.sql", "ALTER TABLE a DROP COLUMN d;\n");
  EXPECT_EQ(repository.backout({"migrations", "--since", "HEAD", "db"}).status, 0);
}

TEST(MigrationsSince, WhatIsNeitherIsSaidSo) {
  const ThreePairs repository;
  const ProcessResult result = repository.backout({"migrations", "--since", "9", "db"});
  EXPECT_EQ(result.status, 3);
  EXPECT_EQ(result.err,
            "backout: --since: no migration of 'db' is called '9'; git knows no commit '9'; a "
            "shallow clone may lack it (fetch more history)\n");
}

TEST(MigrationsTogether, FoldersAreOneChainByVersion) {
  const Repository repository;
  repository.write("one/1_a.up.sql", "CREATE TABLE a (id integer);\n");
  repository.write("one/1_a.down.sql", "DROP TABLE a;\n");
  repository.write("two/2_b.up.sql", "ALTER TABLE a ADD COLUMN b integer;\n");
  repository.write("two/2_b.down.sql", "ALTER TABLE a DROP COLUMN b;\n");
  EXPECT_EQ(repository.backout({"migrations", "one", "two"}).status, 1)
      << "the second chain has no table 'a'";
  EXPECT_EQ(repository.backout({"migrations", "--together", "one", "two"}).status, 0);
}

}  // namespace
}  // namespace backout::tests
