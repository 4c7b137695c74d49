// What a PostgreSQL that is named does not have yet is refused, in its words; what it has is taken
// as without a name.
#include <gmock/gmock.h>

#include "postgres/catalog/server_version.hpp"
#include "postgres/read/sql_reader.hpp"
#include "postgres/read/statement_locks.hpp"

namespace backout::postgres {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// What the statement comes to on a server of that version (0: not said): empty when it runs or is
/// not followed, else the refusal.
std::string refusal(const std::string& statement, int server) {
  Database database;
  if (server != 0) set_server(database, server);
  const char* tables =
      "CREATE TABLE t (id int PRIMARY KEY, a int, b text); CREATE TABLE p (id int) PARTITION BY "
      "RANGE (id);"
      "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);"
      "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'";
  EXPECT_FALSE(database.run(Script::parse(tables), RunMode::statement_by_statement).refused());
  const Script script = Script::parse(statement);
  EXPECT_FALSE(script.mistake()) << statement;
  const RunResult result = database.run(script, RunMode::statement_by_statement);
  return result.refused() ? result.failures.front().result.sqlstate + " " +
                                result.failures.front().result.message
                          : "";
}

struct Case {
  int since;
  const char* statement;
  const char* said;
};

class Newer : public testing::TestWithParam<Case> {};
TEST_P(Newer, IsRefusedBeforeAndTakenSince) {
  const auto& [since, statement, said] = GetParam();
  const std::string when =
      "it came with PostgreSQL " + std::to_string(since) + ", and the server is a ";
  for (int server = kOldestServer; server <= kNewestServer; ++server) {
    const std::string message = refusal(statement, server);
    if (server < since)
      EXPECT_EQ(message, said + (": " + when) + std::to_string(server)) << statement;
    else
      EXPECT_THAT(message, testing::Not(HasSubstr("it came with")))
          << statement << " on " << server;
  }
  EXPECT_THAT(refusal(statement, 0), testing::Not(HasSubstr("it came with"))) << statement;
}
INSTANTIATE_TEST_SUITE_P(
    All, Newer,
    testing::Values(
        Case{15, "CREATE UNIQUE INDEX i ON t (a) NULLS NOT DISTINCT",
             "42601 syntax error at NULLS NOT DISTINCT"},
        Case{15, "ALTER TABLE t ADD UNIQUE NULLS NOT DISTINCT (a)",
             "42601 syntax error at NULLS NOT DISTINCT"},
        Case{15, "MERGE INTO t USING t AS s ON t.id = s.id WHEN MATCHED THEN DELETE",
             "42601 syntax error at MERGE"},
        Case{15, "CREATE VIEW v WITH (security_invoker = true) AS SELECT id FROM t",
             "22023 unrecognized parameter \"security_invoker\""},
        Case{15, "ALTER TABLE t SET ACCESS METHOD heap", "42601 syntax error at SET ACCESS METHOD"},
        Case{15,
             "CREATE TABLE c (x int, y int, FOREIGN KEY (x) REFERENCES t (id) ON DELETE SET NULL "
             "(x))",
             "42601 syntax error at ON DELETE SET ... (columns)"},
        Case{15, "ALTER TABLE t ADD CHECK (regexp_like(b, 'x'))",
             "42883 function regexp_like() does not exist"},
        Case{14, "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY",
             "42601 syntax error at DETACH PARTITION ... CONCURRENTLY"},
        Case{14, "CREATE OR REPLACE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
             "42601 syntax error at CREATE OR REPLACE TRIGGER"},
        Case{14, "ALTER TABLE t ALTER COLUMN b SET COMPRESSION pglz",
             "42601 syntax error at SET COMPRESSION"},
        Case{14, "CREATE TABLE z (b text COMPRESSION pglz)", "42601 syntax error at COMPRESSION"},
        Case{14, "CREATE FUNCTION one() RETURNS int RETURN 1",
             "42601 syntax error at a routine's body that is no string"},
        Case{14, "CREATE TABLE r (x int4multirange)",
             "42704 type \"int4multirange\" does not exist"},
        Case{14, "UPDATE t SET a = bit_count('x'::bytea)",
             "42883 function bit_count() does not exist"}));

TEST(Server, TakesWhatAllHave) {
  for (const char* statement :
       {"ALTER TABLE t ADD COLUMN c int DEFAULT 1", "CREATE UNIQUE INDEX i ON t (a)",
        "CREATE VIEW v AS SELECT id FROM t",
        "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
        "ALTER TABLE p DETACH PARTITION p1"}) {
    EXPECT_EQ(refusal(statement, kOldestServer), "") << statement;
  }
}

TEST(Server, TakesWhatTheDatabaseHasUnderTheNameOfALaterFunction) {
  const std::string made =
      "CREATE FUNCTION regexp_like(a text, b text) RETURNS boolean LANGUAGE sql IMMUTABLE AS "
      "'SELECT a ~ b';";
  EXPECT_EQ(refusal(made + "ALTER TABLE t ADD CHECK (regexp_like(b, 'x'))", kOldestServer), "");
  EXPECT_EQ(refusal(made + "ALTER TABLE t ADD CHECK (public.regexp_like(b, 'x'))", kOldestServer),
            "");
  EXPECT_THAT(
      refusal(made + "ALTER TABLE t ADD CHECK (pg_catalog.regexp_like(b, 'x'))", kOldestServer),
      HasSubstr("it came with PostgreSQL 15"));
  EXPECT_EQ(refusal("CREATE TYPE int4multirange AS (a int); CREATE TABLE r (x int4multirange)",
                    kOldestServer),
            "");
}

TEST(Server, IsASettingThatScriptsMayAsk) {
  const std::string asks =
      "DO $$ BEGIN IF current_setting('server_version_num')::int < 150000 THEN RAISE EXCEPTION "
      "'too old'; END IF; END $$";
  EXPECT_THAT(refusal(asks, 14), HasSubstr("too old"));
  EXPECT_EQ(refusal(asks, 15), "");
  EXPECT_EQ(refusal(asks, 0), "");
}

std::vector<std::string> locks(const std::string& text, int server) {
  std::vector<std::string> all;
  const Script script = Script::parse(text);
  for (const StatementLock& lock : statement_locks(script, server))
    all.push_back(lock.what + ", " + lock.mode + ": " + lock.note);
  return all;
}

TEST(Locks, SayWhatHoldsOfTheServer) {
  EXPECT_THAT(
      locks("ALTER TABLE p DETACH PARTITION p1", 0),
      ElementsAre(
          "DETACH PARTITION, ACCESS EXCLUSIVE: CONCURRENTLY, since 14: SHARE UPDATE EXCLUSIVE"));
  EXPECT_THAT(locks("ALTER TABLE p DETACH PARTITION p1", 13),
              ElementsAre("DETACH PARTITION, ACCESS EXCLUSIVE: "));
  EXPECT_THAT(
      locks("ALTER TABLE p DETACH PARTITION p1", 14),
      ElementsAre("DETACH PARTITION, ACCESS EXCLUSIVE: CONCURRENTLY: SHARE UPDATE EXCLUSIVE"));
  EXPECT_THAT(locks("ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY", 13),
              ElementsAre("refused, none: syntax error at DETACH PARTITION ... CONCURRENTLY: it "
                          "came with PostgreSQL 14, and the server is a 13"));
  EXPECT_THAT(locks("ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY", 16),
              ElementsAre("DETACH PARTITION CONCURRENTLY, SHARE UPDATE EXCLUSIVE: ACCESS EXCLUSIVE "
                          "on the partition at the end; outside a transaction"));
  EXPECT_THAT(locks("ALTER TABLE t ADD COLUMN c int DEFAULT 1", 0),
              ElementsAre("ADD COLUMN, ACCESS EXCLUSIVE: written anew before 11"));
  EXPECT_THAT(locks("ALTER TABLE t ADD COLUMN c int DEFAULT 1", 13),
              ElementsAre("ADD COLUMN, ACCESS EXCLUSIVE: "));
  EXPECT_THAT(locks("ALTER TABLE t ALTER COLUMN a SET NOT NULL", 17),
              ElementsAre("SET NOT NULL, ACCESS EXCLUSIVE: no scan where a valid CHECK (... IS NOT "
                          "NULL) proves it"));
  EXPECT_THAT(locks("ALTER TABLE t ALTER COLUMN a SET NOT NULL", 18),
              ElementsAre(HasSubstr("or a validated NOT NULL constraint proves it")));
}

}  // namespace
}  // namespace backout::postgres
