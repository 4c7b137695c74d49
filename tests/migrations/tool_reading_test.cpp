// Migrations as their own tool reads them, chains behind a refused up, extensions that nobody
// creates, and folders of others. The expectations follow the rules of PostgreSQL and what is known
// of the tools (docs/migrations.md).

#include <array>
#include <map>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

using testing::HasSubstr;

struct Reading {
  const char* name;
  std::map<std::string, std::string> files;
  const char* answers;  ///< "up down schema" of the last migration
  const char* reason;   ///< part of one of its reasons; empty: it has none
};

void PrintTo(const Reading& reading, std::ostream* out) { *out << reading.name; }

std::map<std::string, std::string> pair_of(const std::string& base, const std::string& up,
                                           const std::string& down) {
  return {{"1_a.up.sql", base},
          {"1_a.down.sql", "SELECT 1;"},
          {"2_b.up.sql", up},
          {"2_b.down.sql", down}};
}

std::map<std::string, std::string> chain_of(const std::string& refused, const std::string& later) {
  return {{"1_a.up.sql", "CREATE TABLE a (id integer);"},
          {"2_b.up.sql", refused},
          {"3_c.up.sql", later},
          {"1_a.down.sql", "DROP TABLE a;"},
          {"2_b.down.sql", ""},
          {"3_c.down.sql", "SELECT 1;"}};
}

const std::string kBody =
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $body$\nBEGIN\n  RETURN "
    "NEW;\nEND;\n$body$;\n";

std::vector<Reading> statements() {
  return {
      {"goose cuts a body",
       {{"1_a.sql", "-- +goose Up\n" + kBody + "-- +goose Down\nDROP FUNCTION f();\n"}},
       "no unknown unknown",
       "unterminated dollar-quoted string"},
      {"goose keeps a block",
       {{"1_a.sql", "-- +goose Up\n-- +goose StatementBegin\n" + kBody +
                        "-- +goose StatementEnd\n-- +goose Down\nDROP FUNCTION f();\n"}},
       "yes yes restored",
       ""},
      {"sql-migrate cuts a DO",
       {{"1_a.sql",
         "-- +migrate Up\nDO $$ BEGIN\nPERFORM 1; -- one\nEND $$;\n-- +migrate Down\nSELECT 1;\n"}},
       "no unknown unknown",
       "unterminated dollar-quoted string"},
      {"goose keeps one line",
       {{"1_a.sql", "-- +goose Up\nDO $$ BEGIN PERFORM 1; END $$;\n-- +goose Down\nSELECT 1;\n"}},
       "yes yes restored",
       ""},
      {"liquibase cuts a rollback",
       {{"1.sql",
         "--liquibase formatted sql\n--changeset me:1\nSELECT 1;\n--rollback DO $$ BEGIN PERFORM "
         "1; END $$;\n"}},
       "yes no differs",
       "unterminated dollar-quoted string"},
      {"liquibase is told not to cut",
       {{"1.sql",
         "--liquibase formatted sql\n--changeset me:1 rollbackSplitStatements:false\nSELECT "
         "1;\n--rollback DO $$ BEGIN PERFORM 1; END $$;\n"}},
       "yes yes restored",
       ""},
      {"liquibase cuts an up",
       {{"1.sql",
         "--liquibase formatted sql\n--changeset me:1 rollbackSplitStatements:false\nDO $$ BEGIN "
         "PERFORM 1; END $$;\n--rollback SELECT 1;\n"}},
       "no unknown unknown",
       "unterminated dollar-quoted string"},
      {"a copy block is rows",
       pair_of("CREATE TABLE k (id integer PRIMARY KEY, n text);\nCOPY k (id, n) FROM "
               "stdin;\n1\tit's\n2\t\\N\n\\.\n",
               "INSERT INTO k VALUES (1, 'x');", "SELECT 1;"),
       "no unknown unknown", "duplicate key"},
      {"goose in go",
       {{"1_a.go", "package migrations\n"},
        {"2_b.sql",
         "-- +goose Up\nALTER TABLE a ADD x int;\n-- +goose Down\nALTER TABLE a DROP x;\n"}},
       "yes unknown unknown",
       "program"},
  };
}

