// Traffic that a plan says nothing of: no verdict is good where it would matter.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "explored.hpp"

namespace backout::simulator {
namespace {

using testing::HasSubstr;

/// A new column, a new version and the way back of both; `before` and `after` are what is said of
/// the app's versions.
std::string plan(const std::string& before, const std::string& after,
                 const std::string& uses = "uses: [db], ") {
  return R"(backout: 1
name: silent
services:
  db: {kind: postgres, sql: "CREATE TABLE notes (id bigint PRIMARY KEY, body text);"}
  api: {kind: app, )" +
         uses + "versions: {a: " + before + ", b: " + after + R"(}, start: a}
deploy:
  steps:
    - {id: up, do: sql, target: db, text: "ALTER TABLE notes ADD COLUMN title text;", takes: 1m}
    - {id: go, do: deploy, target: api, version: b, takes: 1m}
rollback:
  paths: {full: {steps: [back, down], full: true}}
  steps:
    - {id: back, do: deploy, target: api, version: a, takes: 1m, undoes: [go]}
    - {id: down, do: sql, target: db, text: "ALTER TABLE notes DROP COLUMN title;", takes: 1m, undoes: [up]}
)";
}

Verdict at(const Matrix& matrix, const std::string& row) {
  return cell(matrix, row, "full").verdict;
}

TEST(Silence, AVersionThatSaysNothingMakesTheCellsThatItMattersInUnknown) {
  const Loaded loaded(plan("{}", "{}"));
  const Matrix matrix = loaded.matrix();
  EXPECT_EQ(at(matrix, "before the deploy"), Verdict::restored);
  EXPECT_EQ(at(matrix, "after 'up'"), Verdict::unknown);
  EXPECT_EQ(at(matrix, "after 'go'"), Verdict::unknown);
  EXPECT_EQ(cell(matrix, "after 'go'", "full").reason,
            "what 'api' does to 'db', which 'up' changes, is not known: versions 'a', 'b' say "
            "nothing of their traffic");
  EXPECT_FALSE(matrix.point_of_no_return_decided);
  const auto findings = findings_of(loaded.context, matrix);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].rule, "unknown-traffic");
  EXPECT_EQ(findings[0].severity, model::Severity::warning);
  EXPECT_EQ(findings[0].message,
            "what 'api' does to 'db' is not known, since versions 'a', 'b' say nothing of their "
            "traffic: whether it works on what "
            "'up' changes there, and "
            "whether a rollback keeps what it writes, nobody can tell");
  EXPECT_THAT(findings[0].fix, HasSubstr("`operations: none`"));
}

TEST(Silence, AFormatThatNobodyKnowsIsNoGoodNews) {
  const Loaded loaded(R"(backout: 1
name: formats
services:
  store: {kind: cache, holds: v1}
  app: {kind: app, uses: [store], versions: {a: {reads: {store: v1}}, b: {writes: {store: unknown}}}, start: a}
deploy:
  steps: [{id: go, do: deploy, target: app, version: b, takes: 1m}]
rollback:
  paths: {full: {steps: [back], full: true}}
  steps: [{id: back, do: deploy, target: app, version: a, takes: 1m, undoes: [go]}]
)");
  const Matrix matrix = loaded.matrix();
  EXPECT_EQ(at(matrix, "before the deploy"), Verdict::restored);
  EXPECT_EQ(at(matrix, "after 'go'"), Verdict::unknown);
}

TEST(Silence, AVersionThatIsSaidToDoNothingDoesNothing) {
  const Loaded loaded(plan("{operations: none}", "{operations: none}"));
  EXPECT_EQ(at(loaded.matrix(), "after 'go'"), Verdict::restored);
  EXPECT_TRUE(findings_of(loaded.context, loaded.matrix()).empty());
}

TEST(Silence, UnknownIsLegalInEveryListAndIsNoTraffic) {
  const std::string said = "{inserts: {notes: [body]}}";
  for (const char* list :
       {"{operations: unknown}", "{operations: {save: unknown}}",
        "{operations: {save: {sql: unknown}}}", "{inserts: unknown}", "{inserts: {notes: unknown}}",
        "{inserts: {notes: [body, unknown]}}", "{reads: {notes: unknown}}", "{accepts: unknown}",
        "{requires: unknown}", "{requires: {columns: unknown}}", "unknown",
        "{artefact: \"a@sha256:0a\"}"}) {
    const Loaded loaded(plan(said, list));
    EXPECT_EQ(at(loaded.matrix(), "after 'up'"), Verdict::restored) << list;
    EXPECT_EQ(at(loaded.matrix(), "after 'go'"), Verdict::unknown) << list;
  }
}

TEST(Silence, OnlyStoresThatTheAppWorksOnMatter) {
  const Loaded loaded(plan("{}", "{}", ""));
  EXPECT_EQ(at(loaded.matrix(), "after 'go'"), Verdict::restored);
}

TEST(Silence, WhatIsBadAnywayStaysBad) {
  std::string text = plan("{}", "{}");
  const std::string down = "ALTER TABLE notes DROP COLUMN title;";
  text.replace(text.find(down), down.size(), "ALTER TABLE notes DROP COLUMN body;");
  const Loaded loaded(text);
  EXPECT_EQ(at(loaded.matrix(), "after 'up'"), Verdict::not_restored);
}

TEST(Silence, TheOperationsThatRanAreCounted) {
  const Loaded loaded(plan("{inserts: {notes: [body]}}",
                           "{inserts: {notes: [body, title]}, reads: {notes: [title]}}"));
  const Matrix matrix = loaded.matrix();
  EXPECT_EQ(matrix.completeness.operations, 3U);
  EXPECT_EQ(matrix.completeness.operations_run, 3U);
}

}  // namespace
}  // namespace backout::simulator
