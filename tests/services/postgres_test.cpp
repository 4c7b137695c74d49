// PostgreSQL as the service of a plan: what was measured on a real one (the numbers of the
// experiments stand behind).
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "services/stage.hpp"

namespace backout::tests {
namespace {

using services::Outcome;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using Result = Outcome::Result;

constexpr const char* kServer = R"PLAN(backout: 1
services:
  db:
    kind: postgres
    database: prod
    tables: {users: {rows: 2, columns: {id: bigserial primary key, email: text not null, sid: text}}}
  api:
    kind: app
    uses: [db]
    versions: {v1: {operations: {sign_up: {sql: "INSERT INTO users (email) VALUES (:email)", on: db}}}}
    start: v1
backups:
  plain: {of: db, format: plain, age: 1d}
  custom: {of: db, format: custom, age: 1d}
deploy:
  steps:
    - {id: stop, do: stop, target: api}
    - {id: create, do: create_database, target: db, name: copy}
    - {id: restore_plain, do: restore, target: db, from: plain, clean: true, into: copy}
    - {id: restore_psql, do: restore, target: db, from: custom, tool: psql}
    - {id: restore_clean, do: restore, target: db, from: custom, clean: true}
    - {id: swap, do: swap, target: db, with: copy}
    - {id: later_table, do: sql, target: db, text: "CREATE TABLE new_feature (id bigint)"}
    - {id: later_key, do: sql, target: db, text: "CREATE TABLE notes (user_id bigint REFERENCES users (id))"}
    - {id: bad_script, do: sql, target: db, text: "SELECT nothing FROM nowhere; CREATE TABLE made (id int)", on_error_stop: false}
    - {id: stopping_script, do: sql, target: db, text: "DROP TABLE nowhere; CREATE TABLE made (id int)"}
    - {id: not_null, do: migrate, target: db, set_not_null: [users.sid]}
    - {id: dummies, do: sql, target: db, text: "UPDATE users SET sid = CONCAT('ROLLBACK_', sid) WHERE sid IS NULL"}
    - {id: unique, do: migrate, target: db, unique: [users.sid]}
    - {id: guard, do: sql, target: db, text: "CREATE FUNCTION allowed(bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true'; CREATE VIEW v_users AS SELECT id FROM users; CREATE TABLE orders (id bigint); ALTER TABLE orders ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON orders USING (allowed(id))"}
    - {id: restore_unknown, do: restore, target: db, from: unknown, clean: true}
    - {id: drop_all, do: sql, target: db, text: "DROP TABLE users CASCADE; DROP FUNCTION IF EXISTS allowed(bigint)", on_error_stop: false}
)PLAN";

std::vector<std::string> facts_of(const Stage& stage) {
  std::vector<std::string> lines;
  for (const auto& fact : services::facts_of(stage.context(), stage.world))
    lines.push_back(fact.path + "=" + fact.value);
  return lines;
}

std::size_t rows_of(const Stage& stage) {
  std::size_t rows = 0;
  for (const auto& datum : services::data_of(stage.context(), stage.world))
    rows += datum.path == "db.tables.users";
  return rows;
}

TEST(PostgresService, a_damaged_dump_is_restored_up_to_the_damage_unless_all_is_one_transaction) {
  Stage stage(R"(backout: 1
services:
  db: {kind: postgres, tables: {a: {rows: 2, columns: {id: int}}, b: {rows: 1, columns: {id: int}}}}
backups: {whole: {of: db, format: custom}, script: {of: db, format: plain}, disk: {of: db, format: snapshot}}
deploy:
  steps:
    - {id: restore, do: restore, target: db, from: whole, clean: true}
    - {id: at_once, do: restore, target: db, from: whole, clean: true, transaction: true}
    - {id: psql, do: restore, target: db, from: script, tool: psql, clean: true}
    - {id: psql_stops, do: restore, target: db, from: script, tool: psql, clean: true, exit_on_error: true}
    - {id: snapshot, do: restore, target: db, from: disk, tool: snapshot}
)");
  const auto rows = [&](const std::string& table) {
    const auto data = services::data_of(stage.context(), stage.world);
    return std::ranges::count(data, "db.tables." + table, &services::Datum::path);
  };
  for (const char* step : {"restore", "psql", "snapshot"})
    ASSERT_TRUE(stage.harm(step, services::Harm::corrupt));
  for (const char* step : {"at_once", "snapshot"}) {
    const Outcome nothing = stage.run(step);
    EXPECT_EQ(nothing.result, Result::refused);
    EXPECT_FALSE(nothing.reported_ok);
    EXPECT_EQ(rows("b"), 1) << step;
  }
  for (const char* step : {"restore", "psql", "psql_stops"}) {
    const Outcome part = stage.run(step);
    EXPECT_EQ(part.result, Result::refused);
    EXPECT_EQ(part.reported_ok, step == std::string("psql"));
    EXPECT_EQ(rows("a"), 2) << step;
    EXPECT_EQ(rows("b"), 0) << step;
  }
}

TEST(PostgresService, a_restore_of_a_copy_that_nobody_names_is_not_known) {
  Stage stage(kServer);
  const Outcome outcome = stage.run("restore_unknown");
  EXPECT_EQ(outcome.result, Result::opaque);
  EXPECT_EQ(outcome.message, "which copy it restores, the plan does not say");
}

TEST(PostgresService, states_whose_dumps_baselines_or_other_databases_differ_are_different) {
  const char* text = R"PLAN(backout: 1
services:
  db: {kind: postgres, tables: {a: {rows: 2, columns: {id: int}}}}
deploy:
  steps:
    - {id: add, do: sql, target: db, text: "INSERT INTO a VALUES (7)"}
    - {id: take_away, do: sql, target: db, text: "DELETE FROM a WHERE id = 7"}
    - {id: dump, do: backup, target: db, file: saved}
    - {id: count, do: count_baseline, target: db}
    - {id: spare, do: create_database, target: db, name: spare}
    - {id: copy, do: restore, target: db, from: saved, into: spare}
)PLAN";
  const auto after = [&](const std::vector<std::string>& steps) {
    Stage stage(text);
    for (const std::string& step : steps) EXPECT_TRUE(stage.run(step).ok()) << step;
    return stage.world;
  };
  const auto same = [&](const std::vector<std::string>& one,
                        const std::vector<std::string>& other) {
    return after(one) == after(other);
  };
  EXPECT_TRUE(same({"add", "take_away", "dump"}, {"dump", "add", "take_away"}));
  EXPECT_FALSE(same({"add", "dump", "take_away"}, {"dump", "add", "take_away"}));
  EXPECT_TRUE(same({"add", "take_away", "count"}, {"count", "add", "take_away"}));
  EXPECT_FALSE(same({"add", "count", "take_away"}, {"count", "add", "take_away"}));
  EXPECT_FALSE(same({"add", "dump", "take_away", "spare", "copy", "dump"},
                    {"dump", "spare", "copy", "add", "take_away", "dump"}));
}

