// Plans that name a folder of migrations, as users check them: the verdicts of `backout migrations`
// beside those of the search.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// A plan of a database at version 1, and its migrations.
class Plan {
 public:
  explicit Plan(const std::string& services = "", const std::string& steps = "") {
    folder_.write("plan.yaml", R"(backout: 1
services:
  db: {kind: postgres, migrations: db, migrated_to: "1"}
  api:
    kind: app
    uses: [db]
    versions: {v1: {inserts: {item: [name]}}, v2: {inserts: {item: [name, price]}}}
    start: v1
)" + services + R"(deploy:
  steps:
    - {id: schema, migrations: db, takes: 1m}
)" + steps);
    pair("1_items", "CREATE TABLE item (name text NOT NULL);\n", "DROP TABLE item;\n");
  }

  Plan& pair(const std::string& id, const std::string& up, const std::string& down) {
    folder_.write("db/" + id + ".up.sql", up);
    folder_.write("db/" + id + ".down.sql", down);
    return *this;
  }

  ProcessResult run(const std::string& command) const {
    return run_process(
        {"sh", "-c",
         fmt::format("cd {} && {} {} plan.yaml", shell_quote(folder_.path().string()),
                     shell_quote(kProgram), command)});
  }

  nlohmann::json check() const {
    return nlohmann::json::parse(run("check --runs 0 --format json").out);
  }

  /// "rule file:line step: message" of each finding about migrations.
  std::vector<std::string> findings() const {
    std::vector<std::string> all;
    const nlohmann::json report = check();
    for (const auto& finding : report["findings"]) {
      const std::string rule = finding["rule"];
      if (!rule.starts_with("migrations-")) continue;
      all.push_back(fmt::format("{} {}:{} {}: {}", rule, finding["file"].get<std::string>(),
                                finding["line"].get<int>(), finding["step"].get<std::string>(),
                                finding["message"].get<std::string>()));
    }
    return all;
  }

 private:
  TemporaryFolder folder_;
};

TEST(PlannedMigrations, AreJudgedByTheRulesOfMigrations) {
  Plan plan;
  plan.pair(
      "2_price",
      "ALTER TABLE item ADD COLUMN price integer NOT NULL DEFAULT 0;\nALTER TABLE item ALTER "
      "COLUMN name DROP NOT NULL;\n",
      "ALTER TABLE item DROP COLUMN price;\nALTER TABLE item ALTER COLUMN name SET NOT NULL;\n");
  plan.pair("3_tag", "CREATE TABLE tag (id integer);\n", "-- nothing\n");
  EXPECT_THAT(
      plan.findings(),
      testing::ElementsAre(
          "migrations-fails-on-rows db/2_price.down.sql:2 schema_2_price: the down may "
          "fail on new rows: column \"name\" of relation "
          "\"item\" contains null values (witness: INSERT INTO item (price) VALUES ('0');); "
          "the matrix judges it on what the versions of this plan write",
          "migrations-not-rerunnable db/3_tag.up.sql:1 schema_3_tag: the up does not run "
          "again after the down: relation \"tag\" already exists",
          "migrations-empty-down db/3_tag.up.sql:1 schema_3_tag: the down of '3_tag' does "
          "nothing, and its up does"));
  EXPECT_EQ(plan.run("check --runs 0").status, 1);
}

TEST(PlannedMigrations, MayMeetAnyRowWhereAVersionSaysNothingOfItsTraffic) {
  const auto severity = [](const std::string& services) {
    Plan plan(services);
    plan.pair("2_name", "ALTER TABLE item ALTER COLUMN name DROP NOT NULL;\n",
              "ALTER TABLE item ALTER COLUMN name SET NOT NULL;\n");
    const nlohmann::json report = plan.check();
    for (const auto& finding : report["findings"]) {
      if (finding["rule"] == "migrations-fails-on-rows")
        return finding["severity"].get<std::string>();
    }
    return std::string("none");
  };
  EXPECT_EQ(severity("  jobs: {kind: workers, uses: [db], versions: {j1: {}}, start: j1}\n"),
            "error");
  EXPECT_EQ(severity("  jobs: {kind: workers, uses: [db], versions: {j1: {operations: none}}, "
                     "start: j1}\n"),
            "note");
  EXPECT_EQ(severity(""), "note");
}

TEST(PlannedMigrations, ThatTheDatabaseHasAreNotJudged) {
  Plan plan;
  plan.pair("1_items", "CREATE TABLE item (name text NOT NULL);\n", "")
      .pair("2_tag", "CREATE TABLE tag (id integer);\n", "DROP TABLE tag;\n");
  EXPECT_THAT(plan.findings(), IsEmpty());
}

