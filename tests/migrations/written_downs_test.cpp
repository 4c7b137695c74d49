// Downs that backout writes are judged like any other, and what they keep aside is there when they
// run; what a down locks is told by statement.

#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analyzer/migrations/written_downs.hpp"
#include "importers/migrations/import.hpp"
#include "postgres/read/statement_locks.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

using analyzer::WrittenDown;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct Pair {
  const char* name;
  const char* base;
  const char* up;
  const char* down;
};

std::vector<WrittenDown> written(const TemporaryFolder& folder, const Pair& pair) {
  folder.write("1_base.up.sql", pair.base);
  folder.write("1_base.down.sql", "-- backout: irreversible the beginning\nSELECT 1;");
  folder.write("2_change.up.sql", pair.up);
  folder.write("2_change.down.sql", pair.down);
  auto imported = importers::import_migrations({folder.path().string()});
  EXPECT_TRUE(imported);
  analyzer::JudgeOptions options;
  options.judged = {false, true};
  return analyzer::write_downs(imported->sets.at(0), *imported->sources, options);
}

std::vector<Pair> broken() {
  return {
      {"a column that is dropped", "CREATE TABLE item (id int PRIMARY KEY, price int NOT NULL);",
       "ALTER TABLE item DROP COLUMN price;", "SELECT 1;"},
      {"a table that is dropped", "CREATE TABLE item (id serial PRIMARY KEY, name text UNIQUE);",
       "DROP TABLE item;", ""},
      {"values that are overwritten", "CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL);",
       "UPDATE item SET name = lower(name);", ""},
      {"rows that are deleted", "CREATE TABLE item (id int PRIMARY KEY, state text);",
       "DELETE FROM item WHERE state = 'old';", ""},
      {"NOT NULL put back", "CREATE TABLE item (id int PRIMARY KEY, price int NOT NULL);",
       "ALTER TABLE item ALTER price DROP NOT NULL;", "ALTER TABLE item ALTER price SET NOT NULL;"},
      {"uniqueness put back",
       "CREATE TABLE item (id int PRIMARY KEY, code text NOT NULL, CONSTRAINT item_code UNIQUE "
       "(code));",
       "ALTER TABLE item DROP CONSTRAINT item_code;",
       "ALTER TABLE item ADD CONSTRAINT item_code UNIQUE (code);"},
      {"a label",
       "CREATE TYPE mood AS ENUM ('low', 'high'); CREATE TABLE item (id int PRIMARY KEY, m mood "
       "NOT NULL DEFAULT 'low');",
       "ALTER TYPE mood ADD VALUE 'mid';", ""},
      {"an index that is forgotten", "CREATE TABLE item (id int PRIMARY KEY, name text);",
       "CREATE INDEX item_name ON item (lower(name)) WHERE name IS NOT NULL;", ""},
      {"a narrower type", "CREATE TABLE item (id int PRIMARY KEY, code varchar(10) NOT NULL);",
       "ALTER TABLE item ALTER code TYPE varchar(40);",
       "ALTER TABLE item ALTER code TYPE varchar(10);"},
      {"a body", "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';",
       "CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 2';", ""},
      {"a foreign key",
       "CREATE TABLE team (id int PRIMARY KEY); CREATE TABLE item (id int PRIMARY KEY, team int, "
       "CONSTRAINT item_team FOREIGN KEY (team) REFERENCES team ON DELETE CASCADE);",
       "ALTER TABLE item DROP CONSTRAINT item_team;",
       "ALTER TABLE item ADD CONSTRAINT item_team FOREIGN KEY (team) REFERENCES team;"},
      {"a comment and a default", "CREATE TABLE item (id int PRIMARY KEY, n int DEFAULT 7);",
       "COMMENT ON TABLE item IS 'x'; ALTER TABLE item ALTER n SET DEFAULT 8;", ""},
  };
}