std::vector<Reading> transactions() {
  const std::string table = "CREATE TABLE a (id integer);";
  return {
      {"goose wraps",
       {{"1_a.sql", "-- +goose Up\n" + table + "\n-- +goose Down\nVACUUM a;\n"}},
       "yes no differs",
       "VACUUM cannot run inside a transaction block"},
      {"goose is told not to",
       {{"1_a.sql", "-- +goose NO TRANSACTION\n-- +goose Up\n" + table +
                        "\nCREATE INDEX CONCURRENTLY i ON a (id);\n-- +goose Down\nDROP INDEX "
                        "CONCURRENTLY i; DROP TABLE a;\n"}},
       "yes yes restored",
       ""},
      {"dbmate wraps the other direction",
       {{"1_a.sql",
         "-- migrate:up\n" + table + "\n-- migrate:down transaction:false\nDROP TABLE a;\n"},
        {"2_b.sql",
         "-- migrate:up\nCREATE INDEX CONCURRENTLY i ON a (id);\n-- migrate:down\nDROP INDEX "
         "i;\n"}},
       "no unknown unknown",
       "cannot run inside a transaction block"},
      {"a path lasts in dbmate",
       {{"1_a.sql",
         "-- migrate:up\nSET search_path = '';\nCREATE TABLE public.a (id integer);\n-- "
         "migrate:down\nDROP TABLE a;\n"},
        {"2_b.sql",
         "-- migrate:up\nALTER TABLE a ADD x int;\n-- migrate:down\nALTER TABLE a DROP x;\n"}},
       "no unknown unknown",
       "\"a\" does not exist"},
      {"a path of a transaction does not",
       {{"1_a.sql",
         "-- migrate:up\nCREATE TABLE a (id integer);\nSET LOCAL search_path = '';\n-- "
         "migrate:down\nDROP TABLE a;\n"},
        {"2_b.sql",
         "-- migrate:up\nALTER TABLE a ADD x int;\n-- migrate:down\nALTER TABLE a DROP x;\n"}},
       "yes yes restored",
       ""},
      {"nor one in goose",
       {{"1_a.sql",
         "-- +goose Up\nCREATE TABLE a (id integer);\nSET search_path = '';\n-- +goose Down\nDROP "
         "TABLE a;\n"},
        {"2_b.sql",
         "-- +goose Up\nALTER TABLE a ADD x int;\n-- +goose Down\nALTER TABLE a DROP x;\n"}},
       "yes yes restored",
       ""},
      {"an open begin leaves nothing",
       pair_of(table, "ALTER TABLE a ADD x int;", "BEGIN;\nALTER TABLE a DROP x;\n"),
       "yes yes differs", ""},
      {"a version twice",
       {{"1_a.sql", "-- migrate:up\n" + table + "\n-- migrate:down\nDROP TABLE a;\n"},
        {"2_b.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n"},
        {"2_c.sql",
         "-- migrate:up\nALTER TABLE a ADD x int;\n-- migrate:down\nALTER TABLE a DROP x;\n"}},
       "no unknown unknown",
       "records a version once"},
  };
}

std::vector<Reading> chains() {
  return {
      {"what a refused view would be",
       chain_of("CREATE VIEW v AS SELECT * FROM nowhere;", "COMMENT ON VIEW v IS 'x';"),
       "yes yes unknown", "what the up of '2_b' makes"},
      {"what a refused column would be",
       chain_of("ALTER TABLE a ADD c integer DEFAULT nothing();", "CREATE INDEX i ON a (c);"),
       "yes yes restored", "what the up of '2_b' makes"},
      {"what a refused table would be",
       chain_of("CREATE TABLE b (id no_such_type);", "ALTER TABLE b ADD x int;"), "yes yes unknown",
       "what the up of '2_b' makes"},
      {"what does not depend on it",
       chain_of("CREATE VIEW v AS SELECT * FROM nowhere;", "SELECT 1;"), "yes yes restored", ""},
  };
}