TEST(PostgresService, a_dump_of_the_other_format_is_refused_as_measured) {
  Stage stage(kServer);
  stage.run("stop");
  EXPECT_FALSE(stage.harm("create", services::Harm::wrong_format));
  ASSERT_TRUE(stage.harm("restore_clean", services::Harm::wrong_format));
  EXPECT_THAT(stage.run("restore_clean").message, HasSubstr("text format dump. Please use psql"));
}

TEST(PostgresService,
     a_plain_dump_is_refused_by_pg_restore_and_the_swap_brings_an_empty_database) {  // measured: X6
  Stage stage(kServer);
  stage.run("stop");
  ASSERT_TRUE(stage.run("create").ok());
  const Outcome restore = stage.run("restore_plain");
  EXPECT_EQ(restore.result, Result::refused);
  EXPECT_THAT(restore.message, HasSubstr("text format dump. Please use psql"));
  ASSERT_TRUE(stage.run("swap").ok());
  EXPECT_THAT(facts_of(stage), Not(Contains(HasSubstr("db.tables.users"))));
  EXPECT_EQ(rows_of(stage), 0u);
}

TEST(PostgresService, psql_is_fed_a_custom_dump_and_reports_success) {
  Stage stage(kServer);
  const Outcome restore = stage.run("restore_psql");
  EXPECT_EQ(restore.result, Result::refused);
  EXPECT_TRUE(restore.reported_ok);
}