TEST(PlannedMigrations, AreStepsThatTheSearchRunsAndTakesBack) {
  Plan plan;
  plan.pair("2_price", "ALTER TABLE item ADD COLUMN price integer;\n",
            "ALTER TABLE item DROP COLUMN price;\n");
  plan.pair("3_tag", "CREATE TABLE tag (id integer);\n", "DROP TABLE IF EXISTS tags;\n");
  const auto report = plan.check();
  std::vector<std::string> verdicts;
  for (const auto& cell : report["matrix"])
    verdicts.push_back(fmt::format("{}: {}", cell["interruption"].get<std::string>(),
                                   cell["verdict"].get<std::string>()));
  EXPECT_THAT(verdicts, Contains("after 'schema_2_price': RESTORED"));
  EXPECT_THAT(verdicts, Contains("after 'schema_3_tag': NOT RESTORED"));
}

TEST(PlannedMigrations, ThatAnyVersionNeedsComeBeforeIt) {
  Plan early("", "    - {id: code, do: deploy, target: api, version: v2, undo: auto}\n");
  early.pair("2_price", "ALTER TABLE item ADD COLUMN price integer;\n",
             "ALTER TABLE item DROP COLUMN price;\n");
  EXPECT_THAT(early.run("check --runs 0").out, Not(HasSubstr("INCOMPATIBLE")));
  Plan late("", "    - {id: code, do: deploy, target: api, version: v2, undo: auto}\n");
  late.pair("2_price", "CREATE TABLE price (id integer);\n", "DROP TABLE price;\n");
  EXPECT_THAT(late.run("check --runs 0").out,
              HasSubstr("column \"price\" of relation \"item\" does not exist"));
}

TEST(PlannedMigrations, RunAsTheirToolRunsThem) {
  Plan plan;
  plan.pair("2_index",
            "CREATE TABLE tag (id integer);\nCREATE INDEX CONCURRENTLY by_name ON item (name);\n",
            "DROP INDEX by_name;\nDROP TABLE tag;\n");
  const ProcessResult result = plan.run("check --runs 0");
  EXPECT_THAT(result.out,
              HasSubstr("error[step-refused] db/2_index.up.sql:1:1\n  'schema_2_index' is refused "
                        "even when nothing else goes wrong (the deploy):\n"
                        "  CREATE INDEX CONCURRENTLY cannot run inside a transaction block\n"));
  EXPECT_THAT(result.out, HasSubstr("warning[migrations-unsafe-in-transaction]"));
}

TEST(PlannedMigrations, TakeRolesAndExtensionsForGranted) {
  Plan plan;
  plan.pair("1_items", "CREATE TABLE item (name text NOT NULL);\nGRANT SELECT ON item TO reader;\n",
            "DROP TABLE item;\n");
  plan.pair("2_key", "ALTER TABLE item ADD COLUMN id uuid DEFAULT uuid_generate_v4();\n",
            "ALTER TABLE item DROP COLUMN id;\n");
  EXPECT_EQ(plan.run("check --runs 0").status, 0) << plan.run("check --runs 0").out;
}

TEST(PlannedMigrations, ThatDoNotRunBeforeTheDeployAreAMistakeAtTheirStatement) {
  Plan plan;
  plan.pair("1_items",
            "CREATE TABLE item (name text NOT NULL);\nALTER TABLE items ADD COLUMN id integer;\n",
            "DROP TABLE item;\n");
  plan.pair("2_tag", "CREATE TABLE tag (id integer);\n", "DROP TABLE tag;\n");
  const ProcessResult result = plan.run("check");
  EXPECT_EQ(result.status, 3);
  EXPECT_THAT(result.err, HasSubstr("db/1_items.up.sql:2:1: error: the state of 'db' before the "
                                    "deploy cannot be made: relation \"items\" does not exist\n"));
}

TEST(PlannedMigrations, ThatAreNoSqlArePlacedAndUnknownOrRefused) {
  Plan plan;
  plan.pair("2_tag", "CREATE TABLE {{ name }} (id integer);\n", "DROP TABLE tag;\n");
  EXPECT_THAT(plan.findings(),
              Contains("migrations-unknown db/2_tag.up.sql:1 schema_2_tag: the verdict is not "
                       "known: the placeholder {{ name }} has no value (--set name=..., or the "
                       "configuration of its tool)"));
  EXPECT_EQ(plan.run("check --runs 0").status, 1);
}

TEST(PlannedMigrations, AreIgnoredWhereThePlanSaysSo) {
  Plan plan(
      "", "ignore: [{rule: migrations-residue, step: schema_2_tag, reason: the table is empty}]\n");
  plan.pair("2_tag",
            "CREATE TABLE IF NOT EXISTS tag (id integer);\nCREATE TABLE tags (id integer);\n",
            "DROP TABLE tags;\n");
  EXPECT_THAT(plan.findings(), IsEmpty());
}

TEST(PlannedMigrations, RunInCampaigns) {
  Plan plan;
  plan.pair("2_tag", "CREATE TABLE tag (id integer);\n", "DROP TABLE tag;\n");
  const ProcessResult result = plan.run("simulate --runs 50");
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("undo: RESTORED 50"));
}

TEST(PlannedMigrations, HaveAnExampleThatPasses) {
  const ProcessResult result =
      run_backout({"check", "--fail-on", "note",
                   std::string(kSourceDir) + "/docs/examples/migrations/plan.yaml"});
  EXPECT_EQ(result.status, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("RESTORED"));
}

}  // namespace
}  // namespace backout::tests
