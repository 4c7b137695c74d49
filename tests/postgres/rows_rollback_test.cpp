#include <string>

#include <gtest/gtest.h>

#include "postgres/catalog/database.hpp"
#include "postgres/compare/data_diff.hpp"
#include "postgres/compare/diff.hpp"
#include "postgres/read/sql_reader.hpp"
#include "postgres/read/text.hpp"
#include "postgres/witness/generate.hpp"

namespace backout::postgres {
namespace {

Database with(const std::string& sql) {
  Database database;
  const RunResult result = database.run(Script::parse(sql), RunMode::one_transaction);
  EXPECT_FALSE(result.refused());
  return database;
}

std::vector<ObjectId> tables_named(const Database& database, const Database& before,
                                   const Database& after, const std::string& sql) {
  const std::set<std::string> words = words_of(sql);
  return touched_tables(database, before, after, {words.begin(), words.end()});
}

/// Runs an up and a down on seeded rows; what became of them.
std::vector<DataDifference> after_rollback(const std::string& base, const std::string& up,
                                           const std::string& down) {
  Database database = with(base);
  Database after = database;
  EXPECT_FALSE(after.run(Script::parse(up), RunMode::one_transaction).refused());
  const auto tables = tables_named(database, database, after, up + ' ' + down);
  EXPECT_GT(seed_old_rows(database, tables, OldRows::with_nulls).stored, 0U);
  const Database seeded = database;
  EXPECT_FALSE(database.run(Script::parse(up), RunMode::one_transaction).refused());
  EXPECT_FALSE(database.run(Script::parse(down), RunMode::one_transaction).refused());
  return data_differences(seeded, database);
}

/// The SQLSTATE with which a down refuses new rows, empty when it takes them.
std::string with_new_rows(const std::string& base, const std::string& up, const std::string& down) {
  const Database before = with(base);
  Database database = before;
  EXPECT_FALSE(database.run(Script::parse(up), RunMode::one_transaction).refused());
  const auto tables = tables_named(database, before, database, up + ' ' + down);
  const Clues clues = clues_of(Script::parse(up + ';' + down));
  const std::set<std::string> words = words_of(up + ' ' + down);
  EXPECT_GT(seed_new_rows(database, before, {tables, clues, words}).stored, 0U);
  const RunResult result = database.run(Script::parse(down), RunMode::one_transaction);
  return result.refused() ? result.failures[0].result.sqlstate : "";
}

constexpr const char* kBase =
    "CREATE TABLE t (id serial PRIMARY KEY, name text, kind text NOT NULL DEFAULT 'a')";

TEST(OldRows, SurviveAnAddedColumn) {
  EXPECT_TRUE(
      after_rollback(kBase, "ALTER TABLE t ADD COLUMN extra int", "ALTER TABLE t DROP COLUMN extra")
          .empty());
}

TEST(OldRows, LoseADroppedColumn) {
  const auto found =
      after_rollback(kBase, "ALTER TABLE t DROP COLUMN name", "ALTER TABLE t ADD COLUMN name text");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, DataDifference::Kind::changed);
  EXPECT_EQ(found[0].columns, std::vector<std::string>{"name"});
}

TEST(OldRows, LoseARecreatedTable) {
  const auto found = after_rollback(kBase, "DROP TABLE t", kBase);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, DataDifference::Kind::changed);
}

TEST(OldRows, KeepARenamedColumn) {
  EXPECT_TRUE(after_rollback(kBase, "ALTER TABLE t RENAME name TO title",
                             "ALTER TABLE t RENAME title TO name")
                  .empty());
}

TEST(NewRows, RefuseWhatTheOldSchemaCannotHold) {
  EXPECT_EQ(with_new_rows(kBase, "ALTER TABLE t ALTER kind DROP NOT NULL",
                          "ALTER TABLE t ALTER kind SET NOT NULL"),
            "23502");
  EXPECT_EQ(with_new_rows("CREATE TABLE t (id int PRIMARY KEY, name varchar(10))",
                          "ALTER TABLE t ALTER name TYPE varchar(50)",
                          "ALTER TABLE t ALTER name TYPE varchar(10)"),
            "22001");
  EXPECT_EQ(
      with_new_rows("CREATE TABLE t (id int PRIMARY KEY, name text UNIQUE)",
                    "ALTER TABLE t DROP CONSTRAINT t_name_key", "ALTER TABLE t ADD UNIQUE (name)"),
      "23505");
  EXPECT_EQ(
      with_new_rows(
          "CREATE TABLE t (id int PRIMARY KEY, s text CHECK (s IN ('a')))",
          "ALTER TABLE t DROP CONSTRAINT t_s_check; ALTER TABLE t ADD CHECK (s IN ('a', 'b'))",
          "ALTER TABLE t DROP CONSTRAINT t_s_check; ALTER TABLE t ADD CHECK (s IN ('a'))"),
      "23514");
}

TEST(NewRows, AreTakenByAnHonestDown) {
  EXPECT_EQ(
      with_new_rows(kBase, "CREATE TABLE u (t_id int REFERENCES t, note text)", "DROP TABLE u"),
      "");
}

TEST(Schema, IsRestoredButForColumnOrder) {
  const Database before = with(kBase);
  Database database = before;
  database.run(Script::parse("ALTER TABLE t DROP COLUMN name; ALTER TABLE t ADD COLUMN name text"),
               RunMode::one_transaction);
  const auto found = difference(before, database);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, "colorder");
  EXPECT_EQ(found[0].name, "public.t");
}

TEST(Schema, SeesWhatADownForgets) {
  const Database before = with(kBase);
  Database database = before;
  database.run(Script::parse("CREATE INDEX ON t (name); ALTER TABLE t ALTER kind SET DEFAULT 'b'"),
               RunMode::one_transaction);
  const auto found = difference(before, database);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].kind + " " + found[0].name, "column public.t.kind");
  EXPECT_EQ(found[1].kind + " " + found[1].name, "index public.t_name_idx");
}

}  // namespace
}  // namespace backout::postgres