std::vector<Reading> types() {
  const std::string table = "CREATE TABLE a (id integer, t text, j jsonb);";
  return {
      {"digest of a platform",
       pair_of(table, "CREATE INDEX i ON a (extensions.digest(t, 'sha256'));", "DROP INDEX i;"),
       "yes yes restored", ""},
      {"a trigram index",
       pair_of(table, "CREATE INDEX i ON a USING gin (t gin_trgm_ops);", "DROP INDEX i;"),
       "yes yes restored", ""},
      {"a vector",
       pair_of(table,
               "ALTER TABLE a ADD e vector(3);\nCREATE INDEX i ON a USING hnsw (e vector_l2_ops);",
               "ALTER TABLE a DROP e;"),
       "yes yes restored", ""},
      {"geometry through text",
       pair_of(table,
               "ALTER TABLE a ADD g geometry(Point, 4326) DEFAULT st_setsrid(st_makepoint(0, 0), "
               "4326);\nCREATE VIEW v AS SELECT st_area(g::geography)::int AS n FROM a;",
               "DROP VIEW v; ALTER TABLE a DROP g;"),
       "yes yes restored", ""},
      {"a weighted vector",
       pair_of(table,
               "ALTER TABLE a ADD v tsvector GENERATED ALWAYS AS (setweight(to_tsvector('english', "
               "t), 'A') || to_tsvector('simple', t)) STORED;",
               "ALTER TABLE a DROP v;"),
       "yes yes restored", ""},
      {"columns of functions",
       pair_of(table,
               "CREATE VIEW v AS SELECT x.value AS a, y AS b FROM a, jsonb_array_elements(a.j) AS "
               "x, unnest(ARRAY[1, 2]) AS y;",
               "DROP VIEW v;"),
       "yes yes restored", ""},
      {"bits",
       pair_of("CREATE TABLE n (id integer PRIMARY KEY);",
               "INSERT INTO n VALUES ('xff'::bit(8)::int), (x'0f'::int), (b'101'::bit(3)::int);",
               "DELETE FROM n WHERE id IN (255, 15, 5);"),
       "yes yes restored", ""},
      {"one index for two constraints",
       pair_of(
           "CREATE TABLE n (id integer PRIMARY KEY, a integer UNIQUE, UNIQUE (a), UNIQUE (id));",
           "ALTER TABLE n ADD CONSTRAINT n_id_key UNIQUE (id);",
           "ALTER TABLE n DROP CONSTRAINT n_id_key;"),
       "yes yes restored", ""},
      {"a policy lets go of a column",
       pair_of("CREATE TABLE p (a text, b text); CREATE POLICY x ON p USING (a = '1') WITH CHECK "
               "(b = '1');",
               "ALTER POLICY x ON p USING (b = '1'); ALTER TABLE p ALTER a TYPE varchar(9);",
               "ALTER TABLE p ALTER a TYPE text; ALTER POLICY x ON p USING (a = '1');"),
       "yes yes restored", ""},
      {"an aggregate of before",
       pair_of("CREATE FUNCTION s(int, int) RETURNS int LANGUAGE sql AS 'SELECT $1';",
               "CREATE AGGREGATE least_of (basetype = int, sfunc = s, stype = int);",
               "DROP AGGREGATE least_of(int);"),
       "yes yes restored", ""},
      {"an extension that nobody has",
       pair_of(table, "ALTER TABLE a ADD n integer DEFAULT nobody_has_this(1);",
               "ALTER TABLE a DROP n;"),
       "no unknown unknown", "does not exist"},
  };
}

class ToolReading : public testing::TestWithParam<Reading> {};

TEST_P(ToolReading, GivesTheAnswersOfTheToolAndOfPostgres) {
  const Reading& reading = GetParam();
  const TemporaryFolder folder;
  for (const auto& [name, text] : reading.files) folder.write(name, text);
  const ProcessResult result =
      run_process({kProgram, "migrations", "--format", "json", folder.path().string()});
  const nlohmann::json report = nlohmann::json::parse(result.out);
  const nlohmann::json& last = report["migrations"].back();
  EXPECT_EQ(fmt::format("{} {} {}", last["up_runs"].get<std::string>(),
                        last["down_runs"].get<std::string>(), last["schema"].get<std::string>()),
            reading.answers)
      << last.dump(1);
  std::string reasons;
  for (const nlohmann::json& reason : last["reasons"])
    reasons += reason["message"].get<std::string>() + "\n";
  EXPECT_THAT(reasons, HasSubstr(reading.reason));
  // What is not known of a chain never ends in a good verdict.
  if (std::string_view(reading.reason).starts_with("what the up of")) {
    EXPECT_EQ(last["verdict"], "unknown");
  }
}