TEST(PostgresService, is_not_renamed_while_a_session_is_open) {  // measured: X7
  Stage stage(kServer);
  stage.run("create");
  const Outcome swap = stage.run("swap");
  EXPECT_EQ(swap.result, Result::refused);
  EXPECT_THAT(swap.message, HasSubstr("is being accessed by other users"));
}

/// A server of version 14 with an app that writes, and these steps.
Stage upgrade_stage(const std::string& steps) {
  return Stage(
      "backout: 1\nservices:\n  db: {kind: postgres, version: 14, sql: \"CREATE TABLE a (id "
      "int)\"}\n"
      "  app: {kind: app, uses: [db], versions: {v1: {inserts: {a: [id]}}}, start: v1}\ndeploy:\n  "
      "steps:\n" +
      steps + "    - {id: back, do: upgrade, target: db, version: 14}\n");
}

TEST(PostgresService, the_old_cluster_of_a_copy_serves_again_without_what_was_written_since) {
  Stage stage =
      upgrade_stage("    - {id: up, do: upgrade, target: db, version: 16, method: copy}\n");
  EXPECT_EQ(stage.undo("up").kind, services::Undo::Class::conditional);
  const std::size_t before = services::data_of(stage.context(), stage.world).size();
  ASSERT_TRUE(stage.run("up").ok());
  EXPECT_EQ(stage.fact("db.engine"), "16");
  stage.traffic();
  EXPECT_GT(services::data_of(stage.context(), stage.world).size(), before);
  ASSERT_TRUE(stage.run("back").ok());
  EXPECT_EQ(stage.fact("db.engine"), "14");
  EXPECT_EQ(services::data_of(stage.context(), stage.world).size(), before);
}

TEST(PostgresService, an_older_server_does_not_start_on_the_files_of_a_newer_one) {
  for (const char* method : {"link", "in_place"}) {
    Stage stage = upgrade_stage(fmt::format(
        "    - {{id: up, do: upgrade, target: db, version: 16, method: {}}}\n", method));
    EXPECT_EQ(stage.undo("up").kind, services::Undo::Class::none);
    ASSERT_TRUE(stage.run("up").ok());
    EXPECT_EQ(stage.run("back").message,
              "The data directory was initialized by PostgreSQL version 16, which is not "
              "compatible with this version 14");
  }
  Stage unsaid =
      upgrade_stage("    - {id: up, do: upgrade, target: db, version: 16, method: unknown}\n");
  EXPECT_EQ(unsaid.run("up").result, Result::opaque);
  Stage old(
      "backout: 1\nservices:\n  db: {kind: postgres, sql: \"CREATE TABLE a (id int)\"}\ndeploy:\n  "
      "steps:\n"
      "    - {id: up, do: upgrade, target: db, version: 16, method: copy}\n    - {id: back, do: "
      "upgrade, target: db, version: 14}\n");
  ASSERT_TRUE(old.run("up").ok());
  EXPECT_EQ(old.run("back").message,
            "which major version the old cluster is of, the plan does not say (`version`)");
}

TEST(PostgresService, a_dump_is_restored_into_an_empty_cluster) {
  Stage stage = upgrade_stage(
      "    - {id: dump, do: backup, target: db, file: d}\n    - {id: anew, do: upgrade, target: "
      "db, version: 15, empty: true}\n"
      "    - {id: fill, do: restore, target: db, from: d}\n");
  const std::size_t before = services::data_of(stage.context(), stage.world).size();
  ASSERT_TRUE(stage.run("dump").ok());
  EXPECT_EQ(stage.run("fill").message, "relations of the dump already exist; nothing was replaced");
  ASSERT_TRUE(stage.run("anew").ok());
  EXPECT_TRUE(services::data_of(stage.context(), stage.world).empty());
  ASSERT_TRUE(stage.run("fill").ok());
  EXPECT_EQ(services::data_of(stage.context(), stage.world).size(), before);
}

