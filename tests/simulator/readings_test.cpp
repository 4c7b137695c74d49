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
)" + more +
         R"(rollback:
  paths: {full: {steps: [)" +
         ids + "], full: true}}\n  steps:\n" + steps;
}

const char* const kRun =
    "    - {id: fix, do: run, command: ./fix.sh, undoes: [set_a], takes: 1m}\n";
const char* const kBackB =
    "    - {id: back_b, do: set, target: conf, key: b, value: \"1\", undoes: [set_b], takes: 5m}\n";

TEST(Readings, WhatIsBadOnlyIfAStepDoesNothingIsUnknown) {
  const Loaded loaded(plan(std::string(kRun) + kBackB, "fix, back_b"));
  const Cell last = cell(loaded.matrix(), "after 'set_b'", "full");
  EXPECT_EQ(last.verdict, Verdict::unknown);
  EXPECT_EQ(last.if_works, Verdict::restored);
  EXPECT_EQ(last.if_idle, Verdict::not_restored);
  EXPECT_EQ(last.reason,
            "what 'fix' does is not known: what the command changes is not declared; type it as "
            "actions, or write "
            "`effects: none`: if 'fix' works: RESTORED; if not: NOT RESTORED (every step ran, and "
            "the state is not the "
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
  const std::string steps = std::string("    - {id: look, do: run, command: ./x.sh, takes: 1m}\n") +
                            kBackB +
                            "    - {id: back_a, do: set, target: conf, key: a, value: \"1\", "
                            "undoes: [set_a], takes: 1m}\n";
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
  const std::string run =
      "    - {id: fix, do: run, command: ./fix.sh, undoes: [set_a], takes: 1m,"
      " verify: {service: conf, fact: items.a, is: \"1\"}}\n";
  const Loaded loaded(plan(run + kBackB, "fix, back_b"));
  const Cell last = cell(loaded.matrix(), "after 'set_b'", "full");
  EXPECT_EQ(last.verdict, Verdict::unknown);
  EXPECT_EQ(last.if_idle, Verdict::stuck);
}

TEST(Readings, ADeployGoesOnBehindAnOpaqueStep) {
  const std::string back_a =
      "    - {id: back_a, do: set, target: conf, key: a, value: \"1\", undoes: [set_a], takes: "
      "1m}\n";
  const Loaded loaded(
      plan(std::string(kBackB) + back_a, "back_b, back_a",
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
  for (const TraceLine& line : cell(loaded.matrix(), "after 'set_b'", "full").counterexample)
    told += line.step + ": " + line.text + '\n';
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
  EXPECT_THAT(matrix.completeness.unchecked.front(),
              HasSubstr("'ask': whether a answers all well at 'status'"));
}

TEST(Readings, AnArgumentThatIsUnknownAndMattersIsNoValue) {
  const std::string back_a =
      "    - {id: back_a, do: set, target: conf, key: a, value: unknown, undoes: [set_a], takes: "
      "1m}\n";
  std::string text = plan(std::string(kBackB) + back_a, "back_b, back_a");
  const std::string start = "items: {a: \"1\"";
  text.replace(text.find(start), start.size(), "items: {a: unknown");
  const Loaded loaded(text);
  EXPECT_EQ(cell(loaded.matrix(), "after 'set_b'", "full").verdict, Verdict::unknown);
}

TEST(Readings, WhatWasUnknownBeforeMayBeRestored) {
  const std::string back_a =
      "    - {id: back_a, do: set, target: conf, key: a, value: \"1\", undoes: [set_a], takes: "
      "1m}\n";
  std::string text = plan(std::string(kBackB) + back_a, "back_b, back_a");
  const std::string start = "items: {a: \"1\"";
  text.replace(text.find(start), start.size(), "items: {a: unknown");
  const Loaded loaded(text);
  const Cell last = cell(loaded.matrix(), "after 'set_b'", "full");
  EXPECT_EQ(last.verdict, Verdict::unknown);
  EXPECT_EQ(last.reason, "what it was before, the plan does not say: conf.items.a: unknown -> 1");
}

TEST(Readings, WhereADeployStepIsOpaqueNobodyKnowsWhetherUndosGiveAllBack) {
  const std::string back = std::string(kBackB) +
                           "    - {id: back_a, do: set, target: conf, key: a, value: \"1\", "
                           "undoes: [set_a], takes: 1m}\n";
  const std::string tune =
      "    - {id: tune, do: run, command: ./tune.sh, undo: untune, takes: 1m}\n";
  const std::string untune = "    - {id: untune, do: run, command: ./untune.sh, takes: 1m}\n";
  EXPECT_FALSE(Loaded(plan(untune + back, "untune, back_b, back_a", tune))
                   .matrix()
                   .point_of_no_return_decided);
  const std::string look = "    - {id: look, do: run, command: ./look.sh, takes: 1m}\n";
  EXPECT_TRUE(Loaded(plan(look + back, "look, back_b, back_a")).matrix().point_of_no_return_decided)
      << "the undos need no opaque step";
}

/// A rollback whose first script spoils a step behind it where it works, and whose second one is
/// needed for the end.
std::string mixable(int more) {
  std::string steps =
      std::string(kRun) +
      "    - {id: back_a, do: set, target: conf, key: a, value: \"1\", precheck: {service: conf, "
      "fact: items.a, is: \"2\"}, takes: 1m}\n"
      "    - {id: other, do: run, command: ./other.sh, undoes: [set_b], takes: 1m}\n";
  std::string ids = "fix, back_a, other";
  for (int i = 0; i < more; ++i) {
    steps += "    - {id: x" + std::to_string(i) + ", do: run, command: ./x.sh, takes: 1m}\n";
    ids += ", x" + std::to_string(i);
  }
  return plan(steps, ids);
}

TEST(Readings, WhatIsGoodWhereSomeStepsWorkAndOthersDoNotIsNotBadForCertain) {
  const Matrix matrix = Loaded(mixable(0)).matrix();
  const Cell last = cell(matrix, "after 'set_b'", "full");
  EXPECT_EQ(last.verdict, Verdict::unknown);
  EXPECT_EQ(last.fault_free, Verdict::unknown);
  EXPECT_EQ(last.if_works, Verdict::stuck);
  EXPECT_EQ(last.if_idle, Verdict::not_restored);
  EXPECT_THAT(last.reason, HasSubstr("if 'fix' and 'other' work: STUCK ("));
  EXPECT_THAT(last.reason, HasSubstr("if not: NOT RESTORED ("));
  EXPECT_THAT(last.reason, testing::EndsWith("; if 'other' works and 'fix' does not: RESTORED"));
  EXPECT_EQ(matrix.completeness.level, Completeness::Level::exhaustive);
}

TEST(Readings, WhatIsBadInEveryMixIsCertain) {
  const std::string steps =
      std::string(kRun) + "    - {id: other, do: run, command: ./other.sh, takes: 1m}\n";
  const Matrix matrix = Loaded(plan(steps, "fix, other")).matrix();
  EXPECT_EQ(cell(matrix, "after 'set_b'", "full").verdict, Verdict::not_restored);
  EXPECT_EQ(matrix.completeness.level, Completeness::Level::exhaustive);
}

TEST(Readings, OfManyStepsSomeMixesAreLookedAtAndTheVerdictSaysSo) {
  const Matrix found = Loaded(mixable(4)).matrix();
  EXPECT_EQ(cell(found, "after 'set_b'", "full").verdict, Verdict::unknown)
      << "only 'fix' does nothing";
  std::string steps = kRun;
  std::string ids = "fix";
  for (const char* id : {"p", "q", "r"}) {
    steps += std::string("    - {id: ") + id + ", do: run, command: ./x.sh, takes: 1m}\n";
    ids += std::string(", ") + id;
  }
  const Matrix bounded = Loaded(plan(steps, ids)).matrix();
  EXPECT_EQ(cell(bounded, "after 'set_b'", "full").verdict, Verdict::not_restored);
  EXPECT_EQ(bounded.completeness.level, Completeness::Level::bounded);
  EXPECT_EQ(bounded.completeness.bound,
            "of the ways in which 4 opaque steps may work or not, 10 were looked at");
}

TEST(Readings, AMixWithAFaultLeavesWhatIsBadWithOne) {
  const Matrix matrix = Loaded(mixable(0)).matrix(1, {"fail"});
  const Cell last = cell(matrix, "after 'set_b'", "full");
  EXPECT_EQ(last.fault_free, Verdict::unknown);
  EXPECT_FALSE(last.reason.empty());
  EXPECT_TRUE(last.verdict == Verdict::unknown || !last.fault_free_reason.empty())
      << to_string(last.verdict);
}

/// A cell that comes to this without a fault, for this reason, and to NOT RESTORED or less with
/// one.
Cell ends(Verdict fault_free, const std::string& why, Verdict verdict = Verdict::not_restored) {
  Cell cell;
  cell.fault_free = fault_free;
  cell.fault_free_reason = why;
  cell.fault_free_culprit = why.empty() ? model::kNone : 0;
  cell.verdict = verdict;
  cell.reason = "with a fault";
  return cell;
}

/// The two as one cell, where 'fix' is what nobody knows.
Cell joined(const Cell& works, const Cell& idle) {
  const Loaded loaded(plan(kRun, "fix"));
  Matrix first;
  first.interruptions.push_back({{0}, {}, "after 'set_a'"});
  first.paths = {"full"};
  first.opaque = {{"fix", "nobody knows"}};
  Matrix second = first;
  first.cells = {works};
  second.cells = {idle};
  return both(loaded.plan, first, second, {}).cells.front();
}

TEST(Readings, WhatItComesToWithoutAFaultIsToldByTheReadingThatSaysIt) {
  const Cell told = joined(ends(Verdict::restored, ""), ends(Verdict::unknown, "an old copy"));
  EXPECT_EQ(told.fault_free, Verdict::unknown);
  EXPECT_EQ(told.fault_free_reason, "an old copy");
  EXPECT_EQ(told.fault_free_culprit, 0U);
  EXPECT_EQ(told.reason, "with a fault");
  EXPECT_EQ(
      joined(ends(Verdict::unknown, "an old copy"), ends(Verdict::restored, "")).fault_free_reason,
      "an old copy");
}

TEST(Readings, WhereTheReadingsPartWithoutAFaultBothAreTold) {
  const Cell parted = joined(ends(Verdict::too_slow, "it takes 20m"), ends(Verdict::restored, ""));
  EXPECT_EQ(parted.fault_free, Verdict::unknown);
  EXPECT_EQ(parted.fault_free_reason, "if 'fix' works: TOO SLOW (it takes 20m); if not: RESTORED");
  EXPECT_EQ(parted.fault_free_culprit, model::kNone);
}

TEST(Readings, WhatComesToTheSameWithoutAFaultIsToldOnce) {
  const Cell same =
      joined(ends(Verdict::unknown, "an old copy"), ends(Verdict::restored, "", Verdict::restored));
  EXPECT_EQ(same.fault_free, Verdict::unknown);
  EXPECT_EQ(same.verdict, Verdict::unknown);
  EXPECT_EQ(same.fault_free_reason, "");
  EXPECT_EQ(same.fault_free_culprit, model::kNone);
}

TEST(Readings, AReasonOfWhatIsNotKnownIsNoneOfWhatAFaultLeadsTo) {
  Cell opaque = ends(Verdict::unknown, "");
  opaque.reason = "nobody knows";
  opaque.if_works = Verdict::restored;
  const Cell told = joined(ends(Verdict::unknown, "an old copy"), opaque);
  EXPECT_EQ(told.verdict, Verdict::not_restored);
  EXPECT_EQ(told.reason,
            "nobody knows: if 'fix' works: NOT RESTORED (with a fault); if not: RESTORED");
  EXPECT_EQ(told.fault_free_reason, "");
}

}  // namespace
}  // namespace backout::simulator
