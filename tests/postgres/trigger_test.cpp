#include <string>

#include <gtest/gtest.h>

#include "last_of.hpp"

namespace backout::postgres {
namespace {

constexpr const char* kTable = "CREATE TABLE t (id int, kind text, touched int)";
constexpr const char* kRow = "INSERT INTO t VALUES (1, 'a', 0)";

std::string function(const std::string& body) {
  return "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + body + " END $$";
}

std::string trigger(const std::string& when) {
  return "CREATE TRIGGER g " + when + " ON t FOR EACH ROW EXECUTE FUNCTION f()";
}

TEST(Triggers, BeforeRowsChangeTheRow) {
  const std::string body = function("NEW.touched := OLD.touched + 1; RETURN NEW;");
  EXPECT_EQ(last_of({kTable, kRow, body, trigger("BEFORE UPDATE"), "UPDATE t SET kind = 'b'",
                     "ALTER TABLE t ADD CHECK (touched = 1)"}),
            "");
  EXPECT_EQ(last_of({kTable, kRow, body, trigger("BEFORE UPDATE OF id"), "UPDATE t SET kind = 'b'",
                     "ALTER TABLE t ADD CHECK (touched = 1)"}),
            "23514");
  EXPECT_EQ(
      last_of({kTable, kRow, body, trigger("BEFORE UPDATE"), "ALTER TABLE t DISABLE TRIGGER g",
               "UPDATE t SET kind = 'b'", "ALTER TABLE t ADD CHECK (touched = 1)"}),
      "23514");
}

TEST(Triggers, ReturnACopyOfTheRow) {
  const std::string copies =
      "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS"
      " $$ DECLARE _made record; BEGIN _made := NEW; _made.\"touched\" = 3; RETURN _made; END $$";
  EXPECT_EQ(last_of({kTable, kRow, copies, trigger("BEFORE UPDATE"), "UPDATE t SET id = 2",
                     "ALTER TABLE t ADD CHECK (touched = 3 AND id = 2)"}),
            "");
}

TEST(Triggers, SeeNoCustomSettingThatNothingSet) {
  const std::string body = function("NEW.kind := current_setting('app.who', true); RETURN NEW;");
  EXPECT_EQ(last_of({kTable, body, trigger("BEFORE INSERT"), kRow,
                     "ALTER TABLE t ALTER kind SET NOT NULL"}),
            "23502");
  EXPECT_EQ(last_of({kTable, body, trigger("BEFORE INSERT"), "SET app.who = 'me'", kRow,
                     "ALTER TABLE t ADD CHECK (kind = 'me')"}),
            "");
  EXPECT_EQ(last_of({kTable, kRow, "UPDATE t SET kind = current_setting('app.who')"}), "42704");
}

TEST(Triggers, AskAboutTheFieldsOfARow) {
  const std::string body = function(
      "IF to_jsonb(NEW) ? 'touched' AND (to_jsonb(NEW) ->> 'id')::int = 2 AND OLD IS DISTINCT FROM "
      "NEW THEN"
      " NEW.touched := 9; END IF; RETURN NEW;");
  EXPECT_EQ(last_of({kTable, kRow, body, trigger("BEFORE UPDATE"), "UPDATE t SET id = 2",
                     "ALTER TABLE t ADD CHECK (touched = 9)"}),
            "");
  EXPECT_EQ(last_of({kTable, kRow, body, trigger("BEFORE UPDATE"), "UPDATE t SET id = 3",
                     "ALTER TABLE t ADD CHECK (touched = 9)"}),
            "23514");
}

TEST(Triggers, ReadFunctionsInFrom) {
  const std::string one =
      "CREATE FUNCTION me() RETURNS t LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$";
  const std::string all =
      "CREATE FUNCTION those(lowest int) RETURNS TABLE(id int, \"Kind\" text) LANGUAGE sql AS"
      " $$ SELECT id, kind FROM t WHERE id >= lowest $$";
  const std::string body = function(
      "NEW.kind := (SELECT kind FROM me()); NEW.touched := (SELECT count(\"Kind\") FROM those(1)); "
      "RETURN NEW;");
  EXPECT_EQ(last_of({kTable, kRow, one, all, body, trigger("BEFORE INSERT"),
                     "INSERT INTO t VALUES (0, 'a', 5)",
                     "ALTER TABLE t ADD CHECK (id = 1 OR (touched = 1 AND kind IS NULL))"}),
            "");
}

TEST(Triggers, ReturningNullDropsTheRow) {
  const std::string body = function("IF TG_OP = 'DELETE' THEN RETURN NULL; END IF; RETURN NEW;");
  EXPECT_EQ(last_of({kTable, kRow, body, trigger("BEFORE DELETE OR INSERT"), "DELETE FROM t", kRow,
                     "CREATE UNIQUE INDEX ON t (id)"}),
            "23505");
}

TEST(Triggers, RefuseTheStatement) {
  const std::string body =
      function("IF NEW.kind = 'bad' THEN RAISE EXCEPTION 'no'; END IF; RETURN NULL;");
  EXPECT_EQ(last_of({kTable, body, trigger("AFTER INSERT"), "INSERT INTO t VALUES (1, 'bad', 0)"}),
            "P0001");
  EXPECT_EQ(last_of({kTable, body, trigger("AFTER INSERT"), "INSERT INTO t VALUES (1, 'good', 0)"}),
            "");
}

TEST(Triggers, WriteToOtherTables) {
  const std::string body = function("INSERT INTO log VALUES (OLD.id); RETURN OLD;");
  EXPECT_EQ(last_of({kTable, "CREATE TABLE log (id int PRIMARY KEY)", kRow, body,
                     trigger("AFTER DELETE"), "DELETE FROM t", "INSERT INTO log VALUES (1)"}),
            "23505");
}

TEST(Triggers, KnowTheirWhenTheirNameAndTheirArguments) {
  const std::string body =
      function("NEW.touched := TG_ARGV[1]; NEW.kind := TG_NAME || TG_TABLE_NAME; RETURN NEW;");
  const std::string create =
      "CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW WHEN (NEW.id > OLD.id) EXECUTE FUNCTION "
      "f('1', '7')";
  const std::string check = "ALTER TABLE t ADD CHECK (touched = 7 AND kind = 'gt')";
  EXPECT_EQ(last_of({kTable, kRow, body, create, "UPDATE t SET id = 2", check}), "");
  EXPECT_EQ(last_of({kTable, kRow, body, create, "UPDATE t SET id = 0", check}), "23514");
  EXPECT_EQ(last_of({kTable, kRow, body, create, "ALTER TABLE t DROP COLUMN id"}), "2BP01");
}

TEST(Triggers, OfStatementsFireOnce) {
  const std::string body = function("INSERT INTO log VALUES (TG_LEVEL); RETURN NULL;");
  const std::string create =
      "CREATE TRIGGER g AFTER UPDATE ON t FOR EACH STATEMENT EXECUTE FUNCTION f()";
  EXPECT_EQ(last_of({kTable, kRow, kRow, "CREATE TABLE log (id text PRIMARY KEY)", body, create,
                     "UPDATE t SET id = 3", "ALTER TABLE log ADD CHECK (id = 'STATEMENT')"}),
            "");
}

TEST(Triggers, FireForRowsThatAKeyOrAConflictReaches) {
  const std::string refuses = function("RAISE EXCEPTION 'no';");
  EXPECT_EQ(last_of({"CREATE TABLE up (id int PRIMARY KEY)",
                     "CREATE TABLE t (id int REFERENCES up ON DELETE CASCADE)",
                     "INSERT INTO up VALUES (1)", "INSERT INTO t VALUES (1)", refuses,
                     trigger("BEFORE DELETE"), "DELETE FROM up"}),
            "P0001");
  EXPECT_EQ(last_of({"CREATE TABLE t (id int PRIMARY KEY, n int)", "INSERT INTO t VALUES (1)",
                     refuses, trigger("AFTER UPDATE OF n"),
                     "INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET n = 2"}),
            "P0001");
  EXPECT_EQ(
      last_of({"CREATE TABLE t (id int) PARTITION BY LIST (id)",
               "CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1)", "INSERT INTO t1 VALUES (1)",
               refuses, trigger("BEFORE DELETE"), "DELETE FROM t1"}),
      "P0001");
}

TEST(Triggers, ThatAreNotFollowedLeaveColumnsOpen) {
  const std::string stamp =
      "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS"
      " $$ DECLARE made xml; BEGIN IF xpath_exists('/a', made) THEN NEW.touched = 3; END IF; "
      "RETURN NEW; END $$";
  EXPECT_EQ(last_of({kTable, kRow, stamp, trigger("BEFORE UPDATE"), "UPDATE t SET id = 2",
                     "ALTER TABLE t ADD CHECK (id = 2)"}),
            "");
  EXPECT_EQ(last_of({kTable, kRow, stamp, trigger("BEFORE UPDATE"), "UPDATE t SET id = 2",
                     "ALTER TABLE t ADD CHECK (touched = 0)"})
                .substr(0, 7),
            "opaque:");
}

TEST(Triggers, ThatAreNotFollowedAndMayWriteLeaveTheStatementOpen) {
  const std::string opaque = "opaque: what trigger \"g\" does: a condition inside PL/pgSQL";
  const std::string writes =
      function("IF xpath_exists('/a', NULL) THEN INSERT INTO t VALUES (1); END IF; RETURN NEW;");
  EXPECT_EQ(last_of({kTable, kRow, writes, trigger("BEFORE UPDATE"), "UPDATE t SET id = 2"}),
            opaque);
  const std::string drops =
      function("IF xpath_exists('/a', NULL) THEN RETURN NULL; END IF; RETURN NEW;");
  EXPECT_EQ(last_of({kTable, kRow, drops, trigger("BEFORE UPDATE"), "UPDATE t SET id = 2"}),
            opaque);
  EXPECT_EQ(last_of({kTable, kRow, drops, trigger("AFTER UPDATE"), "UPDATE t SET id = 2"}), "");
  const std::string refuses =
      function("IF xpath_exists('/a', NULL) THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW;");
  EXPECT_EQ(last_of({kTable, kRow, refuses, trigger("AFTER UPDATE"), "UPDATE t SET id = 2"}),
            opaque);
}

}  // namespace
}  // namespace backout::postgres