TEST(PostgresService, a_dump_of_a_newer_server_may_not_load_and_its_files_do_not) {
  const auto restored = [](const std::string& format, const std::string& tool) {
    Stage stage = upgrade_stage(fmt::format(
        "    - {{id: early, do: backup, target: db, file: e, format: {0}}}\n    - {{id: up, do: "
        "upgrade, target: db, version: 16}}\n    - {{id: late, do: backup, target: db, file: l, "
        "format: {0}}}\n    - {{id: anew, do: upgrade, target: db, version: 14, empty: true}}\n    "
        "- "
        "{{id: old, do: restore, target: db, from: e, tool: {1}, clean: true}}\n    - {{id: bring, "
        "do: restore, target: db, from: l, tool: {1}, clean: true}}\n",
        format, tool));
    for (const char* id : {"early", "up", "late", "anew", "old"}) EXPECT_TRUE(stage.run(id).ok());
    return stage.run("bring");
  };
  EXPECT_EQ(restored("snapshot", "snapshot").message,
            "The data directory was initialized by PostgreSQL version 16, which is not compatible "
            "with this version 14");
  for (const auto& [format, tool] : {std::pair{"custom", "pg_restore"}, {"plain", "psql"}}) {
    const Outcome outcome = restored(format, tool);
    EXPECT_EQ(outcome.result, Result::opaque);
    EXPECT_EQ(outcome.message,
              "whether a dump of PostgreSQL 16 loads into version 14 is not known: pg_dump does "
              "not promise it");
  }
}

TEST(PostgresService, clean_leaves_tables_that_came_after_the_dump) {  // measured: X8
  Stage stage(kServer);
  stage.traffic();
  ASSERT_TRUE(stage.run("later_table").ok());
  ASSERT_EQ(rows_of(stage), 3u);
  ASSERT_TRUE(stage.run("restore_clean").ok());
  EXPECT_EQ(rows_of(stage), 2u);
  EXPECT_THAT(facts_of(stage), Contains("db.tables.new_feature=left behind by the restore"));
}

TEST(PostgresService, a_later_foreign_key_keeps_clean_from_restoring_anything) {  // measured: X9
  Stage stage(kServer);
  stage.traffic();
  ASSERT_TRUE(stage.run("later_key").ok());
  EXPECT_EQ(stage.run("restore_clean").result, Result::refused);
  EXPECT_EQ(rows_of(stage), 3u);
}

TEST(PostgresService, psql_goes_on_after_an_error_and_exits_0) {  // measured: X10
  Stage stage(kServer);
  const Outcome script = stage.run("bad_script");
  EXPECT_EQ(script.result, Result::refused);
  EXPECT_TRUE(script.reported_ok);
  EXPECT_THAT(facts_of(stage), Contains("db.tables.made=table"));
  Stage stopping(kServer);
  EXPECT_FALSE(stopping.run("stopping_script").reported_ok);
  EXPECT_THAT(facts_of(stopping), Not(Contains("db.tables.made=table")));
}

TEST(PostgresService,
     cascade_takes_a_view_along_and_a_policy_holds_the_function) {  // measured: X11
  Stage stage(kServer);
  ASSERT_TRUE(stage.run("guard").ok());
  ASSERT_THAT(facts_of(stage), Contains(HasSubstr("db.views.v_users")));
  const Outcome drop = stage.run("drop_all");
  EXPECT_EQ(drop.result, Result::refused);
  EXPECT_TRUE(drop.reported_ok);
  EXPECT_THAT(facts_of(stage), Not(Contains(HasSubstr("db.views.v_users"))));
  EXPECT_THAT(facts_of(stage), Contains(HasSubstr("db.functions.allowed")));
}

TEST(PostgresService, dummies_made_of_null_are_equal) {  // measured: X13
  Stage stage(kServer);
  stage.traffic();
  stage.traffic();
  ASSERT_TRUE(stage.run("dummies").ok());
  const Outcome unique = stage.run("unique");
  EXPECT_EQ(unique.result, Result::refused);
  EXPECT_THAT(unique.message, HasSubstr("could not create unique index"));
}

TEST(PostgresService, set_not_null_refuses_a_null) {  // measured: X14
  Stage stage(kServer);
  const Outcome not_null = stage.run("not_null");
  // Representative rows fill every column; the traffic's row leaves `sid` NULL.
  EXPECT_TRUE(not_null.ok()) << not_null.message;
  Stage busy(kServer);
  busy.traffic();
  const Outcome refused = busy.run("not_null");
  EXPECT_EQ(refused.result, Result::refused);
  EXPECT_THAT(refused.message, HasSubstr("contains null values"));
}

}  // namespace
}  // namespace backout::tests
