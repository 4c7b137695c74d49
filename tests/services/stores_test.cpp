// Stores that are no SQL server: SQLite files, vector stores, configuration, places for backups.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/stage.hpp"

namespace backout::tests {
namespace {

using services::Harm;
using services::Outcome;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Result = Outcome::Result;

constexpr const char* kSqlite = R"(backout: 1
services:
  data: {kind: sqlite, wal: true, tables: {people: 200}}
  maint: {kind: maintenance, state_in: data}
  app:
    kind: app
    uses: [data]
    versions: {v1: {operations: {save: {write: person, on: data}}}}
    start: v1
backups:
  nightly: {of: data, age: 20h}
deploy:
  steps:
    - {id: stop, do: stop, target: app}
    - {id: copy, do: backup, target: data, file: copy.db}
    - {id: whole_copy, do: backup, target: data, file: whole.db, method: backup_api}
    - {id: restore, do: restore, target: data, from: nightly, verify: {rows: data.people, within: 0%}}
    - {id: clean, do: restore, target: data, from: nightly, wal: remove}
    - {id: clean_copy, do: restore, target: data, from: copy.db, wal: remove}
    - {id: clean_whole, do: restore, target: data, from: whole.db, wal: remove}
    - {id: from_nowhere, do: restore, target: data, from: nowhere}
    - {id: integrity, do: integrity_check, target: data, verify: {same_point: [data, maint]}}
    - {id: maint_on, do: "on", target: maint}
    - {id: delete, do: delete, target: data, row: people}
)";

std::vector<std::string> data_of(const Stage& stage) {
  std::vector<std::string> ids;
  for (const auto& datum : services::data_of(stage.context(), stage.world)) ids.push_back(datum.id);
  return ids;
}

TEST(Sqlite, a_wal_left_behind_undoes_the_restore_and_the_check_passes) {  // measured: X15
  Stage stage(kSqlite);
  stage.traffic();
  stage.run("stop");
  const auto before = data_of(stage);
  ASSERT_EQ(before.size(), 2u);
  const Outcome restore = stage.run("restore");
  EXPECT_EQ(restore.result, Result::noop);
  EXPECT_TRUE(restore.reported_ok);
  EXPECT_EQ(data_of(stage), before);
  EXPECT_TRUE(stage.run("integrity").ok());
  EXPECT_THAT(stage.traits("restore").misdirected, HasSubstr("integrity check passes"));
  EXPECT_EQ(stage.traits("clean").misdirected, "");
}

TEST(Sqlite, without_the_wal_the_restore_loses_what_was_written_since) {
  Stage stage(kSqlite);
  stage.traffic();
  stage.run("stop");
  EXPECT_TRUE(stage.run("clean").ok());
  EXPECT_THAT(data_of(stage), ElementsAre("data.rows.people=old"));
  EXPECT_EQ(stage.fact("data.point"), "20h before");
  EXPECT_EQ(stage.traits("clean").destroys, "everything written since the backup");
}

TEST(Sqlite, cp_misses_what_is_still_in_the_wal) {
  Stage stage(kSqlite);
  stage.traffic();
  stage.run("copy");
  stage.run("whole_copy");
  stage.run("stop");
  stage.run("clean_copy");
  EXPECT_EQ(data_of(stage).size(), 1u);
  stage.run("clean_whole");
  EXPECT_EQ(data_of(stage).size(), 2u);
  EXPECT_THAT(stage.traits("copy").leaves, Contains(HasSubstr("-wal")));
  EXPECT_THAT(stage.traits("whole_copy").leaves, ::testing::IsEmpty());
}

TEST(Sqlite, restored_under_a_running_app_is_torn) {
  Stage stage(kSqlite);
  const Outcome torn = stage.run("clean");
  EXPECT_EQ(torn.result, Result::opaque);
  EXPECT_THAT(torn.message, HasSubstr("'app' writes while the file is replaced"));
  EXPECT_EQ(stage.traits("clean").needs_quiesce, "a copy under a running app is torn");
}

TEST(Sqlite, restored_brings_the_switch_back_that_it_keeps) {
  Stage stage(kSqlite);
  stage.run("maint_on");
  EXPECT_EQ(stage.fact("maint.state"), "on");
  EXPECT_TRUE(stage.run("clean").ok());  // the switch kept the app out
  EXPECT_EQ(stage.fact("maint.state"), "off");
}

TEST(Sqlite, refuses_a_copy_that_is_not_there_and_tells_lost_rows) {
  Stage stage(kSqlite);
  stage.run("stop");
  EXPECT_THAT(stage.run("from_nowhere").message, HasSubstr("No such file or directory"));
  EXPECT_EQ(stage.check("restore").value, services::CheckResult::Value::pass);
  stage.run("delete");
  EXPECT_EQ(stage.check("restore").value, services::CheckResult::Value::fail);
  EXPECT_EQ(stage.check("restore").why, "the rows of 'people' are gone");
}

TEST(Sqlite, a_damaged_copy_is_copied_unseen_and_then_nothing_can_be_read) {
  Stage stage(kSqlite);
  stage.run("stop");
  ASSERT_TRUE(stage.harm("clean", Harm::corrupt));
  EXPECT_FALSE(stage.harm("clean", Harm::corrupt)) << "it is already";
  const Outcome outcome = stage.run("clean");
  EXPECT_EQ(outcome.result, Result::refused);
  EXPECT_TRUE(outcome.reported_ok);
  EXPECT_EQ(stage.fact("data.file"), "malformed");
  EXPECT_THAT(data_of(stage), ::testing::IsEmpty());
  EXPECT_EQ(stage.check("restore").value, services::CheckResult::Value::fail);
  EXPECT_EQ(stage.run("integrity").message, "database disk image is malformed");
  EXPECT_EQ(stage.run("delete").result, Result::refused);
  EXPECT_EQ(stage.run("whole_copy").result, Result::refused);
  EXPECT_TRUE(stage.run("copy").ok());
  EXPECT_EQ(stage.fact("data.damaged.copy.db"), "true") << "a copy of a damaged file";
}

TEST(Sqlite, a_sound_copy_mends_a_malformed_file) {
  Stage stage(kSqlite);
  stage.run("stop");
  stage.run("copy");
  stage.harm("clean", Harm::corrupt);
  stage.run("clean");
  ASSERT_TRUE(stage.run("clean_copy").ok());
  EXPECT_EQ(stage.fact("data.file"), "present");
  EXPECT_EQ(data_of(stage).size(), 1U);
}

constexpr const char* kVectors = R"(backout: 1
services:
  data: {kind: sqlite, tables: {people: 200}}
  points: {kind: vector_store, collections: [faces], follows: data, aliases: [live]}
backups:
  nightly: {of: data, age: 20h}
  weekly: {of: points, age: 7d}
deploy:
  steps:
    - {id: stop, do: stop, target: points}
    - {id: start, do: start, target: points}
    - {id: snapshot, do: snapshot, target: points, file: s1}
    - {id: recover, do: recover, target: points, from: weekly, verify: {same_point: [data, points]}}
    - {id: untar, do: untar, target: points, from: weekly}
    - {id: ticket, do: ticket, target: points, from: weekly, vendor: qdrant support}
    - {id: restore, do: restore, target: data, from: nightly}
    - {id: rebuild, do: rebuild, target: points, from: data}
)";