TEST(WrittenDowns, AreHonestWhereTheUpKeepsWhatItDestroys) {
  for (const Pair& pair : broken()) {
    SCOPED_TRACE(pair.name);
    const TemporaryFolder folder;
    const auto all = written(folder, pair);
    ASSERT_EQ(all.size(), 1U);
    std::string why = all[0].up + "\n" + all[0].down;
    for (const analyzer::Reason& reason : all[0].judgement.reasons) why += reason.message + "\n";
    for (const analyzer::SchemaDifference& one : all[0].judgement.differences)
      why += one.op + " " + one.kind + " " + one.name + "\n";
    EXPECT_TRUE(all[0].is_honest()) << why;
    EXPECT_THAT(all[0].cannot, IsEmpty());
  }
}

TEST(WrittenDowns, FillOnlyWhatTheUpTook) {
  const TemporaryFolder folder;
  const auto all = written(
      folder,
      {"",
       "CREATE TABLE item (id int PRIMARY KEY, code text, x int, note text NOT NULL DEFAULT '');",
       "ALTER TABLE item DROP COLUMN code;", ""});
  ASSERT_EQ(all.size(), 1U);
  EXPECT_TRUE(all[0].is_honest());
  EXPECT_THAT(all[0].down, HasSubstr("UPDATE public.item AS t SET code = k.code FROM "
                                     "backout_kept.m2_item AS k WHERE t.id = k.id;"));
  EXPECT_THAT(all[0].down, Not(HasSubstr("x = k.x")));
  EXPECT_THAT(all[0].down, Not(HasSubstr("note = k.note")));
  EXPECT_THAT(all[0].down, Not(HasSubstr("NOT EXISTS")));
  EXPECT_THAT(all[0].down, HasSubstr("DROP TABLE backout_kept.m2_item;"));
}

TEST(WrittenDowns, KeepACopyThatNothingIsFilledFrom) {
  const TemporaryFolder folder;
  const auto all = written(folder, {"", "CREATE TABLE item (id int, code text, x int);",
                                    "ALTER TABLE item DROP COLUMN code;", ""});
  ASSERT_EQ(all.size(), 1U);
  EXPECT_THAT(all[0].up,
              HasSubstr("CREATE TABLE backout_kept.m2_item AS SELECT * FROM public.item;"));
  EXPECT_THAT(all[0].down, Not(HasSubstr("DROP TABLE backout_kept")));
  EXPECT_THAT(all[0].down, Not(HasSubstr("UPDATE")));
  EXPECT_THAT(all[0].cannot, ElementsAre("rows of item are not filled from backout_kept.m2_item, "
                                         "which stays: no primary key lasts"));
  EXPECT_FALSE(all[0].is_honest());
}

/// A down that throws a copy away may throw away the only one: where it is not known what is lost,
/// the copies stay.
TEST(WrittenDowns, KeepCopiesWhereItIsNotKnownWhatIsLost) {
  const Pair kPairs[] = {
      {"a function that is not followed",
       "CREATE TABLE item (id int PRIMARY KEY, code text NOT NULL); CREATE FUNCTION tidy() RETURNS "
       "void LANGUAGE plperl AS 'x';",
       "ALTER TABLE item DROP COLUMN code; SELECT tidy();", ""},
      {"a block that is not followed",
       "CREATE TABLE item (id int PRIMARY KEY, code text NOT NULL);",
       "UPDATE item SET code = lower(code); DO LANGUAGE plperl 'x';", ""},
  };
  for (const Pair& pair : kPairs) {
    SCOPED_TRACE(pair.name);
    const TemporaryFolder folder;
    const auto all = written(folder, pair);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].judgement.data, analyzer::DataAnswer::unknown) << all[0].up;
    EXPECT_THAT(all[0].up, HasSubstr("backout_kept.m2_item"));
    EXPECT_THAT(all[0].down, Not(HasSubstr("DROP TABLE backout_kept"))) << all[0].down;
    EXPECT_THAT(all[0].cannot,
                testing::Contains(
                    "the copies in backout_kept stay: it is not known whether rows are lost"));
  }
}