INSTANTIATE_TEST_SUITE_P(Statements, ToolReading, testing::ValuesIn(statements()));
INSTANTIATE_TEST_SUITE_P(Transactions, ToolReading, testing::ValuesIn(transactions()));
INSTANTIATE_TEST_SUITE_P(Chains, ToolReading, testing::ValuesIn(chains()));
INSTANTIATE_TEST_SUITE_P(Types, ToolReading, testing::ValuesIn(types()));

TEST(ForeignMigrations, AreNamedAndNotRead) {
  const std::vector<std::array<std::string, 3>> others = {
      {"versions/1_a.py", "from alembic import op\n", "alembic upgrade head --sql"},
      {"migrations/0001_initial.py", "class Migration(migrations.Migration):\n", "sqlmigrate"},
      {"db/migrate/1_a.rb", "class A < ActiveRecord::Migration[7.0]\n", "Rails"},
      {"1_a.php", "use Illuminate\\Database\\Migrations\\Migration;\n",
       "artisan migrate --pretend"},
      {"1_a.cs", "protected override void Up(MigrationBuilder b)\n", "dotnet ef migrations script"},
      {"1_a.ts", "export class A implements MigrationInterface {}\n", "TypeORM"},
      {"1_a.exs", "defmodule A do\n use Ecto.Migration\n", "Ecto"},
      {"Migration1.ts", "import { Migration } from '@mikro-orm/migrations';\n", "MikroORM"},
      {"1_a.ts", "import { Kysely } from 'kysely'\n", "Kysely"},
      {"1_a.rb", "Sequel.migration do\n", "Sequel"},
      {"m1_a.rs", "impl MigrationTrait for Migration {\n", "SeaORM"},
      {"1_a.php", "final class A extends AbstractMigration\n", "Phinx"},
      {"1_a.cs", "using FluentMigrator;\n", "FluentMigrator"},
      {"1_a.py", "from yoyo import step\n", "yoyo"},
      {"1-a.js", "exports._meta = { version: 1 };\n", "db-migrate"},
      {"changelog.xml", "<databaseChangeLog>\n", "liquibase update-sql"},
      {"1_a.up.sql", "CREATE TABLE `a` (id int AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB;\n",
       "SQL of MySQL"},
      {"1_b.up.sql", "CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT);\n", "SQL of SQLite"},
      {"1_c.up.sql", "CREATE TABLE [dbo].[a] (id int IDENTITY(1,1));\nGO\n", "SQL of SQL Server"},
  };
  for (const auto& [name, text, said] : others) {
    const TemporaryFolder folder;
    folder.write(name, text);
    const ProcessResult result = run_process({kProgram, "migrations", folder.path().string()});
    EXPECT_EQ(result.status, 3) << name;
    EXPECT_THAT(result.err, HasSubstr(said)) << name;
  }
}

TEST(Sqitch, FindsItsScriptsHoweverTheFolderIsSpelled) {
  const TemporaryFolder folder;
  folder.write("sqitch.plan", "%project=x\n\nusers 2026-01-01T00:00:00Z A <a@b.c> # users\n");
  folder.write("sqitch.conf", "[core]\n\tengine = pg\n\tdeploy_dir = ./deploy\n");
  folder.write("deploy/users.sql", "CREATE TABLE users (id integer);\n");
  folder.write("revert/users.sql", "DROP TABLE nobody;\n");
  const std::string path = folder.path().string();
  for (const std::string& spelled : {path, path + "/", path + "/.", path + "/./"}) {
    const ProcessResult result =
        run_process({kProgram, "migrations", "--format", "concise", spelled});
    EXPECT_EQ(result.status, 1) << spelled;
    EXPECT_THAT(result.out, HasSubstr("revert/users.sql:1:1: error[migrations-down-fails] the down "
                                      "fails: table \"nobody\" does not exist\n"))
        << spelled;
    EXPECT_THAT(result.out, testing::Not(HasSubstr("no deploy script"))) << spelled;
  }
}

/// What is said of the second of two migrations.
std::vector<std::string> messages_of(const std::string& base, const std::string& up,
                                     const std::string& down) {
  const TemporaryFolder folder;
  folder.write("1_base.up.sql", base);
  folder.write("1_base.down.sql", "-- backout: irreversible the first one\n");
  folder.write("2_change.up.sql", up);
  folder.write("2_change.down.sql", down);
  const ProcessResult result =
      run_process({kProgram, "migrations", "--format", "json", folder.path().string()});
  const nlohmann::json report = nlohmann::json::parse(result.out);
  std::vector<std::string> messages;
  for (const nlohmann::json& finding : report["findings"]) {
    const auto file = finding["file"].get<std::string>();
    const std::string name = file.substr(file.rfind('/') + 1);
    if (name.starts_with("2_"))
      messages.push_back(name + ": " + finding["message"].get<std::string>());
  }
  return messages;
}

