#include <string>

#include <gtest/gtest.h>

#include "last_of.hpp"

namespace backout::postgres {
namespace {

/// A condition that is not followed.
const std::string kUnknown =
    "EXISTS (SELECT 1 FROM (SELECT 1 AS x) a FULL JOIN (SELECT 2 AS x) b ON a.x = b.x)";

TEST(WhatWasNotFollowed, ReachesTheTablesThatForeignKeysTakeItTo) {
  const std::string parent = "CREATE TABLE p (id int PRIMARY KEY, note text)";
  const std::string row = "INSERT INTO p VALUES (1, 'a')";
  const std::string gone = "DELETE FROM p WHERE " + kUnknown;
  const auto child = [](const std::string& action) {
    return "CREATE TABLE c (p int REFERENCES p " + action + ")";
  };
  const auto outcome = [&](const std::string& action) {
    Database database;
    for (const std::string& sql :
         {parent, row, child(action), std::string("INSERT INTO c VALUES (1)"), gone})
      database.execute(Script::parse(sql), 0);
    return database.rows()
        .of(database.lookup(NameSpace::relation, database.schema_named("public"), "c"))
        .doubt;
  };
  EXPECT_EQ(outcome("ON DELETE CASCADE"), "a RIGHT or FULL JOIN");
  EXPECT_EQ(outcome("ON DELETE SET NULL"), "a RIGHT or FULL JOIN");
  EXPECT_EQ(outcome(""), "");
}

/// Whether the rows of `table` are in doubt after statements of which the last is not followed.
bool in_doubt(const std::string& table, const std::vector<std::string>& statements) {
  Database database;
  ExecResult last;
  for (const std::string& sql : statements) {
    last = database.execute(Script::parse(sql), 0);
    EXPECT_NE(last.status, ExecStatus::refused) << sql << ": " << last.message;
  }
  EXPECT_EQ(last.status, ExecStatus::opaque) << statements.back();
  return !database.rows()
              .of(database.lookup(NameSpace::relation, database.schema_named("public"), table))
              .doubt.empty();
}

TEST(WhatWasNotFollowed, ReachesTheTablesThatTriggersWriteTo) {
  const std::vector<std::string> base = {
      "CREATE TABLE t (id int, note text)", "CREATE TABLE log (note text)",
      "CREATE TABLE other (note text)", "INSERT INTO t VALUES (1, 'a')"};
  const auto with_body = [&](const std::string& body) {
    std::vector<std::string> all = base;
    all.push_back("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + body +
                  " RETURN NEW; END $$");
    all.emplace_back("CREATE TRIGGER g AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()");
    all.push_back("UPDATE t SET note = 'b' WHERE " + kUnknown);
    return all;
  };
  EXPECT_TRUE(in_doubt("log", with_body("INSERT INTO log VALUES (NEW.note);")));
  EXPECT_FALSE(in_doubt("other", with_body("INSERT INTO log VALUES (NEW.note);")));
  EXPECT_FALSE(in_doubt("log", with_body("NEW.note := 'x';")));
  EXPECT_TRUE(in_doubt("other", with_body("EXECUTE 'DELETE FROM ' || NEW.note;")));
}

TEST(WhatWasNotFollowed, IsWhatAQueryWrites) {
  EXPECT_TRUE(in_doubt("t", {"CREATE TABLE t (id int, note text)", "INSERT INTO t VALUES (1, 'a')",
                             "WITH gone AS (DELETE FROM t WHERE " + kUnknown +
                                 " RETURNING id) SELECT id FROM gone"}));
}

}  // namespace
}  // namespace backout::postgres
