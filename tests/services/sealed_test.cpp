// What a store holds is encrypted with a key: it can be read while that version of the key is
// there.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "services/stage.hpp"

namespace backout::tests {
namespace {

/// A store encrypted with a key, an app whose versions write to it, and steps on the key.
std::string plan(const std::string& store, const std::string& writes,
                 const std::string& steps = "") {
  return fmt::format(
      "backout: 1\nname: sealed\nservices:\n"
      "  key: {{kind: kms, current: k1}}\n"
      "  store: {}\n"
      "  web: {{kind: app, uses: [store], versions: {{a: {}, b: {}}}, start: b}}\n"
      "deploy:\n  steps:\n"
      "    - {{id: rotate, do: rotate, target: key, to: k2, keep_old: true}}\n"
      "    - {{id: back, do: make_current, target: key, to: k1}}\n"
      "    - {{id: disable, do: disable, target: key, version: k2}}\n"
      "    - {{id: disable_old, do: disable, target: key, version: k1}}\n"
      "    - {{id: enable, do: enable, target: key, version: k2}}\n"
      "    - {{id: destroy, do: destroy, target: key, version: k2}}\n"
      "    - {{id: delete, do: delete, target: key, window: 7d}}\n"
      "    - {{id: undelete, do: undelete, target: key}}\n"
      "    - {{id: force, do: delete, target: key, force: true}}\n"
      "    - {{id: again, do: reencrypt, target: key}}\n"
      "    - {{id: again_here, do: reencrypt, target: key, of: [store]}}\n{}",
      store, writes, writes, steps);
}

const char* const kRows = "{kind: mysql, schema: {tables.a: x}, encrypted_with: key.current}";
const char* const kWritesRows = "{operations: {save: {write: row, on: store}}}";

/// Which data there are, by their own names.
std::vector<std::string> data(const Stage& stage) {
  std::vector<std::string> all;
  for (const services::Datum& datum : services::data_of(stage.context(), stage.world)) {
    if (datum.id.starts_with("store.")) all.push_back(datum.id);
  }
  return all;
}

/// What the live version writes.
services::Outcome write(Stage& stage) {
  services::Outcome last;
  for (const services::LiveOperation& each :
       services::live_operations(stage.context(), stage.world)) {
    services::Applied applied = services::run_operation(stage.context(), stage.world, each);
    stage.world = std::move(applied.world);
    last = std::move(applied.outcome);
  }
  return last;
}

using List = std::vector<std::string>;

const List kAll = {"store.rows.from before=kept", "store.rows.web.b.save=kept",
                   "store.values.tables.a=kept"};
const List kBefore = {"store.rows.from before=kept", "store.values.tables.a=kept"};

TEST(Sealed, RowsOfADestroyedVersionCannotBeRead) {
  Stage stage(plan(kRows, kWritesRows));
  stage.run("rotate");
  write(stage);
  stage.run("back");
  EXPECT_EQ(data(stage), kAll);
  stage.run("destroy");
  EXPECT_EQ(data(stage), kBefore);
  stage.run("enable");
  EXPECT_EQ(data(stage), kBefore);
}

TEST(Sealed, ADisabledVersionIsEnabledAgain) {
  Stage stage(plan(kRows, kWritesRows));
  stage.run("rotate");
  write(stage);
  stage.run("disable");
  EXPECT_EQ(data(stage), kBefore);
  stage.run("enable");
  EXPECT_EQ(data(stage), kAll);
}

TEST(Sealed, WhatWasThereBeforeNeedsTheVersionOfThen) {
  Stage stage(plan(kRows, kWritesRows));
  stage.run("rotate");
  write(stage);
  stage.run("disable_old");
  EXPECT_EQ(data(stage), List{"store.rows.web.b.save=kept"});
}

TEST(Sealed, WhatIsWrittenAgainIsOfTheVersionOfNow) {
  Stage stage(plan(kRows, kWritesRows));
  stage.run("rotate");
  stage.run("again");
  stage.run("disable_old");
  EXPECT_EQ(data(stage), kBefore);
  Stage back(plan(kRows, kWritesRows));
  back.run("rotate");
  write(back);
  back.run("back");
  back.run("again_here");
  back.run("destroy");
  EXPECT_EQ(data(back), kAll);
}

TEST(Sealed, WhatCannotBeReadIsNotEncryptedAnew) {
  Stage stage(plan(kRows, kWritesRows));
  stage.run("rotate");
  write(stage);
  stage.run("back");
  stage.run("destroy");
  EXPECT_EQ(stage.run("again").message,
            "what 'store' holds was encrypted with k2 of 'key', which is not valid");
}

TEST(Sealed, ADeletedKeyReadsNothing) {
  Stage stage(plan(kRows, kWritesRows));
  stage.run("delete");
  EXPECT_EQ(data(stage), List{});
  stage.run("undelete");
  EXPECT_EQ(data(stage), kBefore);
  stage.run("force");
  EXPECT_EQ(data(stage), List{});
}

TEST(Sealed, NobodyWritesWithAVersionThatIsNotValid) {
  Stage stage(plan(kRows, kWritesRows));
  stage.run("rotate");
  stage.run("disable");
  EXPECT_EQ(write(stage).message,
            "what 'store' holds is encrypted with k2 of 'key', which is not valid");
}

TEST(Sealed, WithWhatNobodySaysIsUnknown) {
  Stage stage(plan("{kind: mysql, schema: {tables.a: x}, encrypted_with: unknown}", kWritesRows));
  EXPECT_TRUE(stage.run("rotate").ok());
  write(stage);
  EXPECT_TRUE(stage.run("back").ok());
  EXPECT_EQ(stage.run("destroy").message,
            "whether what 'store' holds is encrypted with it, the plan does not say "
            "(`encrypted_with` of 'store')");
}

TEST(Sealed, ObjectsToo) {
  Stage stage(plan("{kind: s3, holds: v1, encrypted_with: key.current}",
                   "{writes: {store: v1}, reads: {store: v1}}"));
  stage.run("rotate");
  write(stage);
  stage.run("back");
  stage.run("destroy");
  EXPECT_EQ(data(stage), List{"store.entries#of v1"});
}

TEST(Sealed, AndTheRowsOfPostgreSQL) {
  Stage stage(
      plan("{kind: postgres, database: d, tables: {t: {rows: 1, columns: {id: bigint}}}, "
           "encrypted_with: key.current}",
           "{operations: {save: {sql: \"INSERT INTO t (id) VALUES (7)\", on: store}}}"));
  const List before = data(stage);
  stage.run("rotate");
  write(stage);
  stage.run("back");
  EXPECT_EQ(data(stage).size(), before.size() + 2);
  stage.run("destroy");
  EXPECT_EQ(data(stage), before);
}

TEST(Sealed, WhoseCopiesAloneAreEncryptedKeepsItsRows) {
  Stage stage(plan("{kind: mysql, schema: {tables.a: x}, copies_encrypted_with: key.current}",
                   kWritesRows,
                   "    - {id: save, do: backup, target: store, file: c, method: mysqldump}\n"
                   "    - {id: load, do: restore, target: store, from: c}\n"));
  stage.run("rotate");
  stage.run("save");
  write(stage);
  stage.run("back");
  stage.run("destroy");
  EXPECT_EQ(data(stage), kAll);
  EXPECT_EQ(stage.run("load").message,
            "'c' was encrypted with a key that is gone: key.current has changed since");
}

TEST(Sealed, AKeyOfAConfigurationIsOneValue) {
  Stage stage(
      "backout: 1\nname: sealed\nservices:\n"
      "  vars: {kind: config, items: {KEY: one}}\n"
      "  store: {kind: mysql, schema: {tables.a: x}, encrypted_with: vars.items.KEY}\n"
      "  web: {kind: app, uses: [store], versions: {b: {operations: {save: {write: row, on: "
      "store}}}}, start: b}\n"
      "deploy:\n  steps:\n"
      "    - {id: set, do: set, target: vars, key: KEY, value: two}\n"
      "    - {id: back, do: set, target: vars, key: KEY, value: one}\n");
  stage.run("set");
  EXPECT_EQ(data(stage), List{});
  write(stage);
  EXPECT_EQ(data(stage), List{"store.rows.web.b.save=kept"});
  stage.run("back");
  EXPECT_EQ(data(stage), kBefore);
}

}  // namespace
}  // namespace backout::tests