TEST(Messages, SayInWordsOfSqlWhatOfTablesAndViewsDiffers) {
  EXPECT_THAT(messages_of("CREATE TABLE a (id integer);\n"
                          "ALTER TABLE a ENABLE ROW LEVEL SECURITY;\n"
                          "ALTER TABLE a SET (fillfactor = 70);\n",
                          "ALTER TABLE a ADD n integer;\n",
                          "ALTER TABLE a DROP n;\nALTER TABLE a DISABLE ROW LEVEL SECURITY;\n"
                          "ALTER TABLE a RESET (fillfactor);\n"
                          "ALTER TABLE a REPLICA IDENTITY FULL;\n"),
              testing::ElementsAre(
                  "2_change.down.sql: table 'public.a' is not as it was before the up: WITH "
                  "(fillfactor=70), REPLICA IDENTITY DEFAULT, ENABLE ROW LEVEL SECURITY became no "
                  "options, REPLICA IDENTITY FULL, DISABLE ROW LEVEL SECURITY"));
  EXPECT_THAT(
      messages_of("CREATE TABLE a (id integer);\n"
                  "CREATE VIEW v WITH (security_invoker = true) AS SELECT id FROM a;\n",
                  "DROP VIEW v;\n", "CREATE VIEW v AS SELECT id FROM a;\n"),
      testing::ElementsAre("2_change.down.sql: view 'public.v' is not as it was before the up: "
                           "WITH (security_invoker=true) AS SELECT id FROM a became SELECT id "
                           "FROM a"));
}

TEST(Messages, SayThatATriggerIsDisabled) {
  EXPECT_THAT(
      messages_of("CREATE TABLE a (id integer);\n"
                  "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS "
                  "$$ BEGIN RETURN NEW; END $$;\n"
                  "CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION f();\n",
                  "ALTER TABLE a ADD n integer;\n",
                  "ALTER TABLE a DISABLE TRIGGER t;\nALTER TABLE a DROP n;\n"),
      testing::ElementsAre("2_change.down.sql: trigger 'public.a.t' is not as it was before "
                           "the up: ENABLE TRIGGER became DISABLE TRIGGER"));
}

TEST(TwinFolders, PairByNumberWhatHasOtherNames) {
  const TemporaryFolder folder;
  folder.write("up/0001_base.sql", "CREATE TABLE a (id integer);\n");
  folder.write("down/0001_base.sql", "DROP TABLE a;\n");
  folder.write("up/0002_add_name.sql", "ALTER TABLE a ADD n text;\n");
  folder.write("down/0002_remove_name.sql", "ALTER TABLE a DROP m;\n");
  folder.write("up/0003_b.sql", "CREATE TABLE b (id integer);\n");
  folder.write("up/0003_c.sql", "CREATE TABLE c (id integer);\n");
  folder.write("down/0003_d.sql", "DROP TABLE b;\n");
  const std::string root = folder.path().string() + "/";
  const ProcessResult result =
      run_process({kProgram, "migrations", "--format", "concise", folder.path().string()});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(
      result.out,
      root + "down/0003_d.sql:1:1: warning[migrations-folder] a down without an up\n" + root +
          "down/0002_remove_name.sql:1:1: error[migrations-down-fails] the down fails: column "
          "\"m\" of relation \"a\" does not exist\n" +
          root + "up/0003_b.sql:1:1: warning[migrations-missing-down] '0003_b' has no down\n" +
          root + "up/0003_c.sql:1:1: warning[migrations-missing-down] '0003_c' has no down\n");
}

TEST(Messages, BlameTheScriptThatTookTheRowOfTheWitness) {
  // The up fills NULLs only; what was there before the down takes.
  EXPECT_THAT(messages_of("CREATE TABLE a (id integer PRIMARY KEY, n text);\n",
                          "UPDATE a SET n = 'x' WHERE n IS NULL;\n", "UPDATE a SET n = NULL;\n"),
              testing::ElementsAre(HasSubstr("2_change.down.sql: data is lost: lost by the down")));
  EXPECT_THAT(messages_of("CREATE TABLE a (id integer PRIMARY KEY, n text);\n",
                          "UPDATE a SET n = 'x' WHERE n IS NULL;\n", "SELECT 1;\n"),
              testing::ElementsAre(HasSubstr("2_change.up.sql: data is lost: lost by the up")));
}