/// What a body does beside a dropped column no statement of the up says: the first down is judged,
/// and what is still lost is filled whole.
TEST(WrittenDowns, FillWhatABodyTookBesideADroppedColumn) {
  const Pair kPairs[] = {
      {"a DO block", "CREATE TABLE item (id int PRIMARY KEY, code text);",
       "ALTER TABLE item DROP COLUMN code; DO $$ BEGIN DELETE FROM item WHERE id > 9001; END $$;",
       ""},
      {"a routine",
       "CREATE TABLE item (id int PRIMARY KEY, code text, n int NOT NULL DEFAULT 3); CREATE "
       "FUNCTION tidy() RETURNS void LANGUAGE sql AS 'UPDATE item SET n = 0 WHERE id > 0';",
       "ALTER TABLE item DROP COLUMN code; SELECT tidy();", ""},
      {"a trigger",
       "CREATE TABLE item (id int PRIMARY KEY, code text); CREATE TABLE sweep (id int);"
       "CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM item; "
       "RETURN NEW; END $$;"
       "CREATE TRIGGER t AFTER INSERT ON sweep FOR EACH ROW EXECUTE FUNCTION gone();",
       "ALTER TABLE item DROP COLUMN code; INSERT INTO sweep VALUES (77001);", ""},
  };
  for (const Pair& pair : kPairs) {
    SCOPED_TRACE(pair.name);
    const TemporaryFolder folder;
    const auto all = written(folder, pair);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].judgement.data, analyzer::DataAnswer::kept) << all[0].down;
    EXPECT_THAT(all[0].down, HasSubstr("INSERT INTO public.item (")) << all[0].down;
  }
}

TEST(WrittenDowns, LeaveHonestPairsAlone) {
  const TemporaryFolder folder;
  EXPECT_THAT(written(folder, {"", "CREATE TABLE item (id int PRIMARY KEY);",
                               "ALTER TABLE item ADD n int;", "ALTER TABLE item DROP n;"}),
              IsEmpty());
}

TEST(WrittenDowns, GoIntoFilesThatAreNotThereYet) {
  const TemporaryFolder folder;
  folder.write("db/1_base.up.sql", "CREATE TABLE item (id int PRIMARY KEY, price int NOT NULL);");
  folder.write("db/1_base.down.sql", "DROP TABLE item;");
  folder.write("db/2_change.up.sql", "ALTER TABLE item DROP COLUMN price;");
  const std::string out = (folder.path() / "out").string();
  const auto run = [&](const std::string& more) {
    return run_process(
        {"sh", "-c",
         fmt::format("{} migrations --write-downs {} {} {}", shell_quote(kProgram),
                     shell_quote(out), more, shell_quote((folder.path() / "db").string()))});
  };
  const auto first = run("");
  EXPECT_EQ(
      first.out,
      "2_change: honest; the up keeps rows aside\n1 honest, 0 that lose rows, 0 not written\n")
      << first.err;
  EXPECT_EQ(first.status, 0);
  EXPECT_THAT(read_file(std::filesystem::path(out) / "2_change.up.sql"),
              HasSubstr("CREATE TABLE backout_kept.m2_item AS SELECT * FROM public.item;"));
  EXPECT_THAT(read_file(std::filesystem::path(out) / "2_change.down.sql"),
              HasSubstr("ALTER TABLE public.item ADD COLUMN price integer;"));
  const auto again = run("");
  EXPECT_EQ(again.status, 3);
  EXPECT_THAT(again.err, HasSubstr("is there already; --replace overwrites it"));
  EXPECT_EQ(run("--replace").status, 0);
}

