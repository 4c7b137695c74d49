#include <string>

#include <gtest/gtest.h>

#include "postgres/catalog/database.hpp"
#include "postgres/read/sql_reader.hpp"

namespace backout::postgres {
namespace {

/// What a DO block leaves in the table `t (n int, word text)` with the rows (1, 'a') and (2, 'b'):
/// "" when `check` holds of every row afterwards, else the SQLSTATE or why it is not followed.
std::string after_block(const std::string& body, const std::string& check) {
  Database database;
  std::string outcome;
  for (const std::string& sql :
       {std::string("CREATE TABLE t (n int, word text)"),
        std::string("INSERT INTO t VALUES (1, 'a'), (2, 'b')"), "DO $do$ " + body + " $do$",
        "ALTER TABLE t ADD CHECK (" + check + ")"}) {
    if (!outcome.empty()) break;
    const ExecResult result = database.execute(Script::parse(sql), 0);
    outcome = result.status == ExecStatus::opaque ? "opaque: " + result.message : result.sqlstate;
  }
  return outcome;
}

TEST(Plpgsql, Repeats) {
  EXPECT_EQ(after_block("DECLARE i int := 0; BEGIN WHILE i < 5 LOOP i := i + 1; CONTINUE WHEN i = "
                        "3; UPDATE t SET n = n + 1; END LOOP; END",
                        "n IN (5, 6)"),
            "");
  EXPECT_EQ(after_block("DECLARE i int := 0; BEGIN LOOP i := i + 1; EXIT WHEN i > 3; END LOOP; "
                        "UPDATE t SET n = i; END",
                        "n = 4"),
            "");
  EXPECT_EQ(after_block("BEGIN LOOP UPDATE t SET n = 1; END LOOP; END", "true"),
            "opaque: a long loop inside PL/pgSQL");
}

TEST(Plpgsql, KnowsHowManyRowsAStatementTouched) {
  EXPECT_EQ(after_block("DECLARE c int; BEGIN UPDATE t SET word = 'x'; GET DIAGNOSTICS c = "
                        "ROW_COUNT; UPDATE t SET n = c; END",
                        "n = 2"),
            "");
  EXPECT_EQ(after_block("DECLARE c int; BEGIN INSERT INTO t SELECT n + 2 FROM t; GET DIAGNOSTICS c "
                        "= ROW_COUNT; UPDATE t SET n = c; END",
                        "n = 2"),
            "");
  EXPECT_EQ(
      after_block(
          "BEGIN DELETE FROM t WHERE n = 7; IF NOT FOUND THEN UPDATE t SET n = 9; END IF; END",
          "n = 9"),
      "");
  EXPECT_EQ(after_block(
                "BEGIN PERFORM 1 FROM t WHERE n = 2; IF FOUND THEN UPDATE t SET n = 9; END IF; END",
                "n = 9"),
            "");
  EXPECT_EQ(
      after_block("DECLARE c int; BEGIN SELECT n INTO STRICT c FROM t WHERE n = 7; END", "true"),
      "P0002");
  EXPECT_EQ(after_block("DECLARE c int; BEGIN SELECT n INTO STRICT c FROM t; END", "true"),
            "P0003");
}

TEST(Plpgsql, CatchesErrorsByNameByClassAndByState) {
  const auto caught = [](const std::string& condition, const std::string& statement) {
    return after_block(
        "BEGIN " + statement + " EXCEPTION WHEN " + condition + " THEN UPDATE t SET n = 0; END",
        "n = 0");
  };
  EXPECT_EQ(caught("duplicate_table", "CREATE TABLE t (id int);"), "");
  EXPECT_EQ(caught("syntax_error_or_access_rule_violation", "CREATE TABLE t (id int);"), "");
  EXPECT_EQ(caught("SQLSTATE '42P07'", "CREATE TABLE t (id int);"), "");
  EXPECT_EQ(caught("string_data_right_truncation", "CREATE TABLE t (id int);"), "42P07");
  EXPECT_EQ(caught("unique_violation", "RAISE unique_violation;"), "");
  EXPECT_EQ(caught("no_data_found OR too_many_rows", "RAISE EXCEPTION 'no';"), "P0001");
}

TEST(Plpgsql, CallsProceduresAndReadsSetsOfRows) {
  EXPECT_EQ(after_block("BEGIN CREATE PROCEDURE p(i int) LANGUAGE plpgsql AS 'BEGIN UPDATE t SET n "
                        "= i; COMMIT; END'; CALL p(3); END",
                        "n = 3"),
            "");
  EXPECT_EQ(after_block("BEGIN CREATE FUNCTION s() RETURNS TABLE(a int, b text) LANGUAGE plpgsql AS"
                        " 'BEGIN RETURN QUERY SELECT 5, word FROM t; END'; UPDATE t SET n = s.a "
                        "FROM s() WHERE s.b = t.word; END",
                        "n = 5"),
            "");
  EXPECT_EQ(after_block("DECLARE r record; BEGIN FOR r IN EXECUTE 'SELECT n FROM t WHERE n > $1' "
                        "USING 1 LOOP UPDATE t SET n = r.n; END LOOP; END",
                        "n = 2"),
            "");
}

TEST(Plpgsql, AssignsRowsToVariablesOfATable) {
  EXPECT_EQ(after_block("DECLARE r t%ROWTYPE; BEGIN r := ROW(7, 'row(x)'); UPDATE t SET n = r.n, "
                        "word = r.word; END",
                        "n = 7 AND word = 'row(x)'"),
            "");
  EXPECT_EQ(after_block("DECLARE r t; BEGIN r := (7, 'y'); UPDATE t SET n = r.n; END", "n = 7"),
            "");
  EXPECT_EQ(
      after_block("DECLARE r t; BEGIN r := NULL; UPDATE t SET word = r.word; END", "word IS NULL"),
      "");
  EXPECT_EQ(after_block("DECLARE r t; q record; BEGIN SELECT 3 AS p, 'z' AS w INTO q; r := q; "
                        "UPDATE t SET n = r.n, word = r.word; END",
                        "n = 3 AND word = 'z'"),
            "");
  // The fields of a plain record would have other names.
  EXPECT_EQ(after_block("DECLARE r record; BEGIN SELECT * INTO r FROM t WHERE n = 1; r := ROW(7, "
                        "'y'); UPDATE t SET n = r.n; END",
                        "true"),
            "opaque: an assignment to r");
}

TEST(Plpgsql, ReturnsTheRowsOfATextThatIsKnown) {
  const std::string made = "CREATE FUNCTION s(i int) RETURNS TABLE(a int) LANGUAGE plpgsql AS ";
  EXPECT_EQ(after_block("BEGIN " + made +
                            "'BEGIN RETURN QUERY EXECUTE ''SELECT $1 + n FROM t'' USING i; END'; "
                            "UPDATE t SET n = (SELECT max(a) FROM s(5)); END",
                        "n = 7"),
            "");
  EXPECT_EQ(after_block("BEGIN " + made +
                            "'BEGIN RETURN QUERY EXECUTE ''SELECT '' || txid_current(); END'; "
                            "UPDATE t SET n = (SELECT max(a) FROM s(5)); END",
                        "true"),
            "opaque: EXECUTE of a text that is not known");
}

}  // namespace
}  // namespace backout::postgres