TEST(SchemaFile, TakesADumpAndNamesWhatItDoesNotUnderstand) {
  const TemporaryFolder folder;
  folder.write("db/1_a.up.sql", "ALTER TABLE public.thing ADD note text;");
  folder.write("db/1_a.down.sql", "ALTER TABLE public.thing DROP note;");
  const std::string schema = folder.write(
      "schema.sql",
      "\\restrict abc\nSELECT pg_catalog.set_config('search_path', '', false);\n"
      "CREATE TABEL oops (id int);\nCREATE TABLE public.thing (id integer);\n"
      "ALTER TABLE public.thing OWNER TO somebody;\nGRANT SELECT ON TABLE public.thing TO reader;\n"
      "CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;\nCOMMENT ON EXTENSION citext IS "
      "'x';\n"
      "\\unrestrict abc\n");
  const ProcessResult result =
      run_process({kProgram, "migrations", "--schema", schema, (folder.path() / "db").string()});
  EXPECT_EQ(result.status, 0) << result.out << result.err;
  EXPECT_THAT(
      result.out,
      HasSubstr("a statement of the schema is not understood: syntax error at or near \"TABEL\""));
  EXPECT_THAT(result.out, HasSubstr("schema.sql:3:1"));
  EXPECT_THAT(result.out, HasSubstr("1 migration judged, 1 honest"));
}

TEST(Baselines, AreNamedAndGiveWayToWhatTheyStandFor) {
  const TemporaryFolder folder;
  folder.write("db/B5__base.sql", "CREATE TABLE a (id int);");
  folder.write("db/V6__b.sql", "ALTER TABLE a ADD b int;");
  folder.write("db/U6__b.sql", "ALTER TABLE a DROP b;");
  const auto run = [&] {
    return run_process({kProgram, "migrations", (folder.path() / "db").string()}).out;
  };
  EXPECT_THAT(run(),
              HasSubstr("a baseline: Flyway runs it on an empty database only; nothing undoes it"));
  folder.write("db/V5__a.sql", "CREATE TABLE a (id int);");
  const std::string beside = run();
  EXPECT_THAT(beside, HasSubstr("left out, these are judged"));
  EXPECT_THAT(beside, HasSubstr("2 migrations judged"));
}

TEST(Baselines, AreTheNewestOnly) {
  const TemporaryFolder folder;
  folder.write("db/B3__base.sql", "CREATE TABLE a (id int);");
  folder.write("db/B5__base.sql", "CREATE TABLE a (id int, n int);");
  folder.write("db/V6__b.sql", "ALTER TABLE a ADD b int; UPDATE a SET b = n;");
  folder.write("db/U6__b.sql", "ALTER TABLE a DROP b;");
  const std::string out =
      run_process({kProgram, "migrations", (folder.path() / "db").string()}).out;
  EXPECT_THAT(out, HasSubstr("an older baseline: Flyway runs the newest one only; left out"));
  EXPECT_THAT(out, Not(HasSubstr("already exists")));
  EXPECT_THAT(out, Not(HasSubstr("column \"n\" does not exist")));  // B5 has it, B3 has not
  EXPECT_THAT(out,
              HasSubstr("2 migrations judged, 1 honest, 1 broken"));  // nothing undoes the baseline
}

/// The first migration's verdict and reasons.
std::string judged(const TemporaryFolder& folder, const std::vector<std::string>& more) {
  std::vector<std::string> command = {kProgram, "migrations", "--format", "json"};
  command.insert(command.end(), more.begin(), more.end());
  command.push_back((folder.path() / "db").string());
  const ProcessResult result = run_process(command);
  const auto report = nlohmann::json::parse(result.out, nullptr, false);
  if (report.is_discarded()) return result.err;
  std::string text = report["migrations"][0]["verdict"];
  for (const auto& reason : report["migrations"][0]["reasons"])
    text += "; " + reason["message"].get<std::string>();
  return text;
}