/// A down whose up is lost takes back what nobody knows: there is nothing to write.
TEST(WrittenDowns, NoneIsWrittenForAnUpThatIsMissing) {
  const TemporaryFolder folder;
  folder.write("db/1_base.up.sql", "CREATE TABLE item (id int PRIMARY KEY, price int NOT NULL);");
  folder.write("db/1_base.down.sql", "DROP TABLE item;");
  folder.write("db/2_change.down.sql",
               "UPDATE item SET price = price - 1;\nDROP TABLE item CASCADE;");
  const auto result =
      run_process({kProgram, "migrations", "--write-downs", (folder.path() / "out").string(),
                   (folder.path() / "db").string()});
  EXPECT_LT(result.status, 5) << result.err;
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "out/2_change.down.sql"));
}

std::vector<std::string> locks_of(const std::string& sql) {
  std::vector<std::string> found;
  for (const postgres::StatementLock& lock :
       postgres::statement_locks(postgres::Script::parse(sql))) {
    found.push_back(fmt::format("{}: {} on {}, rewrite {}, scan {}", lock.what, lock.mode, lock.on,
                                to_string(lock.rewrites), to_string(lock.scans)));
  }
  return found;
}

TEST(StatementLocks, AreThoseOfTheManual) {
  EXPECT_THAT(locks_of("ALTER TABLE a ADD c timestamptz DEFAULT now() + interval '1 day', ADD d "
                       "int DEFAULT random() * 6, ADD e int DEFAULT f(7);"),
              ElementsAre("ADD COLUMN: ACCESS EXCLUSIVE on a, rewrite no, scan no",
                          "ADD COLUMN: ACCESS EXCLUSIVE on a, rewrite yes, scan no",
                          "ADD COLUMN: ACCESS EXCLUSIVE on a, rewrite perhaps, scan no"));
  EXPECT_THAT(
      locks_of("DROP TYPE s.mood CASCADE; DROP FUNCTION f();"),
      ElementsAre(
          "DROP ... CASCADE: ACCESS EXCLUSIVE on what depends on s.mood, rewrite no, scan no"));
  EXPECT_THAT(
      locks_of("ALTER TABLE s.a ALTER c TYPE text; ALTER TABLE a ALTER c TYPE int USING c::int;"),
      ElementsAre("ALTER COLUMN TYPE: ACCESS EXCLUSIVE on s.a, rewrite perhaps, scan yes",
                  "ALTER COLUMN TYPE: ACCESS EXCLUSIVE on a, rewrite yes, scan yes"));
  EXPECT_THAT(
      locks_of("ALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES b NOT VALID; ALTER TABLE "
               "a VALIDATE CONSTRAINT f;"),
      ElementsAre("ADD FOREIGN KEY: SHARE ROW EXCLUSIVE on a, rewrite no, scan no",
                  "ADD FOREIGN KEY: SHARE ROW EXCLUSIVE on b, rewrite no, scan no",
                  "VALIDATE CONSTRAINT: SHARE UPDATE EXCLUSIVE on a, rewrite no, scan yes"));
  EXPECT_THAT(
      locks_of("CREATE INDEX CONCURRENTLY i ON a (b); CREATE UNIQUE INDEX j ON a (b); DROP INDEX "
               "j; DROP TRIGGER t ON a;"),
      ElementsAre("CREATE INDEX CONCURRENTLY: SHARE UPDATE EXCLUSIVE on a, rewrite no, scan yes",
                  "CREATE INDEX: SHARE on a, rewrite no, scan yes",
                  "DROP INDEX: ACCESS EXCLUSIVE on its table, rewrite no, scan no",
                  "DROP TRIGGER: ACCESS EXCLUSIVE on a, rewrite no, scan no"));
  EXPECT_THAT(locks_of("UPDATE a SET b = 1; DO $$ BEGIN END $$;"),
              ElementsAre("UPDATE: ROW EXCLUSIVE on a, rewrite no, scan perhaps",
                          "DO: unknown on what its body touches, rewrite no, scan perhaps"));
}

}  // namespace
}  // namespace backout::tests
