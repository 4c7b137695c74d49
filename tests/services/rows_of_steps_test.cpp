// Rows that steps insert are state to restore, and an edit that hits nothing changes nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/stage.hpp"

namespace backout::tests {
namespace {

using services::Outcome;
using Result = Outcome::Result;

constexpr const char* kPlan = R"PLAN(backout: 1
services:
  db:
    kind: postgres
    sql: "CREATE TABLE schema_migrations (version text PRIMARY KEY); INSERT INTO schema_migrations VALUES ('001'); CREATE TABLE plans (id int PRIMARY KEY, name text NOT NULL);"
  api: {kind: app, uses: [db], versions: {v1: {operations: {add: {sql: "INSERT INTO plans (id, name) VALUES (:id, :name)", on: db}}}}, start: v1}
deploy:
  steps:
    - {id: seed, do: sql, target: db, text: "INSERT INTO plans (id, name) VALUES (1, 'free')"}
    - {id: note, do: record, target: db, insert: "002"}
    - {id: again, do: record, target: db, insert: "001"}
    - {id: other, do: record, target: db, delete: "003"}
    - {id: unnote, do: record, target: db, delete: "002"}
    - {id: forget, do: record, target: db, delete: "001"}
    - {id: wrong, do: sql, target: db, text: "DELETE FROM plans WHERE id = 2"}
    - {id: right, do: sql, target: db, text: "DELETE FROM plans WHERE id = 1"}
)PLAN";

TEST(RowsOfSteps, AreFacts) {
  Stage stage(kPlan);
  EXPECT_TRUE(stage.run("seed").ok());
  EXPECT_TRUE(stage.run("note").ok());
  EXPECT_EQ(stage.fact("db.tables.plans.rows.1"), "inserted by a step");
  EXPECT_EQ(stage.fact("db.tables.schema_migrations.rows.002"), "inserted by a step");
  EXPECT_TRUE(stage.run("unnote").ok());
  EXPECT_EQ(stage.fact("db.tables.schema_migrations.rows.002"), "absent");
}

TEST(RowsOfSteps, ThatWereThereBeforeAreNoNews) {
  Stage stage(kPlan);
  EXPECT_TRUE(stage.run("forget").ok());
  EXPECT_TRUE(stage.run("again").ok());
  EXPECT_EQ(stage.fact("db.tables.schema_migrations.rows.001"), "absent");
}

TEST(RowsOfSteps, RowsOfTrafficAreNone) {
  Stage stage(kPlan);
  const std::vector<services::LiveOperation> live =
      services::live_operations(stage.context(), stage.world);
  ASSERT_EQ(live.size(), 1U);
  const services::Applied applied = services::run_operation(stage.context(), stage.world, live[0]);
  EXPECT_TRUE(applied.outcome.ok());
  stage.world = applied.world;
  for (const services::Fact& fact : services::facts_of(stage.context(), stage.world)) {
    EXPECT_EQ(fact.path.find(".rows."), std::string::npos) << fact.path;
  }
}

TEST(RowsOfSteps, AnEditThatHitsNothingDoesNothing) {
  Stage stage(kPlan);
  EXPECT_EQ(stage.run("other").result, Result::noop);
  EXPECT_EQ(stage.run("wrong").result, Result::done) << "nobody says which plans there are";
  EXPECT_TRUE(stage.run("seed").ok());
  EXPECT_EQ(stage.run("wrong").result, Result::noop);
  EXPECT_EQ(stage.run("right").result, Result::done);
}

}  // namespace
}  // namespace backout::tests