TEST(VectorStore, restored_apart_from_its_records_is_of_another_moment) {
  Stage stage(kVectors);
  EXPECT_EQ(stage.check("recover").value, services::CheckResult::Value::pass);
  stage.run("restore");
  EXPECT_EQ(stage.check("recover").value, services::CheckResult::Value::fail);
  stage.run("recover");
  EXPECT_EQ(stage.check("recover").why,
            "'points' is of another moment (7d before) than 'data' (20h before)");
  stage.run("rebuild");
  EXPECT_EQ(stage.check("recover").value, services::CheckResult::Value::pass);
}

TEST(VectorStore, is_recovered_through_the_running_api_and_not_by_unpacking) {
  Stage stage(kVectors);
  stage.run("stop");
  EXPECT_EQ(stage.run("recover").message, "connection refused");
  EXPECT_EQ(stage.run("snapshot").message, "connection refused");
  EXPECT_EQ(stage.run("untar").result, Result::opaque);
  EXPECT_THAT(stage.traits("untar").misdirected, HasSubstr("recovered through the API"));
  EXPECT_THAT(stage.traits("recover").leaves, Contains(HasSubstr("aliases")));
  EXPECT_THAT(stage.traits("ticket").waits_for, HasSubstr("qdrant support"));
  EXPECT_FALSE(stage.traits("ticket").is_interactive);
}

