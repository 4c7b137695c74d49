// A replica follows its primary, stops where it cannot, and what a promotion of it makes of the
// primary's content.
#include <gtest/gtest.h>

#include "services/stage.hpp"

namespace backout::tests {
namespace {

using services::Undo;

std::string plan(const std::string& services, const std::string& steps) {
  return "backout: 1\nservices:\n" + services + "deploy:\n  steps:\n" + steps;
}

std::string typed(const std::string& replica, const std::string& steps) {
  return plan("  db: {kind: mysql, schema: {tables.t.c: int}}\n  standby: {kind: replica, of: db" +
                  replica + "}\n",
              "    - {id: pause, do: pause_replay, target: standby}\n    - {id: resume, do: "
              "resume_replay, target: standby}\n"
              "    - {id: promote, do: promote, target: standby}\n    - {id: resync, do: resync, "
              "target: standby}\n"
              "    - {id: fail_back, do: fail_back, target: standby}\n    - {id: schema, do: "
              "apply_schema, target: standby}\n"
              "    - {id: widen, do: change, target: db, set: {tables.t.c: bigint}}\n    - {id: "
              "narrow, do: change, target: db, set: {tables.t.c: int}}\n" +
                  steps);
}

TEST(Replica, PausedItIsACopyOfBefore) {
  Stage stage(typed("", ""));
  stage.run("pause");
  stage.run("widen");
  EXPECT_EQ(stage.fact("db.schema.tables.t.c"), "bigint");
  EXPECT_TRUE(stage.run("promote").ok());
  EXPECT_EQ(stage.fact("db.schema.tables.t.c"), "int");
}

TEST(Replica, FollowingItHoldsTheMistakeToo) {
  Stage stage(typed("", ""));
  stage.run("widen");
  stage.run("promote");
  EXPECT_EQ(stage.fact("db.schema.tables.t.c"), "bigint");
}

TEST(Replica, ResumedItIsNoCopyOfBeforeAnyMore) {
  Stage stage(typed("", ""));
  stage.run("pause");
  stage.run("widen");
  stage.run("resume");
  stage.run("promote");
  EXPECT_EQ(stage.fact("db.schema.tables.t.c"), "bigint");
}

TEST(Replica, AResyncBringsTheOldPrimaryBackAsItWasAndAFailBackAsItIs) {
  for (const std::string& way : {std::string("resync"), std::string("fail_back")}) {
    Stage stage(typed("", ""));
    stage.run("promote");
    stage.run("widen");
    EXPECT_TRUE(stage.run(way).ok());
    EXPECT_EQ(stage.fact("standby.role"), "replica");
    EXPECT_EQ(stage.fact("db.schema.tables.t.c"), way == "resync" ? "int" : "bigint");
  }
}

TEST(Replica, ThereIsNothingToSwitchBackFromWhatIsAReplica) {
  Stage stage(typed("", ""));
  stage.run("pause");
  EXPECT_TRUE(stage.run("fail_back").ok());
  EXPECT_EQ(stage.fact("standby.replay"), "paused");
}

TEST(Replica, ALogicalOneStopsAtAChangeOfTheSchemaUntilItGetsTheSame) {
  Stage stage(typed(", mode: logical", ""));
  stage.run("widen");
  EXPECT_EQ(stage.fact("standby.replay"), "broken");
  EXPECT_EQ(stage.run("resume").message,
            "logical replication target relation is missing replicated columns");
  EXPECT_TRUE(stage.run("schema").ok());
  EXPECT_EQ(stage.fact("standby.replay"), "running");
}

TEST(Replica, ALogicalOneThatIsChangedFirstGoesOn) {
  Stage stage(typed(", mode: logical", ""));
  stage.run("schema");
  stage.run("widen");
  EXPECT_EQ(stage.fact("standby.replay"), "running");
  EXPECT_EQ(stage.fact("standby.ahead"), "absent");
  stage.run("narrow");
  EXPECT_EQ(stage.fact("standby.replay"), "broken");
}

TEST(Replica, AStreamingOneCannotBeChangedByItself) {
  Stage stage(typed("", ""));
  EXPECT_EQ(stage.run("schema").message, "cannot execute ALTER TABLE in a read-only transaction");
  stage.run("widen");
  EXPECT_EQ(stage.fact("standby.replay"), "running");
}

TEST(Replica, APhysicalRestoreOfThePrimaryStopsAStreamingOne) {
  for (const std::string& method : {std::string("xtrabackup"), std::string("mysqldump")}) {
    Stage stage(typed("", "    - {id: save, do: backup, target: db, file: b, method: " + method +
                              "}\n    - {id: back, do: restore, target: db, from: b}\n"));
    stage.run("save");
    stage.run("back");
    EXPECT_EQ(stage.fact("standby.replay"), method == "xtrabackup" ? "broken" : "running")
        << method;
    stage.run("resync");
    EXPECT_EQ(stage.fact("standby.replay"), "running");
  }
}

TEST(Replica, APauseKeepsAStreamingOneFromNoPhysicalRestore) {
  Stage stage(typed("",
                    "    - {id: save, do: backup, target: db, file: b, method: xtrabackup}\n    - "
                    "{id: back, do: restore, target: db, from: b}\n"));
  for (const char* step : {"save", "pause", "widen", "back"})
    EXPECT_TRUE(stage.run(step).ok()) << step;
  EXPECT_EQ(stage.fact("standby.replay"), "broken");
  EXPECT_EQ(stage.run("resume").message,
            "requested starting point is ahead of the WAL flush position of this server");
  stage.run("widen");
  EXPECT_TRUE(stage.run("promote").ok());
  EXPECT_EQ(stage.fact("db.schema.tables.t.c"), "int")
      << "it holds what it held when it was paused";
}

TEST(Replica, APauseKeepsALogicalOneFromNoChangeOfTheSchema) {
  Stage stage(typed(", mode: logical", ""));
  stage.run("pause");
  stage.run("widen");
  EXPECT_EQ(stage.fact("standby.replay"), "broken");
  EXPECT_EQ(stage.run("resume").message,
            "logical replication target relation is missing replicated columns");
}

TEST(Replica, ALogicalOneThatStoppedWhileItWasPausedIsStillPausedWhenItGetsTheSame) {
  Stage stage(typed(", mode: logical", ""));
  for (const char* step : {"pause", "widen", "schema"}) EXPECT_TRUE(stage.run(step).ok()) << step;
  EXPECT_EQ(stage.fact("standby.replay"), "paused");
  EXPECT_TRUE(stage.run("resume").ok());
  EXPECT_EQ(stage.fact("standby.replay"), "running");
}

TEST(Replica, ALogicalOneThatIsPausedAfterItStoppedIsPausedWhenItGetsTheSame) {
  Stage stage(typed(", mode: logical", ""));
  stage.run("widen");
  EXPECT_EQ(stage.undo("pause").kind, Undo::Class::none);
  EXPECT_TRUE(stage.run("pause").ok());
  EXPECT_EQ(stage.fact("standby.replay"), "broken");
  EXPECT_EQ(stage.undo("pause").kind, Undo::Class::exact) << "it is paused";
  EXPECT_TRUE(stage.run("schema").ok());
  EXPECT_EQ(stage.fact("standby.replay"), "paused");
  EXPECT_TRUE(stage.run("resume").ok());
  EXPECT_EQ(stage.fact("standby.replay"), "running");
}

TEST(Replica, APausedLogicalOneThatWasChangedFirstStaysPausedAndGoesOn) {
  Stage stage(typed(", mode: logical", ""));
  for (const char* step : {"schema", "pause", "widen"}) EXPECT_TRUE(stage.run(step).ok()) << step;
  EXPECT_EQ(stage.fact("standby.replay"), "paused");
  EXPECT_EQ(stage.fact("standby.ahead"), "absent");
  EXPECT_TRUE(stage.run("resume").ok());
  EXPECT_EQ(stage.fact("standby.replay"), "running");
}

TEST(Replica, ADumpOfItHoldsWhatItHasReplayed) {
  Stage stage(typed("",
                    "    - {id: dump, do: backup, target: standby, file: d}\n    - {id: back, do: "
                    "restore, target: db, from: d, drop: true}\n"));
  stage.run("pause");
  stage.run("widen");
  EXPECT_TRUE(stage.run("dump").ok());
  EXPECT_EQ(stage.fact("db.schema.tables.t.c"), "bigint");
  EXPECT_TRUE(stage.run("back").ok());
  EXPECT_EQ(stage.fact("db.schema.tables.t.c"), "int");
}

TEST(Replica, ADumpThatWasTakenMeanwhileOutlivesAPromotion) {
  Stage stage(typed("",
                    "    - {id: dump, do: backup, target: db, file: d}\n    - {id: back, do: "
                    "restore, target: db, from: d, drop: true}\n"));
  stage.run("pause");
  stage.run("widen");
  stage.run("dump");
  stage.run("promote");
  EXPECT_TRUE(stage.run("back").ok());
  EXPECT_EQ(stage.fact("db.schema.tables.t.c"), "bigint");
}

TEST(Replica, APausedCopyOfPostgresGivesTheColumnBack) {
  Stage stage(
      plan("  db: {kind: postgres, tables: {t: {rows: 3, columns: {id: bigint primary key, c: "
           "text}}}}\n  standby: {kind: replica, of: db}\n",
           "    - {id: pause, do: pause_replay, target: standby}\n    - {id: drop, do: sql, "
           "target: db, text: ALTER TABLE t DROP COLUMN c}\n"
           "    - {id: dump, do: backup, target: db, file: d}\n    - {id: promote, do: promote, "
           "target: standby}\n"
           "    - {id: back, do: restore, target: db, from: d, clean: true}\n"));
  for (const char* step : {"pause", "drop", "dump"}) EXPECT_TRUE(stage.run(step).ok()) << step;
  EXPECT_EQ(stage.fact("db.tables.t.columns.c"), "absent");
  EXPECT_TRUE(stage.run("promote").ok());
  EXPECT_EQ(stage.fact("db.tables.t.columns.c"), "text");
  EXPECT_TRUE(stage.run("back").ok());
  EXPECT_EQ(stage.fact("db.tables.t.columns.c"), "absent");
}

/// A table that numbers its rows, with two rows, and who inserts more.
std::string numbered(const std::string& mode) {
  return plan(
      "  db: {kind: postgres, sql: \"CREATE TABLE t (id bigserial PRIMARY KEY, c text); INSERT "
      "INTO t "
      "(c) VALUES ('a'), ('b')\"}\n  standby: {kind: replica, of: db" +
          mode + "}\n",
      "    - {id: copy, do: copy_sequences, target: standby}\n    - {id: promote, do: promote, "
      "target: "
      "standby}\n"
      "    - {id: back, do: fail_back, target: standby}\n    - {id: old, do: resync, target: "
      "standby}\n"
      "    - {id: insert, do: sql, target: db, text: \"INSERT INTO t (c) VALUES ('n')\"}\n"
      "    - {id: set, do: sql, target: db, text: \"SELECT setval('t_id_seq', (SELECT max(id) FROM "
      "t))\"}\n");
}

constexpr const char* kTaken = "duplicate key value violates unique constraint \"t_pkey\"";

TEST(Replica, TheSequencesOfALogicalOneBeginWithNumbersThatAreTaken) {
  Stage logical(numbered(", mode: logical"));
  logical.run("promote");
  EXPECT_EQ(logical.run("insert").message, kTaken);
  EXPECT_TRUE(logical.run("set").ok());
  EXPECT_TRUE(logical.run("insert").ok());
  Stage streaming(numbered(""));
  streaming.run("promote");
  EXPECT_TRUE(streaming.run("insert").ok());
}

TEST(Replica, TheOldPrimaryDoesNotKnowWhichNumbersWereGivenOutMeanwhile) {
  for (const bool copied : {false, true}) {
    Stage stage(numbered(", mode: logical"));
    for (const char* step : {"promote", "set", "insert"}) EXPECT_TRUE(stage.run(step).ok()) << step;
    if (copied) {
      EXPECT_TRUE(stage.run("copy").ok());
    }
    EXPECT_TRUE(stage.run("back").ok());
    const services::Outcome insert = stage.run("insert");
    EXPECT_EQ(insert.ok(), copied);
    EXPECT_EQ(insert.message, copied ? "" : kTaken);
  }
}

TEST(Replica, CopiedSequencesAreThoseOfThatMoment) {
  for (const bool more : {false, true}) {
    Stage stage(numbered(", mode: logical"));
    EXPECT_TRUE(stage.run("copy").ok());
    if (more) {
      EXPECT_TRUE(stage.run("insert").ok());
    }
    EXPECT_TRUE(stage.run("promote").ok());
    EXPECT_EQ(stage.run("insert").ok(), !more);
  }
}

TEST(Replica, ARowThatAStepInsertsStopsNoLogicalOne) {
  Stage stage(numbered(", mode: logical"));
  EXPECT_TRUE(stage.run("insert").ok());
  EXPECT_EQ(stage.fact("standby.replay"), "running");
}

TEST(Replica, AStreamingOneHasItsSequencesFromItsPrimary) {
  Stage stage(numbered(""));
  EXPECT_EQ(stage.run("copy").message, "cannot execute setval() in a read-only transaction");
}

TEST(Replica, AfterAResyncTheOldPrimaryNumbersItsRowsAsBefore) {
  Stage stage(numbered(", mode: logical"));
  for (const char* step : {"promote", "set", "insert", "old", "insert"})
    EXPECT_TRUE(stage.run(step).ok()) << step;
}

}  // namespace
}  // namespace backout::tests
