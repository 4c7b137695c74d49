#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "postgres/catalog/database.hpp"
#include "postgres/read/sql_reader.hpp"

namespace backout::postgres {
namespace {

/// A statement and what PostgreSQL 15 says of it on the database that the statements before it
/// made: "" or the SQLSTATE.
struct Step {
  std::string sql;
  std::string sqlstate;
};

std::string outcome(Database& database, const std::string& sql) {
  const Script script = Script::parse(sql);
  if (script.mistake()) return script.mistake()->sqlstate;
  const ExecResult result = database.execute(script, 0);
  return result.status == ExecStatus::opaque ? "opaque: " + result.message : result.sqlstate;
}

void expect_all(const std::vector<Step>& steps) {
  Database database;
  for (const Step& step : steps) EXPECT_EQ(outcome(database, step.sql), step.sqlstate) << step.sql;
}

TEST(Dml, ATableHas1600ColumnsAtMost) {
  std::string sql = "ALTER TABLE wide ADD c1 int";
  for (int column = 2; column < 1600; ++column) sql += ", ADD c" + std::to_string(column) + " int";
  expect_all({{"CREATE TABLE wide (id int)", ""},
              {sql, ""},
              {"ALTER TABLE wide ADD one_more int", "54011"},
              {"ALTER TABLE wide DROP c1", ""},
              {"ALTER TABLE wide ADD one_more int", "54011"}});
}

TEST(Dml, ConstraintsRefuseRows) {
  expect_all({
      {"CREATE TYPE mood AS ENUM ('sad', 'ok')", ""},
      {"CREATE TABLE users (id bigserial PRIMARY KEY, email varchar(20) NOT NULL UNIQUE, age int "
       "CHECK (age >= 0),"
       " m mood DEFAULT 'ok')",
       ""},
      {"CREATE TABLE posts (id serial PRIMARY KEY, user_id bigint REFERENCES users(id) ON DELETE "
       "CASCADE,"
       " title text, CONSTRAINT short CHECK (length(title) < 10))",
       ""},
      {"INSERT INTO users (email, age) VALUES ('a@b.c', 3), ('b@b.c', NULL)", ""},
      {"INSERT INTO users (email, age) VALUES ('a@b.c', 3)", "23505"},
      {"INSERT INTO users (email, age) VALUES ('x', -3)", "23514"},
      {"INSERT INTO users (email, m) VALUES ('y', 'mad')", "22P02"},
      {"INSERT INTO users (email) VALUES ('123456789012345678901')", "22001"},
      {"INSERT INTO users (age) VALUES (1)", "23502"},
      {"INSERT INTO posts (user_id, title) VALUES (1, 'hi'), (2, 'yo')", ""},
      {"INSERT INTO posts (user_id, title) VALUES (9, 'hi')", "23503"},
      {"INSERT INTO posts (user_id, title) VALUES (1, 'hi this is long')", "23514"},
      {"UPDATE users SET email = 'a@b.c'", "23505"},
      {"UPDATE users SET nope = 1", "42703"},
      {"SELECT nope(1)", "42883"},
      {"TRUNCATE users", "0A000"},
  });
}

TEST(Dml, AlterationsMeetRows) {
  expect_all({
      {"CREATE TABLE t (id int, name text, amount numeric)", ""},
      {"INSERT INTO t VALUES (1, '12', 999.5), (2, 'x', NULL)", ""},
      {"ALTER TABLE t ADD COLUMN flag boolean NOT NULL", "23502"},
      {"ALTER TABLE t ADD COLUMN flag boolean NOT NULL DEFAULT false", ""},
      {"ALTER TABLE t ALTER COLUMN amount SET NOT NULL", "23502"},
      {"ALTER TABLE t ALTER COLUMN name TYPE int", "42804"},
      {"ALTER TABLE t ALTER COLUMN name TYPE int USING name::int", "22P02"},
      {"ALTER TABLE t ALTER COLUMN amount TYPE numeric(3,1)", "22003"},
      {"ALTER TABLE t ADD CONSTRAINT one CHECK (id < 2)", "23514"},
      {"UPDATE t SET id = 1", ""},
      {"CREATE UNIQUE INDEX ON t (id)", "23505"},
      {"DELETE FROM t WHERE name = 'x'", ""},
      {"CREATE UNIQUE INDEX ON t (id)", ""},
      {"ALTER TABLE t ALTER COLUMN name TYPE int USING name::int", ""},
  });
}

TEST(Dml, DeletesFollowForeignKeys) {
  expect_all({
      {"CREATE TABLE a (id int PRIMARY KEY)", ""},
      {"CREATE TABLE b (a int REFERENCES a)", ""},
      {"CREATE TABLE c (a int REFERENCES a ON DELETE CASCADE)", ""},
      {"INSERT INTO a VALUES (1), (2)", ""},
      {"INSERT INTO b VALUES (1)", ""},
      {"INSERT INTO c VALUES (2)", ""},
      {"DELETE FROM a WHERE id = 1", "23503"},
      {"DELETE FROM a WHERE id = 2", ""},
      {"ALTER TABLE c ADD CONSTRAINT empty CHECK (false)", ""},
  });
}

TEST(Dml, BlocksRunAndCatch) {
  expect_all({
      {"DO $$ BEGIN CREATE TYPE kind AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN NULL; END "
       "$$",
       ""},
      {"DO $$ BEGIN CREATE TYPE kind AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN NULL; END "
       "$$",
       ""},
      {"CREATE TYPE kind AS ENUM ('a')", "42710"},
      {"DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'other') THEN CREATE TYPE "
       "other AS ENUM ('b'); END IF; END $$",
       ""},
      {"DROP TYPE other", ""},
      {"DO $$ BEGIN RAISE EXCEPTION 'no'; END $$", "P0001"},
  });
}

TEST(Dml, AnUpdateLooksOnlyAtForeignKeysThatItChanges) {
  expect_all({
      {"CREATE TABLE a (id int PRIMARY KEY)", ""},
      {"CREATE TABLE b (a int, note text)", ""},
      {"INSERT INTO b VALUES (7, 'x')", ""},
      {"ALTER TABLE b ADD FOREIGN KEY (a) REFERENCES a NOT VALID", ""},
      {"UPDATE b SET note = 'y'", ""},
      {"UPDATE b SET a = 7, note = 'z'", ""},
      {"UPDATE b SET a = 8", "23503"},
  });
}

TEST(Dml, NumericHasInfinity) {
  expect_all({
      {"CREATE TABLE t (n numeric, small numeric(5, 2))", ""},
      {"INSERT INTO t (n) VALUES ('Infinity'), ('-inf'::numeric), ('NaN')", ""},
      {"INSERT INTO t (small) VALUES ('Infinity')", "22003"},
      {"INSERT INTO t (n) VALUES ('infinite')", "22P02"},
  });
}

TEST(Dml, SequencesHaveARow) {
  expect_all({
      {"CREATE SEQUENCE numbers START 5", ""},
      {"CREATE TABLE t (id int PRIMARY KEY)", ""},
      {"INSERT INTO t SELECT last_value FROM numbers WHERE NOT is_called", ""},
      {"INSERT INTO t VALUES (5)", "23505"},
      {"SELECT nextval('numbers'), nextval('numbers')", ""},
      {"INSERT INTO t VALUES ((SELECT last_value FROM numbers))", ""},
      {"INSERT INTO t VALUES (6)", "23505"},
  });
}

TEST(Dml, FunctionsInSqlRun) {
  expect_all({
      {"CREATE TABLE t (id int PRIMARY KEY, kind text)", ""},
      {"INSERT INTO t VALUES (1, 'old')", ""},
      {"CREATE FUNCTION move(wanted text) RETURNS void LANGUAGE sql AS"
       " $$ INSERT INTO t VALUES (2, 'more'); UPDATE t SET kind = wanted WHERE kind = $1 || 'er' "
       "OR id = 1 $$",
       ""},
      {"SELECT move('new')", ""},
      {"SELECT move('new')", "23505"},
      {"ALTER TABLE t ADD CHECK (kind <> 'new')", "23514"},
      {"CREATE FUNCTION highest() RETURNS int LANGUAGE sql AS $$ SELECT max(id) FROM t $$", ""},
      {"INSERT INTO t VALUES (highest() + 1, 'x')", ""},
      {"INSERT INTO t VALUES (3, 'y')", "23505"},
      {"CREATE FUNCTION many() RETURNS SETOF int LANGUAGE sql AS $$ SELECT id FROM t $$", ""},
      {"SELECT many()", "opaque: the function many"},
      {"CREATE FUNCTION label(item t) RETURNS text LANGUAGE sql AS $$ SELECT item.kind $$", ""},
      {"SELECT label(t) FROM t", "opaque: the function label"},
  });
}

TEST(Dml, ExecuteSeesItsParametersAndTheDatabase) {
  expect_all({
      {"CREATE TABLE t (id int PRIMARY KEY, kind text)", ""},
      {"DO $$ BEGIN EXECUTE 'INSERT INTO t VALUES ($1, $2)' USING 1 + 1, 'x'; END $$", ""},
      {"INSERT INTO t VALUES (2, 'y')", "23505"},
      {"DO $$ BEGIN EXECUTE 'INSERT INTO t VALUES ($2, NULL)' USING 1; END $$", "42P02"},
      {"CREATE ROLE reader", ""},
      {"DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO reader', current_database()); "
       "END $$",
       ""},
      {"DO $$ BEGIN EXECUTE format('CREATE TABLE %I (id int)', current_database()); END $$",
       "opaque: EXECUTE of a text that is not known"},
  });
}

TEST(Dml, RowsThatAreNotKnownLeaveTheCatalogKnown) {
  expect_all({
      {"CREATE TABLE t (id int)", ""},
      {"COPY t FROM stdin", "opaque: COPY: its rows are not in the script"},
      {"ALTER TABLE t ADD COLUMN name text, ALTER id SET NOT NULL",
       "opaque: COPY: its rows are not in the script"},
      {"ALTER TABLE t ADD COLUMN name text", "42701"},
      {"CREATE INDEX i ON t (lower(name))", ""},
      {"CREATE UNIQUE INDEX u ON t (name)", "opaque: COPY: its rows are not in the script"},
      {"DROP INDEX u", ""},
      {"ALTER TABLE t DROP COLUMN name", ""},
      {"ALTER TABLE t DROP COLUMN name", "42703"},
  });
}

TEST(Dml, RecursiveQueriesEnd) {
  expect_all({
      {"CREATE TABLE t (id int PRIMARY KEY, parent int)", ""},
      {"INSERT INTO t VALUES (1, NULL), (2, 1), (3, 2), (4, NULL)", ""},
      {"WITH RECURSIVE r(id, depth) AS (SELECT id, 0 FROM t WHERE id = 1 UNION ALL SELECT t.id, "
       "depth + 1 FROM r JOIN t ON t.parent = r.id)"
       " UPDATE t SET parent = 10 + depth FROM r WHERE r.id = t.id",
       ""},
      {"ALTER TABLE t ADD CHECK (parent IN (10, 11, 12))", ""},
      {"ALTER TABLE t ADD CHECK (parent IN (10, 11))", "23514"},
      {"WITH RECURSIVE r AS (SELECT 1 AS n UNION SELECT n % 3 + 1 FROM r) INSERT INTO t SELECT n + "
       "3 FROM r",
       "23505"},
      {"WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) INSERT INTO t SELECT n "
       "FROM r",
       "opaque: a long WITH RECURSIVE"},
  });
}

TEST(Dml, DistinctOnKeepsTheFirstRow) {
  expect_all({
      {"CREATE TABLE t (kind text, n int)", ""},
      {"INSERT INTO t VALUES ('a', 1), ('a', 2), ('b', 3)", ""},
      {"CREATE TABLE best (kind text, n int, CHECK (n <> 1))", ""},
      {"INSERT INTO best SELECT DISTINCT ON (kind) kind, n FROM t ORDER BY kind, n DESC", ""},
      {"ALTER TABLE best ADD UNIQUE (kind), ADD CHECK (n IN (2, 3))", ""},
      {"INSERT INTO best SELECT DISTINCT ON (kind) kind || 'x', n FROM t ORDER BY kind, n",
       "23514"},
      {"INSERT INTO best SELECT DISTINCT ON (kind) kind || 'y', n FROM t",
       "opaque: whether a row keeps to check constraint \"best_n_check1\""},
  });
}

TEST(Dml, SystemColumnsAndReturningUnderAnAlias) {
  expect_all({
      {"CREATE TABLE t (id int PRIMARY KEY)", ""},
      {"INSERT INTO t VALUES (1), (2)", ""},
      {"CREATE TABLE log (id int CHECK (id < 12))", ""},
      {"WITH moved AS (UPDATE t AS x SET id = x.id + 10 WHERE x.id = 1 RETURNING x.id) INSERT INTO "
       "log SELECT id FROM moved",
       ""},
      {"SELECT ctid, xmin, tableoid FROM t", ""},
      {"SELECT ctid2 FROM t", "42703"},
      {"SELECT oid::regclass, 't'::regclass::oid FROM pg_class", ""},
      {"WITH gone AS (DELETE FROM t x USING log l WHERE x.id = l.id RETURNING x.id, l.id AS other) "
       "INSERT INTO log SELECT other FROM gone",
       "opaque: RETURNING of a joined table"},
  });
}

TEST(Dml, SystemTablesOfIndexesAndInheritance) {
  expect_all({
      {"CREATE TABLE p (id int) PARTITION BY LIST (id)", ""},
      {"CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)", ""},
      {"DO $$ DECLARE part record; BEGIN FOR part IN SELECT c.relname FROM pg_inherits i JOIN "
       "pg_class c ON c.oid = i.inhrelid"
       " JOIN pg_class o ON o.oid = i.inhparent WHERE o.relname = 'p' LOOP EXECUTE format('DROP "
       "TABLE %I', part.relname); END LOOP; END $$",
       ""},
      {"CREATE TABLE p1 (id int PRIMARY KEY)", ""},
      {"CREATE TABLE facts (n int CHECK (n = 1))", ""},
      {"INSERT INTO facts SELECT count(*) FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE "
       "relname = 'p1' AND indisprimary",
       ""},
      {"INSERT INTO facts SELECT count(*) FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE "
       "relname = 'p1' AND NOT indisunique",
       "23514"},
  });
}

TEST(Dml, NothingRunsWithoutARow) {
  expect_all({
      {"CREATE TABLE t (id int, raw bytea, span int4range)", ""},
      {"CREATE SEQUENCE s", ""},
      {"CREATE FUNCTION make(name text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'CREATE "
       "TABLE ' || name || ' (id int)'; RETURN 1; END $$",
       ""},
      {"SELECT make('u' || id), nextval('s') FROM t WHERE make('v' || id) = 1", ""},
      {"SELECT make('w' || id), no_such(id) FROM t", "42883"},
      {"CREATE TABLE first (n int CHECK (n = 1))", ""},
      {"INSERT INTO first VALUES (nextval('s'))", ""},
      {"CREATE TABLE parts (raw bytea, low int)", ""},
      {"INSERT INTO parts SELECT substr(raw, 1, 2), lower(span) FROM t", ""},
  });
}

TEST(Dml, BoundsOfSequences) {
  expect_all({
      {"CREATE SEQUENCE up MAXVALUE 10", ""},
      {"SELECT setval('up', 11)", "22003"},
      {"SELECT setval('up', 0)", "22003"},
      {"ALTER SEQUENCE up NO MAXVALUE RESTART 100", ""},
      {"SELECT setval('up', 11)", ""},
      {"CREATE SEQUENCE down INCREMENT -1 MINVALUE -3", ""},
      {"SELECT setval('down', -100)", "22003"},
      {"ALTER SEQUENCE down NO MINVALUE RESTART -100", ""},
      {"SELECT setval('down', -100)", ""},
      {"CREATE SEQUENCE narrow MAXVALUE 5", ""},
      {"ALTER SEQUENCE narrow AS smallint", ""},
      {"SELECT setval('narrow', 6)", "22003"},
      {"ALTER SEQUENCE narrow NO MAXVALUE AS int", ""},
      {"SELECT setval('narrow', 2147483647)", ""},
  });
}

TEST(Dml, RoutinesOfOnesOwnComeBeforeCasts) {
  expect_all({
      {"CREATE FUNCTION uuid(t text) RETURNS text LANGUAGE sql AS $$ SELECT 'mine' $$", ""},
      {"CREATE TABLE words (word text CHECK (word = 'mine'))", ""},
      {"INSERT INTO words VALUES (uuid('x'::text))", ""},
      {"INSERT INTO words VALUES (uuid('x'))", "22P02"},
  });
}

}  // namespace
}  // namespace backout::postgres
