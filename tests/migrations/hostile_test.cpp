// Migrations that nobody should write: each gets a placed message and an exit status of the
// contract, none a crash.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

using testing::HasSubstr;

struct Hostile {
  const char* name;
  std::string up;
  const char* message;  ///< part of what is said of it
  int line;             ///< where
};

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t at = 0; at < times; ++at) result += text;
  return result;
}

std::vector<Hostile> hostiles() {
  const std::string fine = "CREATE TABLE a (id integer);\n";
  return {
      {"deep parentheses",
       fine + "SELECT " + repeated("(", 20'000) + "1" + repeated(")", 20'000) + ";\n", "", 2},
      {"deep operators", fine + "SELECT " + repeated("1 + ", 5'000) + "1 FROM a;\n", "too deeply",
       2},
      {"endless operators", fine + "SELECT " + repeated("f(1, 2) + ", 300'000) + "1 FROM a;\n",
       "too deeply", 2},
      {"endless unions", fine + repeated("SELECT 1 UNION ALL ", 200'000) + "SELECT 1;\n",
       "too deeply", 2},
      {"deep negations", fine + "SELECT " + repeated("NOT ", 3'000) + "true;\n", "too deeply", 2},
      {"deep subqueries",
       fine + repeated("SELECT * FROM (", 5'000) + "SELECT 1" + repeated(") x", 5'000) + ";\n", "",
       2},
      {"NUL byte", fine + std::string("SELECT 'a\0b';\n", 14), "byte", 2},
      {"invalid UTF-8", fine + "SELECT 'a\xff\xfe';\n", "byte", 2},
      {"unterminated string", fine + "SELECT 'a;\n", "unterminated quoted string", 2},
      {"unterminated dollar quote", fine + "DO $x$ BEGIN;\n", "unterminated dollar-quoted string",
       2},
      {"unterminated comment", fine + "/* SELECT 1;\n", "unterminated", 2},
      {"deep PL/pgSQL",
       fine + "DO $$ BEGIN " + repeated("IF true THEN ", 2'000) + "NULL; " +
           repeated("END IF; ", 2'000) + "END $$;\n",
       "a PL/pgSQL body that cannot be read", 2},
      {"endless loop", fine + "DO $$ BEGIN LOOP INSERT INTO a VALUES (1); END LOOP; END $$;\n",
       "a long loop", 2},
      {"braces of a template", fine + "CREATE TABLE {{ name }} (id integer);\n",
       "the placeholder {{ name }} has no value", 2},
      {"variable of a template", fine + "CREATE TABLE ${NAME} (id integer);\n",
       "the placeholder ${NAME} has no value", 2},
      {"ERB", fine + "CREATE TABLE <%= name %> (id integer);\n", "syntax error", 2},
      {"psql \\copy", fine + "\\copy a FROM 'a.csv'\n", "not known: a command of psql", 2},
      {"psql \\connect", fine + "\\connect other\nCREATE TABLE b (id integer);\n",
       "not known: a command of psql", 2},
      {"psql \\i", fine + "\\i other.sql\n", "the psql command \\i is not followed", 2},
      {"psql \\gexec", fine + "SELECT 'CREATE TABLE b (id integer)'\n\\gexec\n",
       "the psql command \\gexec is not followed", 3},
      {"psql variable", fine + "CREATE TABLE :name (id integer);\n",
       "the placeholder :name has no value", 2},
  };
}

/// A few hundred bytes that double what they hold with every statement end as soon as others.
TEST(HostileMigrations, WhatDoublesEnds) {
  std::string views = "CREATE VIEW v0 AS SELECT * FROM a;\n";
  for (int i = 1; i < 40; ++i)
    views += fmt::format("CREATE VIEW v{0} AS SELECT x.id FROM v{1} x, v{1} y;\n", i, i - 1);
  for (const std::string& more :
       {repeated("UPDATE a SET t = t || t || t || t;\n", 60),
        repeated("UPDATE a SET t = repeat(t, 100);\n", 12),
        repeated("UPDATE a SET t = concat(t, t, t);\n", 60),
        std::string("UPDATE a SET t = replace(repeat('a', 10000), 'a', repeat('b', 100000));\n"),
        repeated("UPDATE a SET t = format('%s%s%s', t, t, t);\n", 60), views}) {
    const TemporaryFolder folder;
    folder.write("1_a.up.sql",
                 "CREATE TABLE a (id integer, t text);\nINSERT INTO a VALUES (1, 'aaaaaaaaaa');\n");
    folder.write("1_a.down.sql", "DROP TABLE a;\n");
    folder.write("2_b.up.sql", more);
    folder.write("2_b.down.sql", "DELETE FROM a;\n");
    const ProcessResult result =
        run_process({"sh", "-c",
                     "ulimit -v 2000000; exec timeout 60 " + shell_quote(kProgram) +
                         " migrations " + shell_quote(folder.path().string())});
    EXPECT_LT(result.status, 5) << more.substr(0, 60) << result.err;
  }
}

TEST(HostileMigrations, EachIsToldWithItsPlace) {
  for (const Hostile& hostile : hostiles()) {
    const TemporaryFolder folder;
    folder.write("1_a.up.sql", hostile.up);
    folder.write("1_a.down.sql", "DROP TABLE a;\n");
    const ProcessResult result =
        run_backout({"migrations", "--format", "json", folder.path().string()});
    ASSERT_TRUE(result.status == 0 || result.status == 1 || result.status == 4)
        << hostile.name << ": " << result.status << "\n"
        << result.err;
    const auto report = nlohmann::json::parse(result.out);
    std::string told;
    for (const auto& finding : report["findings"])
      told +=
          fmt::format("{}: {}\n", finding["line"].dump(), finding["message"].get<std::string>());
    for (const auto& note : report["notes"])
      told += fmt::format("{}: {}\n", note["line"].dump(), note["message"].get<std::string>());
    EXPECT_THAT(told, HasSubstr(hostile.message)) << hostile.name;
    EXPECT_THAT(told, HasSubstr(fmt::format("{}: ", hostile.line))) << hostile.name << "\n" << told;
  }
}

TEST(HostileMigrations, AreNeverHonestInAPlan) {
  for (const Hostile& hostile : hostiles()) {
    const TemporaryFolder folder;
    folder.write("db/1_a.up.sql", hostile.up);
    folder.write("db/1_a.down.sql", "DROP TABLE a;\n");
    const std::string plan = folder.write("plan.yaml",
                                          "backout: 1\nservices: {db: {kind: postgres, migrations: "
                                          "db}}\ndeploy: {steps: [{id: s, migrations: db}]}\n");
    const ProcessResult result =
        run_backout({"check", "--runs", "0", "--unknown", "fail", "--format", "json", plan});
    ASSERT_TRUE(result.status == 0 || result.status == 1 || result.status == 4)
        << hostile.name << ": " << result.status << "\n"
        << result.err;
    std::string told;
    const auto report = nlohmann::json::parse(result.out);
    for (const auto& finding : report["findings"]) {
      told += fmt::format("{}:{}: {}\n", finding["file"].get<std::string>(), finding["line"].dump(),
                          finding["message"].get<std::string>());
    }
    EXPECT_THAT(told, HasSubstr(hostile.message)) << hostile.name;
    EXPECT_THAT(told, HasSubstr(fmt::format("db/1_a.up.sql:{}: ", hostile.line)))
        << hostile.name << "\n"
        << told;
  }
}

TEST(HostileMigrations, LongListsAreNoDeepNesting) {
  const TemporaryFolder folder;
  folder.write("1_a.up.sql", "CREATE TABLE a (b integer);\nDELETE FROM a WHERE b IN (" +
                                 repeated("-1, ", 30'000) + "1) OR " +
                                 repeated("b = 2 OR ", 30'000) + "b = 3;\n");
  folder.write("1_a.down.sql", "DROP TABLE a;\n");
  EXPECT_EQ(run_backout({"migrations", folder.path().string()}).status, 0);
}

TEST(HostileMigrations, RowsWithoutEndAreNotAllMade) {
  const TemporaryFolder folder;
  folder.write("1_a.up.sql", "CREATE TABLE a (b integer);\nINSERT INTO a VALUES (1);\n" +
                                 repeated("INSERT INTO a SELECT * FROM a;\n", 40));
  folder.write("1_a.down.sql", "DROP TABLE a;\n");
  EXPECT_EQ(run_backout({"migrations", folder.path().string()}).status, 0);
}

TEST(HostileMigrations, ViewsUponViewsAreNoCrash) {
  std::string up = "CREATE TABLE a (b integer);\nCREATE VIEW v0 AS SELECT * FROM a;\n";
  for (int i = 1; i < 3'000; ++i)
    up += fmt::format("CREATE VIEW v{} AS SELECT * FROM v{};\n", i, i - 1);
  const TemporaryFolder folder;
  folder.write("1_a.up.sql", up);
  folder.write("1_a.down.sql", "DROP TABLE a CASCADE;\n");
  folder.write("2_b.up.sql", "CREATE TABLE b AS SELECT * FROM v2999;\n");
  folder.write("2_b.down.sql", "DROP TABLE b;\n");
  EXPECT_EQ(run_backout({"migrations", folder.path().string()}).status, 4);
}

TEST(HostileMigrations, AStatementOfTenMegabytesIsRead) {
  const TemporaryFolder folder;
  folder.write("1_a.up.sql", "CREATE TABLE a (b text);\nINSERT INTO a VALUES ('" +
                                 std::string(10'000'000, 'x') + "');\n");
  folder.write("1_a.down.sql", "DROP TABLE a;\n");
  EXPECT_EQ(run_backout({"migrations", folder.path().string()}).status, 0);
}

}  // namespace
}  // namespace backout::tests