TEST(Placeholders, GetTheValuesOfTheCommandLine) {
  const TemporaryFolder folder;
  folder.write("db/1_a.up.sql",
               "-- ${not} here\nCREATE SCHEMA ${schema};\nCREATE TABLE {{ .schema }}.t (id int, "
               "kept text DEFAULT '${kept}', n int DEFAULT :n, made text DEFAULT :'made');\n");
  folder.write("db/1_a.down.sql", "DROP TABLE ${schema}.t;\nDROP SCHEMA {{.schema}};\n");
  const std::string none = judged(folder, {});
  EXPECT_THAT(none, HasSubstr("unknown; "));
  EXPECT_THAT(none, HasSubstr("the placeholder ${schema} has no value (--set schema=..., or the "
                              "configuration of its tool)"));
  EXPECT_THAT(judged(folder, {"--set", "schema=app"}),
              HasSubstr("the placeholder :n has no value (--set n="));
  EXPECT_EQ(judged(folder, {"--set", "schema=app", "--set", "n=7", "--set", "made=it's"}),
            "honest");
  EXPECT_THAT(judged(folder, {"--set", "schema"}),
              HasSubstr("--set wants NAME=VALUE, not 'schema'"));
}

struct Configured {
  const char* file;
  const char* text;
  std::map<std::string, std::string> files;
};

TEST(Placeholders, GetTheValuesOfTheToolsConfiguration) {
  const std::map<std::string, std::string> flyway = {
      {"db/V1__a.sql", "CREATE SCHEMA ${owner}; COMMENT ON SCHEMA ${owner} IS 'of ${owner}';"},
      {"db/U1__a.sql", "DROP SCHEMA ${owner};"}};
  const Configured kCases[] = {
      {"flyway.conf", "# conf\nflyway.url=jdbc\nflyway.placeholders.owner=app\n", flyway},
      {"conf/flyway.toml", "[flyway]\nurl = \"x\"\n[flyway.placeholders]\nowner = \"app\"\n",
       flyway},
      {"flyway.toml", "flyway.placeholders = { owner = \"app\" } # inline\n", flyway},
      {"flyway.toml", "[environments.dev.flyway.placeholders]\nowner = \"app\"  # who\n", flyway},
      {"sqitch.conf",
       "[core]\n\tengine = pg\n[deploy \"variables\"]\n\towner = app ; who\n",
       {{"db/sqitch.plan", "%project=p\n\na 2020-01-01T00:00:00Z x <x@example.org> # a\n"},
        {"db/deploy/a.sql", "CREATE SCHEMA :\"owner\";"},
        {"db/revert/a.sql", "DROP SCHEMA :owner;"}}},
      {"tern.conf",
       "[database]\nhost = x\n[data]\nowner = app\n",
       {{"db/001_a.sql",
         "CREATE SCHEMA {{.owner}};\n---- create above / drop below ----\nDROP SCHEMA "
         "{{.owner}};\n"}}},
  };
  for (const Configured& one : kCases) {
    SCOPED_TRACE(one.file);
    const TemporaryFolder folder;
    for (const auto& [name, text] : one.files) folder.write(name, text);
    EXPECT_THAT(judged(folder, {}), HasSubstr("has no value (--set owner="));
    folder.write(one.file, one.text);
    EXPECT_EQ(judged(folder, {}), "honest");
  }
}

TEST(Placeholders, AreTheToolsOwn) {
  const TemporaryFolder folder;
  folder.write("db/1_a.sql",
               "-- +goose ENVSUB ON\n-- +goose Up\nCREATE TABLE ${T:-item} (id int);\n-- +goose "
               "Down\nDROP TABLE $T;\n");
  EXPECT_THAT(judged(folder, {}), HasSubstr("the placeholder $T has no value"));
  EXPECT_EQ(judged(folder, {"--set", "T=item"}), "honest");
  folder.write("db/1_a.sql",
               "-- +goose Up\nCREATE TABLE ${T} (id int);\n-- +goose Down\nDROP TABLE item;\n");
  EXPECT_THAT(judged(folder, {"--set", "T=item"}), HasSubstr("syntax error"));
}

