// Steps whose effect nobody can tell: a run goes on behind them, under both readings.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "explored.hpp"

namespace backout::simulator {
namespace {

using testing::HasSubstr;

/// Two settings that a deploy changes, and a rollback of `steps`.
std::string plan(const std::string& steps, const std::string& ids, const std::string& more = "") {
  return R"(backout: 1
name: readings
services:
  conf: {kind: config, items: {a: "1", b: "1"}}
deploy:
  steps:
    - {id: set_a, do: set, target: conf, key: a, value: "2", takes: 1m}
    - {id: set_b, do: set, target: conf, key: b, value: "2", takes: 1m}
)" + more + R"(rollback:
  paths: {full: {steps: [)" + ids + "], full: true}}\n  steps:\n" + steps;
}

const char* const kRun = "    - {id: fix, do: run, command: ./fix.sh, undoes: [set_a], takes: 1m}\n";
const char* const kBackB = "    - {id: back_b, do: set, target: conf, key: b, value: \"1\", undoes: [set_b], takes: 5m}\n";

TEST(Readings, WhatIsBadOnlyIfAStepDoesNothingIsUnknown) {
  const Loaded loaded(plan(std::string(kRun) + kBackB, "fix, back_b"));
  const Cell last = cell(loaded.matrix(), "after 'set_b'", "full");
  EXPECT_EQ(last.verdict, Verdict::unknown);
  EXPECT_EQ(last.if_works, Verdict::restored);
  EXPECT_EQ(last.if_idle, Verdict::not_restored);
  EXPECT_EQ(last.reason,
            "what 'fix' does is not known: what the command changes is not declared; type it as actions, or write "
            "`effects: none`: if 'fix' works: RESTORED; if not: NOT RESTORED (every step ran, and the state is not the "
            "old one: conf.items.a: 1 -> 2)");
  EXPECT_EQ(last.culprit, loaded.plan.find_step("fix"));
}

TEST(Readings, WhatIsBadEitherWayIsCertain) {
  const Loaded loaded(plan(kRun, "fix"));
  const Matrix matrix = loaded.matrix();
  EXPECT_EQ(cell(matrix, "after 'set_a'", "full").verdict, Verdict::unknown);
  const Cell last = cell(matrix, "after 'set_b'", "full");
  EXPECT_EQ(last.verdict, Verdict::not_restored);
  EXPECT_THAT(last.reason, HasSubstr("conf.items.b: 1 -> 2"));
}

TEST(Readings, AnOpaqueStepThatIsThereForNothingThePlanKnowsIsUnknownStill) {
  const std::string steps = std::string("    - {id: look, do: run, command: ./x.sh, takes: 1m}\n") + kBackB +
                            "    - {id: back_a, do: set, target: conf, key: a, value: \"1\", undoes: [set_a], takes: 1m}\n";
  const Loaded loaded(plan(steps, "look, back_b, back_a"));
  const Cell last = cell(loaded.matrix(), "after 'set_b'", "full");
  EXPECT_EQ(last.verdict, Verdict::unknown);
  EXPECT_THAT(last.reason, HasSubstr("if 'look' works: RESTORED; if not: RESTORED"));
}

TEST(Readings, TimesAreNotCutAtAnOpaqueStep) {
  const Loaded loaded(plan(std::string(kRun) + kBackB, "fix, back_b"));
  const Cell last = cell(loaded.matrix(), "after 'set_b'", "full");
  EXPECT_EQ(last.time_low_ms, 6 * 60'000);
  EXPECT_EQ(last.time_high_ms, 6 * 60'000);
}

TEST(Readings, ACheckBehindTheStepFindsOutThatItDidNothing) {
  const std::string run = "    - {id: fix, do: run, command: ./fix.sh, undoes: [set_a], takes: 1m,"
                          " verify: {service: conf, fact: items.a, is: \"1\"}}\n";
  const Loaded loaded(plan(run + kBackB, "fix, back_b"));
  const Cell last = cell(loaded.matrix(), "after 'set_b'", "full");
  EXPECT_EQ(last.verdict, Verdict::unknown);
  EXPECT_EQ(last.if_idle, Verdict::stuck);
}

TEST(Readings, ADeployGoesOnBehindAnOpaqueStep) {
  const std::string back_a = "    - {id: back_a, do: set, target: conf, key: a, value: \"1\", undoes: [set_a], takes: 1m}\n";
  const Loaded loaded(plan(std::string(kBackB) + back_a, "back_b, back_a",
                           "    - {id: script, do: run, command: ./deploy.sh, takes: 1m}\n"
                           "    - {id: set_c, do: set, target: conf, key: c, value: \"2\", takes: 1m}\n"));
  const Matrix matrix = loaded.matrix();
  EXPECT_EQ(cell(matrix, "after 'set_b'", "full").verdict, Verdict::restored);
  EXPECT_EQ(cell(matrix, "after 'script'", "full").verdict, Verdict::unknown);
  EXPECT_EQ(cell(matrix, "after 'set_c'", "full").verdict, Verdict::not_restored);
  EXPECT_FALSE(matrix.point_of_no_return);
}

TEST(Readings, TheShownRunSaysHowTheStepWasTaken) {
  const Loaded loaded(plan(std::string(kRun) + kBackB, "fix, back_b"));
  std::string told;
  for (const TraceLine& line : cell(loaded.matrix(), "after 'set_b'", "full").counterexample) told += line.step + ": " + line.text + '\n';
  EXPECT_THAT(told, HasSubstr("fix: runs; what it does is not known"));
  EXPECT_THAT(told, HasSubstr("taken to do nothing"));
}

TEST(Readings, WhatAScriptLeavesOfADatabaseThatOthersWriteToIsNotKnown) {
  const Loaded loaded(R"(backout: 1
name: script
services:
  db: {kind: postgres, sql: "CREATE TABLE orders (id bigint PRIMARY KEY, total int);"}
  shop: {kind: app, uses: [db], versions: {a: {inserts: {orders: [id, total]}}}, start: a}
deploy:
  steps: [{id: up, do: sql, target: db, text: "ALTER TABLE orders ADD COLUMN tax int;", takes: 1m}]
rollback:
  paths: {full: {steps: [script], full: true}}
  steps: [{id: script, do: run, command: ./undo.sh, takes: 1m, undoes: [up]}]
)");
  const Matrix matrix = loaded.matrix();
  const Cell last = cell(matrix, "after 'up'", "full");
  EXPECT_EQ(last.verdict, Verdict::unknown);
  EXPECT_EQ(last.if_idle, Verdict::not_restored);
  EXPECT_FALSE(matrix.point_of_no_return);
  EXPECT_FALSE(matrix.point_of_no_return_decided);
}

TEST(Readings, AProbeWhoseAnswerNobodyKnowsOnlyLooks) {
  const Loaded loaded(R"(backout: 1
name: looks
services:
  api: {kind: app, versions: {a: {operations: none}, b: {operations: none}}, start: a}
deploy:
  steps:
    - {id: go, do: deploy, target: api, version: b, takes: 1m}
rollback:
  paths: {full: {steps: [back, ask], full: true}}
  steps:
    - {id: back, do: deploy, target: api, version: a, takes: 1m, undoes: [go]}
    - {id: ask, do: probe, target: api, path: /status, expect: all well, takes: 1m}
)");
  const Matrix matrix = loaded.matrix();
  EXPECT_EQ(cell(matrix, "after 'go'", "full").verdict, Verdict::restored);
  ASSERT_FALSE(matrix.completeness.unchecked.empty());
  EXPECT_THAT(matrix.completeness.unchecked.front(), HasSubstr("'ask': whether a answers all well at 'status'"));
}

TEST(Readings, AnArgumentThatIsUnknownAndMattersIsNoValue) {
  const std::string back_a = "    - {id: back_a, do: set, target: conf, key: a, value: unknown, undoes: [set_a], takes: 1m}\n";
  std::string text = plan(std::string(kBackB) + back_a, "back_b, back_a");
  const std::string start = "items: {a: \"1\"";
  text.replace(text.find(start), start.size(), "items: {a: unknown");
  const Loaded loaded(text);
  EXPECT_EQ(cell(loaded.matrix(), "after 'set_b'", "full").verdict, Verdict::unknown);
}

TEST(Readings, WhatWasUnknownBeforeMayBeRestored) {
  const std::string back_a = "    - {id: back_a, do: set, target: conf, key: a, value: \"1\", undoes: [set_a], takes: 1m}\n";
  std::string text = plan(std::string(kBackB) + back_a, "back_b, back_a");
  const std::string start = "items: {a: \"1\"";
  text.replace(text.find(start), start.size(), "items: {a: unknown");
  const Loaded loaded(text);
  const Cell last = cell(loaded.matrix(), "after 'set_b'", "full");
  EXPECT_EQ(last.verdict, Verdict::unknown);
  EXPECT_EQ(last.reason, "what it was before, the plan does not say: conf.items.a: unknown -> 1");
}

TEST(Readings, WhereADeployStepIsOpaqueNobodyKnowsWhetherUndosGiveAllBack) {
  const std::string back = std::string(kBackB) + "    - {id: back_a, do: set, target: conf, key: a, value: \"1\", undoes: [set_a], takes: 1m}\n";
  const std::string tune = "    - {id: tune, do: run, command: ./tune.sh, undo: untune, takes: 1m}\n";
  const std::string untune = "    - {id: untune, do: run, command: ./untune.sh, takes: 1m}\n";
  EXPECT_FALSE(Loaded(plan(untune + back, "untune, back_b, back_a", tune)).matrix().point_of_no_return_decided);
  const std::string look = "    - {id: look, do: run, command: ./look.sh, takes: 1m}\n";
  EXPECT_TRUE(Loaded(plan(look + back, "look, back_b, back_a")).matrix().point_of_no_return_decided) << "the undos need no opaque step";
}

}  // namespace
}  // namespace backout::simulator
