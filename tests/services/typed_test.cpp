// Stores and infrastructure that are typed and not executed: what they refuse, lose and keep.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "services/stage.hpp"

namespace backout::tests {
namespace {

using services::Outcome;
using services::Undo;
using testing::ElementsAre;
using testing::IsEmpty;

std::string plan(const std::string& services, const std::string& steps) {
  return fmt::format("backout: 1\nname: typed\nservices:\n{}deploy:\n  steps:\n{}", services,
                     steps);
}

std::string id_of(std::string engine) {
  std::ranges::replace(engine, '.', '_');
  return engine;
}

std::size_t data(const Stage& stage) {
  return services::data_of(stage.context(), stage.world).size();
}

TEST(Terraform, ProtectsAndKeepsNames) {
  Stage stage(
      plan("  tf: {kind: terraform, resources: {db: a, key: k}, prevent_destroy: [db], name_kept: "
           "[key], stateful: [db]}\n",
           "    - {id: db, do: apply, target: tf, destroy: [db]}\n    - {id: key, do: apply, "
           "target: tf, destroy: [key]}\n"
           "    - {id: again, do: apply, target: tf, set: {key: k}}\n"));
  EXPECT_EQ(stage.run("db").message,
            "Instance cannot be destroyed: resource db has lifecycle.prevent_destroy set");
  EXPECT_TRUE(stage.run("key").ok());
  EXPECT_EQ(stage.run("again").message,
            "key already exists: its name stays taken for a while after it was deleted");
}

TEST(Terraform, AReplacedResourceLosesWhatItHeld) {
  Stage stage(plan(
      "  tf: {kind: terraform, resources: {db: a}, stateful: [db], replaced_on_change: [db]}\n",
      "    - {id: change, do: apply, target: tf, set: {db: b}}\n"));
  EXPECT_EQ(stage.undo("change").kind, Undo::Class::none);
  EXPECT_EQ(data(stage), 1u);
  EXPECT_TRUE(stage.run("change").ok());
  EXPECT_EQ(data(stage), 0u);
}

TEST(Terraform, ADeadClientLeavesALock) {
  Stage stage(plan("  tf: {kind: terraform, resources: {lb: a}}\n",
                   "    - {id: change, do: apply, target: tf, set: {lb: b}}\n    - {id: unlock, "
                   "do: force_unlock, target: tf}\n"));
  const auto parts = services::parts_of(stage.context(), stage.world, stage.action("change"));
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_TRUE(stage.run(parts.front()).ok());
  EXPECT_EQ(stage.run("change").message, "Error acquiring the state lock");
  EXPECT_TRUE(stage.run("unlock").ok());
  EXPECT_TRUE(stage.run("change").ok());
}

TEST(Terraform, AnApplyTakesDriftBackAndAnOldStateChangesNothing) {
  Stage stage(plan("  tf: {kind: terraform, resources: {lb: a, net: x}, drift: {net: y}}\n",
                   "    - {id: change, do: apply, target: tf, set: {lb: b}}\n    - {id: state, do: "
                   "restore_state, target: tf}\n"
                   "    - {id: unsaid, do: apply, target: tf}\n"));
  EXPECT_EQ(stage.fact("tf.real.net"), "y");
  EXPECT_TRUE(stage.run("change").ok());
  EXPECT_EQ(stage.fact("tf.real.net"), "x");
  EXPECT_TRUE(stage.run("state").ok());
  EXPECT_EQ(stage.fact("tf.real.lb"), "b");
  EXPECT_EQ(stage.fact("tf.state.lb"), "a");
  EXPECT_EQ(stage.run("unsaid").result, Outcome::Result::opaque);
}

/// A store of this kind, with steps that run an engine: `8.0.36` as "to_8_0_36", and `finalize`.
Stage engine_stage(const std::string& fields, const std::vector<std::string>& engines,
                   const std::string& more = "") {
  std::string steps;
  for (const std::string& engine : engines)
    steps += fmt::format("    - {{id: \"to_{0}\", do: upgrade, target: s, engine: \"{1}\"}}\n",
                         id_of(engine), engine);
  return Stage(plan("  s: {" + fields + "}\n", steps + more));
}

TEST(Engines, ANodeOfElasticsearchNeverGoesBack) {
  Stage stage = engine_stage("kind: elasticsearch, indexes: {i: m}, alias: i, engine: \"7.17.3\"",
                             {"7.17.3", "8.11.0"},
                             "    - {id: old, do: snapshot, target: s, file: old}\n    - {id: "
                             "anew, do: upgrade, target: s, engine: \"7.17.3\", empty: true}\n"
                             "    - {id: newer, do: snapshot, target: s, file: newer}\n    - {id: "
                             "back, do: restore, target: s, from: old, as: i}\n"
                             "    - {id: no_way, do: restore, target: s, from: newer, as: j}\n");
  EXPECT_TRUE(stage.run("old").ok());
  EXPECT_TRUE(stage.run("to_8_11_0").ok());
  EXPECT_EQ(stage.undo("to_8_11_0").kind, Undo::Class::exact);  // nothing to take back: it runs
  EXPECT_EQ(stage.run("to_7_17_3").message,
            "cannot downgrade a node from version [8.11.0] to version [7.17.3]");
  EXPECT_TRUE(stage.run("newer").ok());
  EXPECT_TRUE(stage.run("anew").ok());
  EXPECT_EQ(data(stage), 0u);
  EXPECT_EQ(stage.run("no_way").message,
            "the snapshot was created with version [8.11.0] which is higher than the version of "
            "this node [7.17.3]");
  EXPECT_TRUE(stage.run("back").ok());
}

TEST(Engines, TheUndoOfAnUpgradeIsWhatTheEngineAllows) {
  EXPECT_EQ(engine_stage("kind: mysql, engine: \"8.0.36\"", {"8.4.2"}).undo("to_8_4_2").kind,
            Undo::Class::none);
  EXPECT_EQ(engine_stage("kind: mysql, engine: \"8.0.35\"", {"8.0.36"}).undo("to_8_0_36").kind,
            Undo::Class::exact);
  EXPECT_EQ(engine_stage("kind: mysql, engine: \"8.0.34\"", {"8.0.36"}).undo("to_8_0_36").kind,
            Undo::Class::none);
  EXPECT_EQ(engine_stage("kind: mysql, engine: \"8.4.1\"", {"8.4.2"}).undo("to_8_4_2").kind,
            Undo::Class::exact);
  EXPECT_EQ(engine_stage("kind: mariadb, engine: \"10.6.1\"", {"10.6.9"}).undo("to_10_6_9").kind,
            Undo::Class::exact);
  EXPECT_EQ(engine_stage("kind: mariadb, engine: \"10.6.1\"", {"10.11.2"}).undo("to_10_11_2").kind,
            Undo::Class::none);
  EXPECT_EQ(engine_stage("kind: mongodb, engine: \"5.0\"", {"6.0"}).undo("to_6_0").kind,
            Undo::Class::exact);
  EXPECT_EQ(engine_stage("kind: mongodb, engine: \"6.0\"", {"7.0"}).undo("to_7_0").kind,
            Undo::Class::unknown);
  EXPECT_EQ(engine_stage("kind: queue, engine: \"3.4\"", {"3.6"}).undo("to_3_6").kind,
            Undo::Class::unknown);
  EXPECT_EQ(
      engine_stage("kind: queue, engine: \"3.4\", finalizes: true", {"3.6"}).undo("to_3_6").kind,
      Undo::Class::exact);
  EXPECT_EQ(
      engine_stage("kind: queue, engine: \"3.4\", finalizes: false", {"3.6"}).undo("to_3_6").kind,
      Undo::Class::none);
  EXPECT_EQ(engine_stage("kind: opensearch, engine: \"1.3\", file_formats: {\"1.3\": a, \"1.4\": "
                         "a}, indexes: {i: m}, alias: i",
                         {"1.4"})
                .undo("to_1_4")
                .kind,
            Undo::Class::exact);
}

TEST(Engines, WhatIsFinalizedStays) {
  const std::string final_step =
      "    - {id: final, do: finalize, target: s}\n    - {id: lower, do: finalize, target: s, to: "
      "\"3.4\"}\n    - {id: beyond, do: finalize, target: s, to: \"9.9\"}\n";
  Stage kafka = engine_stage("kind: kafka, engine: \"3.4\"", {"3.4", "3.6"}, final_step);
  EXPECT_TRUE(kafka.run("to_3_6").ok());
  EXPECT_TRUE(kafka.run("to_3_4").ok());
  EXPECT_EQ(kafka.run("beyond").message, "9.9 is not known to 3.4");
  EXPECT_TRUE(kafka.run("to_3_6").ok());
  EXPECT_EQ(kafka.undo("final").kind, Undo::Class::none);
  EXPECT_TRUE(kafka.run("final").ok());
  EXPECT_EQ(kafka.run("to_3_4").message,
            "3.4 does not start: what only 3.6 knows is in use (metadata version, feature flags)");
  EXPECT_EQ(kafka.run("lower").message, "3.6 is final: it cannot be lowered to 3.4");
  Stage mongo = engine_stage("kind: mongodb, engine: \"3.4\"", {"3.4", "3.6"}, final_step);
  EXPECT_TRUE(mongo.run("to_3_6").ok());
  EXPECT_EQ(mongo.undo("final").kind, Undo::Class::conditional);
  EXPECT_TRUE(mongo.run("final").ok());
  EXPECT_EQ(mongo.run("to_3_4").result, Outcome::Result::refused);
  EXPECT_TRUE(mongo.run("lower").ok());
  EXPECT_TRUE(mongo.run("to_3_4").ok());
}

TEST(Engines, WhatNobodySaysIsUnknown) {
  Stage stage = engine_stage("kind: queue, engine: \"3.4\"", {"3.4", "3.6"});
  EXPECT_TRUE(stage.run("to_3_6").ok());
  EXPECT_EQ(
      stage.run("to_3_4").message,
      "whether 3.4 runs on what 3.6 left, the plan does not say (`finalizes` or `file_formats`)");
  for (const char* fields : {"kind: queue, finalizes: true", "kind: mongodb",
                             "kind: cockroachdb"}) {  // of which engine it is, neither
    Stage start = engine_stage(fields, {"3.4", "3.6"});
    EXPECT_TRUE(start.run("to_3_6").ok());
    EXPECT_EQ(start.run("to_3_4").message,
              "whether 3.4 runs on what 3.6 left, the plan does not say (`engine`)");
  }
  Stage said =
      engine_stage("kind: cassandra, engine: \"3.11\", file_formats: {\"3.11\": me, \"4.1\": nb}",
                   {"3.11", "4.1"});
  EXPECT_TRUE(said.run("to_4_1").ok());
  EXPECT_EQ(said.run("to_3_11").message, "3.11 does not start on what 4.1 left");
  Stage by_itself =
      engine_stage("kind: cockroachdb, engine: \"23.1\", finalizes: false", {"23.1", "23.2"});
  EXPECT_TRUE(by_itself.run("to_23_2").ok());
  EXPECT_EQ(by_itself.run("to_23_1").message, "23.1 does not start on what 23.2 left");
  Stage older = engine_stage("kind: cockroachdb, engine: \"23.1\", finalizes: true", {"22.2"});
  EXPECT_EQ(
      older.run("to_22_2").message,
      "whether 22.2 runs on what 23.1 left, the plan does not say (`finalizes` or `file_formats`)");
  Stage vague =
      engine_stage("kind: mysql, engine: \"8.0\"", {"8.0.36", "8.0"});  // which 8.0 it was
  EXPECT_TRUE(vague.run("to_8_0_36").ok());
  EXPECT_EQ(vague.run("to_8_0").message,
            "whether 8.0 runs on what 8.0.36 left, the plan does not say (`file_formats`)");
  Stage words = engine_stage("kind: mysql, engine: old", {"new", "old"});
  EXPECT_EQ(words.run("to_new").message,
            "whether new runs on what old left, the plan does not say (`file_formats`)");
}

/// What the last of these engines says when each runs after the other; "" when it runs.
std::string said_by(const std::string& fields, const std::vector<std::string>& engines) {
  std::vector<std::string> each = engines;
  std::ranges::sort(each);
  each.erase(std::ranges::unique(each).begin(), each.end());
  Stage stage = engine_stage(fields + ", engine: \"" + engines.front() + "\"", each);
  std::string last;
  for (const std::string& engine : engines) {
    EXPECT_EQ(last, "");
    last = stage.run("to_" + id_of(engine)).message;
  }
  return last;
}

TEST(Engines, MongoDBGoesBackAsFarAsItsVendorStandsForIt) {
  const std::string none =
      "MongoDB supports no way back from {} (Community: none; Enterprise: with its support): "
      "whether {} starts, the plan does not say (`file_formats`)";
  for (const auto& [older, newer] : {std::pair{"6.0", "7.0"},
                                     {"7.0", "8.0"},
                                     {"8.0", "8.2"},
                                     {"7.0.14", "8.0.4"},
                                     {"7.0", "7.1"}})
    EXPECT_EQ(said_by("kind: mongodb", {older, newer, older}),
              fmt::format(fmt::runtime(none), newer, older));
  for (const auto& [older, newer] : {std::pair{"4.4", "5.0"},
                                     {"5.0", "6.0"},
                                     {"3.6", "4.0"},
                                     {"8.2", "8.3"},
                                     {"8.0", "8.3"},
                                     {"8.0", "9.0"},
                                     {"8.3", "9.0"},
                                     {"7.0.4", "7.0.9"},
                                     {"8.0.1", "8.0.9"}})
    EXPECT_EQ(said_by("kind: mongodb", {older, newer, older}), "") << older << ' ' << newer;
  EXPECT_EQ(said_by("kind: mongodb, file_formats: {\"6.0\": a, \"7.0\": a}", {"6.0", "7.0", "6.0"}),
            "");
}

TEST(Engines, MongoDBGoesByOneRelease) {
  for (const auto& [older, newer] : {std::pair{"6.0", "8.0"},
                                     {"4.2", "5.0"},
                                     {"5.0", "7.0"},
                                     {"8.2", "9.0"},
                                     {"7.0", "8.2"},
                                     {"7.0", "9.0"}})
    EXPECT_EQ(said_by("kind: mongodb", {older, newer}),
              fmt::format("UPGRADE PROBLEM: Found an invalid featureCompatibilityVersion document: "
                          "{} does not run with {}",
                          newer, older));
  // Back by one, and by one more: the newest one that ran counts.
  Stage twice = engine_stage("kind: mongodb, engine: \"4.4\"", {"4.4", "5.0", "6.0"},
                             "    - {id: f5, do: finalize, target: s, to: \"5.0\"}\n"
                             "    - {id: f4, do: finalize, target: s, to: \"4.4\"}\n");
  for (const char* id : {"to_5_0", "f5", "to_6_0"}) EXPECT_TRUE(twice.run(id).ok()) << id;
  EXPECT_EQ(twice.run("f4").message, "4.4 is not known to 6.0");
  EXPECT_TRUE(twice.run("to_5_0").ok());
  EXPECT_TRUE(twice.run("f4").ok());
  EXPECT_EQ(twice.run("to_4_4").message,
            "MongoDB goes back by one release alone, and 6.0 ran there: whether 4.4 starts, the "
            "plan does not say (`file_formats`)");
}

TEST(Engines, AFeatureCompatibilityVersionIsThatOfASeries) {
  Stage stage = engine_stage("kind: mongodb, engine: \"5.0.9\"", {"5.0.9", "6.0.4"},
                             "    - {id: up, do: finalize, target: s}\n    - {id: lower, do: "
                             "finalize, target: s, to: \"5.0\"}\n");
  EXPECT_EQ(stage.fact("s.data_of"), "5.0");
  for (const char* id : {"to_6_0_4", "up"}) EXPECT_TRUE(stage.run(id).ok()) << id;
  EXPECT_EQ(stage.fact("s.data_of"), "6.0");
  for (const char* id : {"lower", "to_5_0_9"}) EXPECT_TRUE(stage.run(id).ok()) << id;
  EXPECT_EQ(stage.fact("s.data_of"), "5.0");
}

TEST(Engines, WhatSomebodyElseRunsHasRulesOfItsOwn) {
  for (const char* fields : {"kind: mysql, provider: rds", "kind: mysql, provider: Aurora MySQL",
                             "kind: mysql, provider: google-cloudsql"})
    EXPECT_EQ(said_by(fields, {"8.4.1", "8.4.2", "8.4.1"}),
              "whether 8.4.1 runs on what 8.4.2 left, the plan does not say (`file_formats`)");
  EXPECT_EQ(said_by("kind: mysql, provider: our own machines", {"8.4.1", "8.4.2", "8.4.1"}), "");
}

TEST(Engines, UpgradesThatSkipAreRefused) {
  EXPECT_EQ(said_by("kind: mysql", {"5.7.44", "8.4.0"}),
            "Invalid MySQL server upgrade: Cannot upgrade from 5.7.44 to 8.4.0");
  EXPECT_EQ(said_by("kind: mysql", {"8.0.36", "9.1.0"}),
            "Invalid MySQL server upgrade: Cannot upgrade from 8.0.36 to 9.1.0");
  EXPECT_EQ(said_by("kind: mysql", {"8.3.0", "9.0.0"}),
            "Invalid MySQL server upgrade: Cannot upgrade from 8.3.0 to 9.0.0");
  EXPECT_EQ(said_by("kind: mariadb", {"10.3.1", "11.4.2"}), "");
  EXPECT_EQ(said_by("kind: mysql", {"8.0.36", "8.4.0"}), "");
  EXPECT_EQ(said_by("kind: mysql", {"8.4.0", "9.1.0"}), "");
  const std::string index = ", indexes: {i: m}, alias: i";
  EXPECT_EQ(said_by("kind: elasticsearch" + index, {"6.8.0", "8.1.0"}),
            "cannot upgrade a node from version [6.8.0] directly to version [8.1.0]");
  EXPECT_EQ(said_by("kind: elasticsearch" + index, {"7.10.0", "8.1.0"}),
            "cannot upgrade a node from version [7.10.0] directly to version [8.1.0]");
  EXPECT_EQ(said_by("kind: opensearch" + index, {"1.3.0", "3.0.0"}),
            "cannot upgrade a node from version [1.3.0] directly to version [3.0.0]");
  EXPECT_EQ(said_by("kind: opensearch" + index, {"2.19.0", "3.0.0"}), "");
  EXPECT_EQ(said_by("kind: opensearch" + index, {"7.10.2", "1.3.0"}), "");  // from Elasticsearch
}

/// What the older engine says to a copy that was made while the newer one ran.
std::string copied(const std::string& kind, const std::string& older, const std::string& newer,
                   const std::string& method) {
  Stage stage = engine_stage(
      fmt::format("kind: {}, engine: \"{}\"", kind, older), {newer},
      fmt::format(
          "    - {{id: early, do: backup, target: s, file: early, method: {0}}}\n    - {{id: "
          "late, do: backup, target: s, file: late, method: {0}}}\n    - {{id: anew, do: "
          "upgrade, target: s, engine: \"{1}\", empty: true}}\n    - {{id: bring, do: "
          "restore, target: s, from: late}}\n    - {{id: old, do: restore, target: s, from: "
          "early}}\n",
          method, older));
  std::string said;
  for (const std::string& id : {std::string("early"), "to_" + id_of(newer), std::string("late"),
                                std::string("anew"), std::string("old"), std::string("bring")})
    said += stage.run(id).message;
  return said;
}

TEST(Engines, ACopyOfFilesIsOfTheEngineThatWroteThem) {
  const std::string refused =
      "Cannot boot server version 8.0.36 on data directory built by version 8.4.0. Downgrade is "
      "not supported";
  for (const char* method : {"snapshot", "xtrabackup"})
    EXPECT_EQ(copied("mysql", "8.0.36", "8.4.0", method), refused) << method;
  EXPECT_EQ(copied("mysql", "8.0.36", "8.4.0", "mysqldump"), "");
  EXPECT_EQ(copied("mysql", "8.4.0", "8.4.2", "snapshot"), "");
  EXPECT_EQ(copied("cassandra", "3.11", "4.1", "snapshot"),
            "whether 3.11 runs on what 4.1 left, the plan does not say (`file_formats`)");
}

TEST(Engines, OfOneThatIsNotInTheTableNothingIsKnown) {
  const std::string index = "indexes: {i: m}, alias: i";
  const std::string unsaid = "whether {} runs on what {} left, the plan does not say ({})";
  for (const std::string kind : {"kind: search_index, ", "kind: search_index, provider: solr, "})
    EXPECT_EQ(said_by(kind + index, {"9.1", "9.4", "9.1"}),
              fmt::format(fmt::runtime(unsaid), "9.1", "9.4", "`file_formats`"));
  EXPECT_EQ(said_by("kind: queue, provider: nats", {"2.9", "2.10", "2.9"}),
            fmt::format(fmt::runtime(unsaid), "2.9", "2.10", "`finalizes` or `file_formats`"));
  EXPECT_EQ(said_by("kind: search_index, provider: Amazon OpenSearch Service, " + index,
                    {"2.9.0", "2.11.0", "2.9.0"}),
            "cannot downgrade a node from version [2.11.0] to version [2.9.0]");
  EXPECT_EQ(said_by("kind: search_index, provider: meilisearch, " + index, {"1.5.0", "1.6.0"}),
            fmt::format(fmt::runtime(unsaid), "1.6.0", "1.5.0", "`file_formats`"));
  EXPECT_EQ(said_by("kind: mysql", {"26.7.1", "26.7.2", "26.7.1"}),
            fmt::format(fmt::runtime(unsaid), "26.7.1", "26.7.2", "`file_formats`"));
}

TEST(Secret, TheOldVersionEndsOrStays) {
  const std::string services = "  key: {kind: secret, current: k1}\n";
  const std::string steps =
      "    - {id: cut, do: rotate, target: key, to: k2, keep_old: false}\n    - {id: kept, do: "
      "rotate, target: key, to: k2, keep_old: 1h}\n"
      "    - {id: unsaid, do: rotate, target: key, to: k2}\n    - {id: back, do: make_current, "
      "target: key, to: k1}\n";
  Stage cut(plan(services, steps));
  EXPECT_EQ(cut.undo("cut").kind, Undo::Class::none);
  cut.run("cut");
  EXPECT_EQ(cut.run("back").message, "version k1 is not valid any more");
  Stage kept(plan(services, steps));
  kept.run("kept");
  EXPECT_TRUE(kept.run("back").ok());
  EXPECT_EQ(kept.fact("key.current"), "k1");
  Stage unsaid(plan(services, steps));
  EXPECT_EQ(unsaid.run("unsaid").message,
            "whether 'k1' stays valid after the rotation, the plan does not say (`keep_old`)");
}

TEST(Secret, ADeletedNameStaysTaken) {
  Stage stage(plan("  key: {kind: secret, current: k1}\n",
                   "    - {id: delete, do: delete, target: key}\n    - {id: create, do: create, "
                   "target: key, version: k1}\n    - {id: undelete, do: undelete, target: key}\n"));
  stage.run("delete");
  EXPECT_EQ(stage.run("create").message,
            "You can't create this secret because a secret with this name is already scheduled for "
            "deletion.");
  EXPECT_TRUE(stage.run("undelete").ok());
  EXPECT_EQ(stage.fact("key.deleted"), "absent");
}

TEST(Secret, ACopyIsReadWhileItsVersionIsThere) {
  Stage stage(
      plan("  key: {kind: secret, current: k1}\n  conf: {kind: config, items: {a: \"1\"}, "
           "encrypted_with: key.current}\n",
           "    - {id: save, do: backup, target: conf, file: c}\n    - {id: rotate, do: rotate, "
           "target: key, to: k2, keep_old: true}\n"
           "    - {id: destroy, do: destroy, target: key, version: k1}\n    - {id: restore, do: "
           "restore, target: conf, from: c}\n"));
  stage.run("save");
  stage.run("rotate");
  EXPECT_TRUE(stage.run("restore").ok());
  stage.run("destroy");
  EXPECT_EQ(stage.run("restore").message,
            "'c' was encrypted with a key that is gone: key.current has changed since");
}

TEST(TypedDatabase, StopsHalfWayBetweenItsStatements) {
  Stage stage(plan("  db: {kind: mysql, schema: {a: \"1\"}}\n",
                   "    - {id: two, do: change, target: db, set: {a: \"2\", b: \"1\"}, "
                   "transaction: true}\n    - {id: call, do: change, target: db, text: CALL f}\n"
                   "    - {id: gone, do: change, target: db, drop: [c]}\n"));
  EXPECT_EQ(stage.traits("two").misdirected,
            "DDL commits implicitly: the transaction does not take it back");
  const auto parts = services::parts_of(stage.context(), stage.world, stage.action("two"));
  ASSERT_EQ(parts.size(), 2u);
  Stage half = stage;
  half.run(parts.front());
  EXPECT_EQ(half.fact("db.schema.a"), "2");
  EXPECT_EQ(half.fact("db.schema.b"), "absent");
  EXPECT_EQ(
      stage.run("call").message,
      "what the statement changes, the plan does not say (`set`, `drop`, or `effects: none`)");
  EXPECT_EQ(stage.run("gone").message, "'c' does not exist");
}

TEST(TypedDatabase, ADumpLeavesWhatCameLaterAndACopyDoesNot) {
  const std::string steps =
      "    - {id: dump, do: backup, target: db, file: d, method: mysqldump}\n    - {id: copy, do: "
      "backup, target: db, file: c, method: xtrabackup}\n"
      "    - {id: add, do: change, target: db, set: {b: \"1\"}}\n    - {id: from_dump, do: "
      "restore, target: db, from: d}\n    - {id: from_copy, do: restore, target: db, from: c}\n";
  Stage stage(plan("  db: {kind: mysql, schema: {a: \"1\"}}\n", steps));
  for (const char* step : {"dump", "copy", "add", "from_dump"})
    EXPECT_TRUE(stage.run(step).ok()) << step;
  EXPECT_EQ(stage.fact("db.schema.b"), "1");
  EXPECT_TRUE(stage.run("from_copy").ok());
  EXPECT_EQ(stage.fact("db.schema.b"), "absent");
}

TEST(ObjectStore, OnlyVersionsBringObjectsBack) {
  const auto run = [](const char* versioning) {
    Stage stage(plan(fmt::format("  b: {{kind: bucket, holds: jpg, versioning: {}}}\n", versioning),
                     "    - {id: delete, do: delete, target: b}\n    - {id: undelete, do: "
                     "undelete, target: b}\n"));
    stage.run("delete");
    EXPECT_EQ(data(stage), 0u);
    const Outcome outcome = stage.run("undelete");
    return outcome.ok() ? fmt::format("{}", data(stage)) : outcome.message;
  };
  EXPECT_EQ(run("true"), "1");
  EXPECT_EQ(run("false"), "versioning is not enabled: there are no older versions");
}

TEST(SearchIndex, TheOldIndexLacksWhatWasWrittenSince) {
  Stage stage(plan(
      "  s: {kind: search_index, indexes: {i1: m1}, alias: i1}\n  app: {kind: app, versions: {a: "
      "{operations: {save: {write: doc, on: s}}}}, start: a}\n",
      "    - {id: create, do: create, target: s, index: i2, mapping: m2}\n    - {id: copy, do: "
      "reindex, target: s, from: i1, to: i2}\n"
      "    - {id: to, do: switch_alias, target: s, to: i2}\n    - {id: back, do: switch_alias, "
      "target: s, to: i1}\n    - {id: nowhere, do: switch_alias, target: s, to: i9}\n"));
  for (const char* step : {"create", "copy", "to"}) EXPECT_TRUE(stage.run(step).ok()) << step;
  EXPECT_EQ(stage.fact("s.mapping"), "m2");
  EXPECT_THAT(stage.traffic(), IsEmpty());
  EXPECT_EQ(data(stage), 2u);
  stage.run("back");
  EXPECT_EQ(data(stage), 1u);
  EXPECT_EQ(stage.run("nowhere").message, "index_not_found_exception: no such index [i9]");
}

std::string formats_of_index(const std::string& old_reads) {
  return plan(
      "  s: {kind: search_index, holds: [d1], indexes: {i1: m1, i2: m1}, alias: i1}\n  app: {kind: "
      "app, uses: [s], versions: {v1: {writes: {s: d1}" +
          old_reads + "}, v2: {writes: {s: d2}, reads: {s: [d1, d2]}}}, start: v1}\n",
      "    - {id: new, do: deploy, target: app, version: v2}\n    - {id: old, do: deploy, target: "
      "app, version: v1}\n"
      "    - {id: to, do: switch_alias, target: s, to: i2}\n");
}

TEST(SearchIndex, AnOlderVersionMeetsDocumentsInTheFormatOfANewerOne) {
  Stage stage(formats_of_index(""));
  EXPECT_THAT(stage.traffic(), IsEmpty());
  stage.run("new");
  EXPECT_THAT(stage.traffic(), IsEmpty());
  stage.run("old");
  EXPECT_THAT(stage.traffic(),
              ElementsAre("v1: it reads d1 from 's', and what is there is of format d2"));
  Stage reads_both(formats_of_index(", reads: {s: [d1, d2]}"));
  for (const char* step : {"new", "old"}) {
    reads_both.run(step);
    EXPECT_THAT(reads_both.traffic(), IsEmpty()) << step;
  }
}

TEST(SearchIndex, AReaderMeetsTheDocumentsThatTheAliasShows) {
  Stage stage(formats_of_index(""));
  stage.run("new");
  EXPECT_THAT(stage.traffic(), IsEmpty());
  stage.run("to");
  stage.run("old");
  EXPECT_THAT(stage.traffic(), IsEmpty());
}

TEST(Client, WhatIsInstalledStaysInstalled) {
  Stage stage(plan("  phones: {kind: client, versions: {m1: {}, m2: {}}, start: m1}\n",
                   "    - {id: release, do: release, target: phones, version: m2}\n    - {id: "
                   "withdraw, do: withdraw, target: phones, to: m1}\n"
                   "    - {id: force, do: force_update, target: phones, version: m2}\n"));
  const auto live = [&] {
    return stage.context().kind(0).live_versions(stage.context(), stage.world, 0);
  };
  EXPECT_EQ(stage.undo("release").kind, Undo::Class::none);
  stage.run("release");
  stage.run("withdraw");
  EXPECT_THAT(live(), ElementsAre("m1", "m2"));
  stage.run("force");
  EXPECT_THAT(live(), ElementsAre("m2"));
}

TEST(Client, AVersionFromBeforeOpensWhatItKeepsItselfAlone) {
  Stage stage(
      plan("  phones: {kind: client, versions: {m0: {keeps: f0}, m1: {keeps: f1}, m2: "
           "{keeps: f1}}, live: [m0], start: m1}\n",
           "    - {id: newer, do: force_update, target: phones, version: m2}\n"
           "    - {id: older, do: revert, target: phones, to: m1}\n"));
  stage.run("newer");
  EXPECT_EQ(stage.fact("phones.crashes"), "absent");
  stage.run("older");
  EXPECT_EQ(stage.fact("phones.crashes"), "m1 on f0");
}

TEST(DynamoDb, RestoresBesideTheTable) {
  Stage stage(
      plan("  t: {kind: dynamodb, schema: {index: a}}\n",
           "    - {id: save, do: backup, target: t, file: b}\n    - {id: in_place, do: restore, "
           "target: t, from: b}\n    - {id: beside, do: restore, target: t, from: b, as: t2}\n"));
  stage.run("save");
  EXPECT_EQ(stage.run("in_place").message, "TableAlreadyExistsException: Table already exists");
  EXPECT_TRUE(stage.run("beside").ok());
}

TEST(Validity, EndsAfterADurationOrNever) {
  for (const char* kind : {"certificate", "secret"}) {
    const auto wrong =
        load(plan(fmt::format("  s: {{kind: {}, current: c1, expires: {{c1: soonish, c2: 90d, c3: "
                              "never, c4: unknown, c5: []}}}}\n",
                              kind),
                  "    - {id: tell, do: task, text: tell everybody}\n"));
    std::vector<model::Mistake> mistakes;
    services::initial_world(services::Context(wrong), mistakes);
    std::vector<std::string> messages;
    for (const model::Mistake& mistake : mistakes) messages.push_back(mistake.message);
    EXPECT_THAT(messages,
                ElementsAre("when 'c1' ends is a duration", "when 'c5' ends is a duration"))
        << kind;
  }
}

TEST(Certificate, ARevokedOrExpiredOneIsNotServedAgain) {
  Stage stage(plan("  tls: {kind: certificate, current: c1, expired: [c0]}\n",
                   "    - {id: new, do: install, target: tls, serial: c2}\n    - {id: revoke, do: "
                   "revoke, target: tls, serial: c1}\n"
                   "    - {id: back, do: install, target: tls, serial: c1}\n    - {id: oldest, do: "
                   "install, target: tls, serial: c0}\n"));
  EXPECT_EQ(stage.run("oldest").message, "certificate has expired: c0");
  stage.run("new");
  stage.run("revoke");
  EXPECT_EQ(stage.run("back").message, "certificate has been revoked: c1");
}

TEST(Replica, APromotionIsForGood) {
  Stage stage(plan("  db: {kind: mysql}\n  standby: {kind: replica, of: db}\n",
                   "    - {id: pause, do: pause_replay, target: standby}\n    - {id: promote, do: "
                   "promote, target: standby}\n"));
  EXPECT_EQ(stage.undo("pause").kind, Undo::Class::exact);
  stage.run("pause");
  EXPECT_EQ(stage.undo("promote").why,
            "the old primary is on another timeline and cannot follow without a resync");
  EXPECT_TRUE(stage.run("promote").ok());
  EXPECT_EQ(stage.run("promote").message, "server is not in standby mode");
  EXPECT_EQ(stage.run("pause").message, "recovery is not in progress");
}

TEST(CodeDeploy, AFailingStopHookStopsTheWayBack) {
  Stage stage(
      plan("  w: {kind: codedeploy, versions: {a: {}, b: {}}, start: a, stop_hook_fails: [b]}\n",
           "    - {id: to, do: deploy, target: w, version: b}\n    - {id: back, do: redeploy, "
           "target: w, version: a}\n"
           "    - {id: force, do: redeploy, target: w, version: a, ignore_stop_failures: true}\n"));
  EXPECT_TRUE(stage.run("to").ok());
  EXPECT_EQ(stage.run("back").message, "LifecycleEvent - ApplicationStop: the hook of 'b' failed");
  EXPECT_TRUE(stage.run("force").ok());
}

TEST(FactChecks, NameWhatThereIsWhereAServiceHasNoSuchFact) {
  Stage stage(
      "backout: 1\nservices:\n  tls: {kind: certificate, current: c1}\n  env: {kind: config, "
      "items: {a: '1'}}\ndeploy:\n  steps:\n"
      "    - {id: new, do: install, target: tls, serial: c2, verify: {fact: tls.serial, is: c2}}\n"
      "    - {id: out, do: unset, target: env, key: a, verify: {fact: env.items.a, is: '1'}}\n");
  for (const char* step : {"new", "out"}) EXPECT_TRUE(stage.run(step).ok()) << step;
  EXPECT_EQ(stage.check("new").why,
            "tls.serial is absent, not c2; 'tls' has current, revoked.<serial>, expired.<serial>");
  EXPECT_EQ(stage.check("out").why, "env.items.a is absent, not 1") << "it had items";
}

}  // namespace
}  // namespace backout::tests
