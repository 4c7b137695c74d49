// What a declared residue allows: a wide one no lost data, and nothing that the deploy never
// touched.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/residue.hpp"
#include "stage.hpp"

namespace backout::services {
namespace {

using backout::tests::Stage;

std::vector<model::Residue> only(const std::string& path) {
  model::Residue residue;
  residue.path = path;
  return {residue};
}

bool allows(const std::string& pattern, const Datum& datum) {
  return is_declared(datum, only(pattern));
}

TEST(Residue, OfDataNamesItsTableOrItsArea) {
  const Datum cell{"db.tables.dev.calls#1f.note=x", "db.tables.dev.calls.columns.note"};
  for (const char* named :
       {"db.tables.dev.calls", "db.tables.dev.calls.*", "db.tables.dev.call*",
        "db.tables.dev.calls.columns.note", "note of a row of db.tables.dev.calls"}) {
    EXPECT_TRUE(allows(named, cell)) << named;
  }
  for (const char* wide : {"*", "*.tables.dev.calls", "db", "db.*", "db.tables", "db.tables.*",
                           "db.tables.dev.*", "db*note", "*calls*", "db.tables.*.calls"}) {
    EXPECT_FALSE(allows(wide, cell)) << wide;
  }
  EXPECT_FALSE(allows("db.tables.dev.calls.columns.other", cell));
  const Datum entry{"sessions.rows.login=x", "sessions.rows"};
  EXPECT_TRUE(allows("sessions.rows.*", entry));
  EXPECT_TRUE(allows("sessions.rows.l*", entry));
  EXPECT_FALSE(allows("sessions.*", entry));
  EXPECT_FALSE(allows("sessions", entry));
}

std::vector<std::string> narrow(const Stage& stage, const std::string& path) {
  std::vector<std::string> all;
  for (const model::Residue& each : narrowed(stage.context(), stage.world, only(path)))
    all.push_back(each.path);
  return all;
}

TEST(Residue, WithoutAnAreaIsOfWhatTheDeployChanges) {
  const Stage stage(
      "backout: 1\nservices:\n  conf: {kind: config, items: {a: '1', b: '1'}}\n  other: {kind: "
      "config, items: {c: '1'}}\n"
      "deploy:\n  steps:\n    - {id: one, do: set, target: conf, key: a, value: '2'}\n    - {id: "
      "back, do: set, target: conf, key: a, value: '1'}\n");
  using testing::Contains;
  using testing::ElementsAre;
  EXPECT_THAT(narrow(stage, "conf.*"), Contains("conf.items.a")) << "it was other on the way";
  EXPECT_THAT(narrow(stage, "conf.*"), testing::Not(Contains("conf.items.b")));
  EXPECT_THAT(narrow(stage, "conf"), Contains("conf.items.a"));
  EXPECT_THAT(narrow(stage, "other.*"), ElementsAre()) << "nobody touches it";
  EXPECT_THAT(narrow(stage, "conf.items.*"), ElementsAre("conf.items.*"));
  EXPECT_THAT(narrow(stage, "other.items.c"), ElementsAre("other.items.c")) << "the very fact";
}

}  // namespace
}  // namespace backout::services