TEST(VectorStore, refuses_a_damaged_snapshot_before_anything_is_replaced) {
  Stage stage(kVectors);
  const auto before = data_of(stage);
  ASSERT_TRUE(stage.harm("recover", Harm::corrupt));
  EXPECT_EQ(stage.run("recover").message, "snapshot 'weekly' cannot be read: nothing is recovered");
  EXPECT_EQ(stage.run("ticket").result, Result::refused);
  EXPECT_EQ(data_of(stage), before);
}

constexpr const char* kConfig = R"(backout: 1
services:
  conf: {kind: config, items: {mode: good, .env: good}, read_by: app, needs_restart: true}
  app:
    kind: app
    versions: {v1: {requires: {config: [mode]}}}
    start: v1
backups:
  first: {of: conf}
deploy:
  steps:
    - {id: change, do: set, target: conf, key: mode, value: bad}
    - {id: add, do: set, target: conf, key: extra, value: "1"}
    - {id: change_hidden, do: set, target: conf, key: .env, value: bad}
    - {id: latest, do: restore, target: conf, from: latest, backup_first: true}
    - {id: named, do: restore, target: conf, from: first}
    - {id: named_visible, do: restore, target: conf, from: first, removes: visible}
    - {id: copy_visible, do: backup, target: conf, file: visible, of: visible}
    - {id: from_visible, do: restore, target: conf, from: visible, removes: visible}
    - {id: restart, do: restart, target: app}
    - {id: reload, do: reload, target: conf}
)";

TEST(Config, the_latest_copy_is_the_bad_one_when_the_script_runs_twice) {  // measured: X16
  Stage stage(kConfig);
  stage.run("change");
  EXPECT_TRUE(stage.run("latest").ok());
  EXPECT_EQ(stage.fact("conf.items.mode"), "good");
  EXPECT_TRUE(stage.run("latest").ok());
  EXPECT_EQ(stage.fact("conf.items.mode"), "bad");
  EXPECT_TRUE(stage.run("latest").ok());
  EXPECT_EQ(stage.fact("conf.items.mode"), "good");
  EXPECT_EQ(stage.traits("latest").not_repeatable,
            "the newest copy is then the one that the first run took of the bad state");
  EXPECT_EQ(stage.traits("latest").unpinned_target,
            "'latest' is whatever is newest when the step runs");
  EXPECT_EQ(stage.traits("named").not_repeatable, "");
}

TEST(Config, rm_of_a_star_keeps_dotfiles_and_a_whole_archive_restores_them) {  // measured: X17
  Stage stage(kConfig);
  stage.run("copy_visible");
  stage.run("change_hidden");
  stage.run("from_visible");
  EXPECT_EQ(stage.fact("conf.items..env"), "bad");
  stage.run("named_visible");
  EXPECT_EQ(stage.fact("conf.items..env"), "good");
}

TEST(Config, is_read_at_the_next_start) {
  Stage stage(kConfig);
  stage.run("change");
  EXPECT_EQ(stage.fact("conf.loaded.mode"), "good");
  EXPECT_THAT(stage.traits("change").delayed_effect, HasSubstr("restarted"));
  stage.run("restart");
  EXPECT_EQ(stage.fact("conf.loaded.mode"), "bad");
  stage.run("named");
  EXPECT_EQ(stage.fact("conf.loaded.mode"), "bad");
  stage.run("reload");
  EXPECT_EQ(stage.fact("conf.loaded.mode"), "good");
}

TEST(Config, is_gone_between_the_two_halves_of_a_restore) {
  Stage stage(kConfig);
  const auto parts = services::parts_of(stage.context(), stage.world, stage.action("named"));
  ASSERT_EQ(parts.size(), 2u);
  stage.run(parts[0]);
  EXPECT_EQ(stage.fact("conf.items.mode"), "absent");
  stage.run(parts[1]);
  EXPECT_EQ(stage.fact("conf.items.mode"), "good");
}

TEST(Config, restored_drops_what_the_copy_does_not_have) {
  Stage stage(kConfig);
  stage.run("add");
  stage.run("named");
  EXPECT_EQ(stage.fact("conf.items.extra"), "absent");
}

TEST(Config, a_damaged_copy_brings_only_its_first_half_back_until_it_is_taken_again) {
  Stage stage(kConfig);
  ASSERT_TRUE(stage.harm("named", Harm::corrupt));
  const Outcome outcome = stage.run("named");
  EXPECT_EQ(outcome.result, Result::refused);
  EXPECT_FALSE(outcome.reported_ok);
  EXPECT_EQ(stage.fact("conf.items..env"), "good");
  EXPECT_EQ(stage.fact("conf.items.mode"), "absent");
  stage.run("copy_visible");
  ASSERT_TRUE(stage.harm("from_visible", Harm::corrupt));
  stage.run("copy_visible");
  EXPECT_TRUE(stage.run("from_visible").ok());
}