/// What is not filled goes to the server as it stands.
TEST(Placeholders, AreTextWhereFlywayReplacesNone) {
  for (const auto& [file, text] : std::map<std::string, std::string>{
           {"flyway.conf", "flyway.placeholderReplacement=false\n"},
           {"flyway.toml", "[flyway]\nplaceholderReplacement = false\n"}}) {
    SCOPED_TRACE(file);
    const TemporaryFolder folder;
    folder.write("db/V1__a.sql", "CREATE TABLE t (b text DEFAULT '${who}');");
    folder.write("db/U1__a.sql", "DROP TABLE t;");
    EXPECT_THAT(judged(folder, {}), HasSubstr("the placeholder ${who} has no value"));
    folder.write(file, text);
    EXPECT_EQ(judged(folder, {}), "honest");
  }
}

/// The name of a type behind `::` is quoted as any other: what follows it is no string.
TEST(Placeholders, StandBehindACastToAQuotedName) {
  const TemporaryFolder folder;
  folder.write("db/1_a.up.sql",
               "CREATE TYPE \"Role\" AS ENUM ('A');\nCREATE TABLE t (r text DEFAULT "
               "'A'::\"Role\"::text, n int DEFAULT :n);\n");
  folder.write("db/1_a.down.sql", "DROP TABLE t;\nDROP TYPE \"Role\";\n");
  EXPECT_EQ(judged(folder, {"--set", "n=7"}), "honest");
  EXPECT_THAT(judged(folder, {}), HasSubstr("the placeholder :n has no value"));
}

/// Each tool fills its own spelling; what another one would fill is text.
TEST(Placeholders, AreOfTheSpellingThatTheToolFills) {
  const struct {
    const char* name;
    std::map<std::string, std::string> files;
    std::vector<std::string> set;
    const char* verdict;
  } kCases[] = {
      {"Flyway: braces are rows and letters",
       {{"db/V1__a.sql",
         "CREATE TABLE t (a int[], b text);\nINSERT INTO t VALUES ('{{1,2},{3,4}}', 'Dear "
         "{{name}}, :x');\n"},
        {"db/U1__a.sql", "DROP TABLE t;\n"}},
       {},
       "honest"},
      {"Flyway: its own",
       {{"db/V1__a.sql", "CREATE TABLE t (b text DEFAULT '${who}');\n"},
        {"db/U1__a.sql", "DROP TABLE t;\n"}},
       {},
       "unknown"},
      {"Liquibase: what it does not know stays",
       {{"db/a.sql",
         "--liquibase formatted sql\n--changeset x:1\nCREATE TABLE t (b text DEFAULT 'Dear "
         "${name}', c text DEFAULT '{{ d }}');\n--rollback DROP TABLE t;\n"}},
       {},
       "honest"},
      {"Liquibase: its own",
       {{"db/a.sql",
         "--liquibase formatted sql\n--changeset x:1\nCREATE TABLE ${t} (b text);\n--rollback DROP "
         "TABLE ${t};\n"}},
       {"--set", "t=item"},
       "honest"},
      {"tern: dollars and colons are text",
       {{"db/001_a.sql",
         "CREATE TABLE t (b text DEFAULT '${x}', c text DEFAULT ':y');\n---- create above / drop "
         "below ----\nDROP TABLE t;\n"}},
       {},
       "honest"},
      {"tern: its own",
       {{"db/001_a.sql",
         "CREATE TABLE {{.t}} (b text);\n---- create above / drop below ----\nDROP TABLE "
         "{{.t}};\n"}},
       {"--set", "t=item"},
       "honest"},
  };
  for (const auto& one : kCases) {
    SCOPED_TRACE(one.name);
    const TemporaryFolder folder;
    for (const auto& [name, text] : one.files) folder.write(name, text);
    EXPECT_EQ(judged(folder, one.set).substr(0, std::string_view(one.verdict).size()), one.verdict)
        << judged(folder, one.set);
  }
}

TEST(Placeholders, AreNoSlicesCastsOrBodies) {
  const TemporaryFolder folder;
  folder.write(
      "db/1_a.up.sql",
      "CREATE TABLE t (a int[], b text);\nCREATE VIEW v AS SELECT a[1:cardinality(a)] AS c, b::int "
      "AS d FROM t;\n"
      "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT '${x} {{ y }} :z'::text $$;\n"
      R"(INSERT INTO t (b) VALUES (E'sh ''\'${x}\''' :z');)");
  folder.write("db/1_a.down.sql", "DROP FUNCTION f();\nDROP VIEW v;\nDROP TABLE t;\n");
  EXPECT_EQ(judged(folder, {}), "honest");
}

}  // namespace
}  // namespace backout::tests
