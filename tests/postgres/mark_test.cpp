#include "postgres/catalog/mark.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "postgres/catalog/database.hpp"
#include "postgres/compare/diff.hpp"
#include "postgres/read/sql_reader.hpp"

namespace backout::postgres {
namespace {

Database after(const std::vector<std::string>& statements) {
  Database database;
  for (const std::string& statement : statements) {
    const RunResult result =
        database.run(Script::parse(statement), RunMode::statement_by_statement);
    EXPECT_FALSE(result.refused()) << statement << ": " << result.failures[0].result.message;
    EXPECT_TRUE(result.opaque.empty()) << statement;
  }
  return database;
}

std::string named(Mark mark) { return fmt::format("<{}.{}>", mark.relation, mark.column); }

TEST(Marks, StandInTextAndAreReadBack) {
  const std::string text = "(" + mark(12, 3) + " > " +
                           escaped(
                               "'\x01"
                               "12.3\x02'") +
                           ")" + mark(7);
  EXPECT_EQ(read_marks(text, named),
            "(<12.3> > '\x01"
            "12.3\x02')<7.0>");
  const std::string moved = move_marks(text, [](Mark mark) {
    return mark.relation == 12 ? Mark{40, 1} : mark;
  });
  EXPECT_EQ(read_marks(moved, named),
            "(<40.1> > '\x01"
            "12.3\x02')<7.0>");
}

RC_GTEST_PROP(Marks, NoTextOfTheUsersIsTakenForAToken, ()) {
  const auto byte = rc::gen::weightedOneOf<char>(
      {{3, rc::gen::inRange<char>(0, 5)}, {1, rc::gen::element('a', 'b', 'c', '.', '1')}});
  const auto text = *rc::gen::container<std::string>(byte);
  const auto none = [](Mark) -> std::string { RC_FAIL("a token that nobody made"); };
  RC_ASSERT(read_marks(escaped(text), none) == text);
}

/// A place of the catalog whose text is kept, with a text of the user's in it.
struct Place {
  const char* sql;
  const char* makes;  ///< kind of the object that says it
};

const std::vector<Place> kPlaces = {
    {"CREATE TABLE t (a text CHECK (a <> {}))", "constraint"},
    {"CREATE TABLE t (a text DEFAULT {})", "column"},
    {"CREATE TABLE t (a text DEFAULT 'x' || {})", "column"},
    {"CREATE TABLE t (a text); CREATE INDEX i ON t ((a || {}))", "index"},
    {"CREATE TABLE t (a text); CREATE INDEX i ON t (a) WHERE a > {}", "index"},
    {"CREATE TABLE t (a text); CREATE VIEW v AS SELECT a FROM t WHERE a <> {}", "view"},
    {"CREATE TABLE t (a text); CREATE POLICY p ON t USING (a = {})", "policy"},
    {"CREATE TABLE t (a text); CREATE RULE r AS ON INSERT TO t DO ALSO DELETE FROM t WHERE a = {}",
     "rule"},
    {"CREATE TABLE t (a text) PARTITION BY LIST (a); CREATE TABLE q PARTITION OF t FOR VALUES IN "
     "({})",
     "table"},
    {"CREATE TABLE t (a text); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN "
     "RETURN NEW; END';"
     " CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.a = {}) EXECUTE FUNCTION f()",
     "trigger"},
    {"CREATE FUNCTION f(a text DEFAULT {}) RETURNS text LANGUAGE sql AS 'SELECT a'", "function"},
};

/// What differs between the place with one literal in it and with the other.
std::size_t differing(const Place& place, const char* one, const char* other) {
  const Database left = after({fmt::format(fmt::runtime(place.sql), one)});
  const Database right = after({fmt::format(fmt::runtime(place.sql), other)});
  EXPECT_FALSE(difference(Database(), left).empty()) << place.sql;
  return difference(left, right).size();
}

TEST(Marks, TextsThatDifferInControlCharactersDiffer) {
  for (const Place& place : kPlaces) {
    EXPECT_EQ(differing(place, "E'\\001zz\\002'", "E'\\001yy\\002'"), 1U) << place.sql;
    EXPECT_EQ(differing(place, "E'\\001'", "E'\\002'"), 1U) << place.sql;
    EXPECT_EQ(differing(place, "E'\\003a'", "E'\\001'"), 1U) << place.sql;
    EXPECT_EQ(differing(place, "E'\\0011.0\\002'", "E'\\0012.0\\002'"), 1U) << place.sql;
    EXPECT_EQ(differing(place, "E'\\001zz\\002'", "E'\\001zz\\002'"), 0U) << place.sql;
  }
}

TEST(Marks, NamesWithControlCharactersStandForThemselves) {
  const std::string make =
      "CREATE TABLE \"t\x01"
      "1.1\x02\" (\"a\x01\" text, CONSTRAINT k CHECK (\"a\x01\" <> 'x'));";
  const Database database = after({make,
                                   "ALTER TABLE \"t\x01"
                                   "1.1\x02\" RENAME \"a\x01\" TO \"\x03"
                                   "a\""});
  const Database other =
      after({"CREATE TABLE \"t\x01"
             "1.1\x02\" (\"\x03"
             "a\" text, CONSTRAINT k CHECK (\"\x03"
             "a\" <> 'x'));"});
  EXPECT_TRUE(difference(database, other).empty());
}

}  // namespace
}  // namespace backout::postgres