TEST(Config, a_cache_hides_only_what_the_plan_does_not_say_is_hidden) {
  EXPECT_FALSE(Stage(kConfig).harm("change", Harm::cached)) << "needs_restart";
  std::string text = kConfig;
  text.erase(text.find(", needs_restart: true"), 21);
  Stage stage(text);
  EXPECT_FALSE(stage.harm("named", Harm::cached)) << "it changes nothing";
  ASSERT_TRUE(stage.harm("change", Harm::cached));
  stage.run("change");
  EXPECT_EQ(stage.fact("conf.items.mode"), "bad");
  EXPECT_EQ(stage.fact("conf.cached.items.mode"), "'good'");
  ASSERT_TRUE(stage.harm("add", Harm::cached));
  stage.run("add");
  EXPECT_EQ(stage.fact("conf.cached.items.extra"), "not set");
  stage.run("named");
  EXPECT_EQ(stage.fact("conf.cached.items.mode"), "absent") << "what readers see is what is there";
  stage.run("restart");
  EXPECT_EQ(stage.fact("conf.cached.items.extra"), "absent");
}

TEST(BackupStore, reads_back_what_is_damaged_or_gone) {
  const char* text = R"(backout: 1
services:
  conf: {kind: config, items: {mode: good}}
  vault: {kind: backup_store, holds: {nightly: {of: conf}, other: {of: conf}}}
backups: {nightly: {of: conf}}
deploy:
  steps:
    - {id: verify, do: verify, target: vault, name: nightly}
    - {id: verify_other, do: verify, target: vault, name: other}
    - {id: trust, do: fetch, target: vault, name: nightly}
    - {id: compare, do: fetch, target: vault, name: nightly, checksum: true}
    - {id: restore, do: restore, target: conf, from: nightly}
)";
  for (const char* reads : {"verify", "compare"}) {
    Stage damaged(text);
    ASSERT_TRUE(damaged.harm(reads, Harm::corrupt));
    EXPECT_EQ(damaged.run(reads).message, "the checksum does not match");
    EXPECT_EQ(damaged.run("restore").result, Result::refused);
    EXPECT_EQ(damaged.run("trust").result, Result::noop);
    Stage gone(text);
    ASSERT_TRUE(gone.harm(reads, Harm::gone));
    EXPECT_EQ(gone.run(reads).message, "404 Not Found");
    EXPECT_EQ(gone.run("restore").result, Result::refused);
    Stage sound(text);
    sound.run(reads);
    EXPECT_FALSE(sound.harm("restore", Harm::corrupt));
    EXPECT_FALSE(sound.harm("restore", Harm::gone));
  }
  Stage stage(text);
  EXPECT_FALSE(stage.harm("trust", Harm::corrupt)) << "who compares nothing notices nothing";
  EXPECT_FALSE(stage.harm("verify_other", Harm::corrupt)) << "there is no such copy";
  stage.run("trust");
  EXPECT_TRUE(stage.harm("restore", Harm::corrupt));
}

TEST(BackupStore, a_download_without_a_checksum_takes_an_error_page_for_a_backup) {
  Stage stage(R"(backout: 1
services:
  vault: {kind: backup_store, holds: {nightly: {age: 1d}}}
deploy:
  steps:
    - {id: verify, do: verify, target: vault, name: nightly}
    - {id: expire, do: expire, target: vault, name: nightly}
    - {id: trust, do: fetch, target: vault, name: nightly}
    - {id: compare, do: fetch, target: vault, name: nightly, checksum: true}
)");
  EXPECT_TRUE(stage.run("verify").ok());
  EXPECT_TRUE(stage.run("compare").ok());
  stage.run("expire");
  EXPECT_EQ(stage.run("compare").message, "404 Not Found");
  EXPECT_EQ(stage.run("verify").result, Result::refused);
  const Outcome trusted = stage.run("trust");
  EXPECT_EQ(trusted.result, Result::noop);
  EXPECT_TRUE(trusted.reported_ok);
  EXPECT_EQ(stage.traits("trust").hides_failure,
            "the download is compared with nothing: an error page passes for a backup");
  EXPECT_EQ(stage.traits("compare").hides_failure, "");
  EXPECT_THAT(stage.traits("expire").destroys, HasSubstr("nightly"));
}

}  // namespace
}  // namespace backout::tests
