// Verdicts of small plans: one test per clause of docs/semantics.md.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "explored.hpp"

namespace backout::simulator {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// An app that needs item `c` in its new version, and a rollback in two orders.
const char* const kTwoOrders = R"(backout: 1
name: orders
services:
  conf: {kind: config, items: {a: "1"}}
  api:
    kind: app
    uses: [conf]
    versions:
      old: {operations: {need: {require: items.a, on: conf}}}
      new: {operations: {need: {require: items.c, on: conf}}}
    start: old
deploy:
  steps:
    - {id: add, do: set, target: conf, key: c, value: "3", takes: 1m}
    - {id: go, do: deploy, target: api, version: new, takes: 5m}
rollback:
  paths:
    right: {steps: [back, drop], full: true}
    wrong: {steps: [drop, back2], full: true}
    app_only: {steps: [back]}
  steps:
    - {id: back, do: deploy, target: api, version: old, takes: 5m, needs: [], undoes: [go]}
    - {id: drop, do: unset, target: conf, key: c, takes: 1m, undoes: [add]}
    - {id: back2, do: deploy, target: api, version: old, takes: 5m, undoes: [go]}
)";

TEST(Matrix, TellsAWrongOrderFromARightOne) {
  const Loaded loaded(kTwoOrders);
  const Matrix matrix = loaded.matrix();
  EXPECT_EQ(verdicts(matrix),
            "before the deploy x right: RESTORED\n"
            "before the deploy x wrong: RESTORED\n"
            "before the deploy x app_only: RESTORED\n"
            "after 'add' x right: RESTORED\n"
            "after 'add' x wrong: RESTORED\n"
            "after 'add' x app_only: WORKS\n"
            "after 'go' x right: RESTORED\n"
            "after 'go' x wrong: INCOMPATIBLE\n"
            "after 'go' x app_only: WORKS\n");
  const Cell wrong = cell(matrix, "after 'go'", "wrong");
  EXPECT_EQ(
      wrong.reason,
      "'need' of api@new is refused: it needs conf.items.c, which does not exist; this lasts 6m");
  EXPECT_EQ(wrong.culprit, loaded.plan.find_step("drop"));
  EXPECT_THAT(wrong.working_order,
              ElementsAre(loaded.plan.find_step("back2"), loaded.plan.find_step("drop")));
  EXPECT_THAT(cell(matrix, "after 'go'", "app_only").residue,
              ElementsAre("keeps: conf.items.c: absent -> 3"));
  EXPECT_EQ(matrix.completeness.level, Completeness::Level::exhaustive);
  EXPECT_FALSE(matrix.point_of_no_return);
  EXPECT_TRUE(matrix.point_of_no_return_decided);
}

TEST(Matrix, ShowsTheShortestBadRun) {
  const Loaded loaded(kTwoOrders);
  const Matrix matrix = loaded.matrix();
  std::vector<std::string> lines;
  for (const TraceLine& line : cell(matrix, "after 'go'", "wrong").counterexample)
    lines.push_back(line.step + ": " + line.text);
  EXPECT_THAT(lines, ElementsAre("add: done", "go: done", ": after 'go'", "drop: done",
                                 HasSubstr(": 'need' of api@new is refused")));
}

TEST(Matrix, FindingsAreOnePerPathAndCause) {
  const Loaded loaded(kTwoOrders);
  const auto findings = findings_of(loaded.context, loaded.matrix());
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].rule, "matrix-incompatible");
  EXPECT_EQ(findings[0].severity, model::Severity::error);
  EXPECT_EQ(findings[0].step, "drop");
  EXPECT_EQ(findings[0].message,
            "path 'wrong' breaks a version that is live when the deploy stops after 'go': 'need' "
            "of api@new is "
            "refused: it needs conf.items.c, which does not exist; this lasts 6m");
  EXPECT_EQ(findings[0].fix, "run the same steps in the order 'back2', 'drop'");
}

std::string simple(const std::string& steps, const std::string& paths,
                   const std::string& more = "") {
  return R"(backout: 1
name: simple
services:
  conf: {kind: config, items: {a: "1"}}
)" + more +
         R"(deploy:
  steps:
    - {id: set_a, do: set, target: conf, key: a, value: "2"}
    - {id: add_b, do: set, target: conf, key: b, value: "2"}
rollback:
  paths: {)" +
         paths + "}\n  steps:\n" + steps;
}

const char* const kUndos =
    "    - {id: u_b, do: unset, target: conf, key: b, undoes: [add_b]}\n"
    "    - {id: u_a, do: set, target: conf, key: a, value: \"1\", undoes: [set_a]}\n";

TEST(Matrix, AForgottenStepDoesNotRestoreAndNamesWhatDiffers) {
  const Loaded loaded(simple(kUndos, "back: {steps: [u_a], full: true}"));
  const Matrix matrix = loaded.matrix();
  EXPECT_EQ(cell(matrix, "after 'set_a'", "back").verdict, Verdict::restored);
  const Cell last = cell(matrix, "after 'add_b'", "back");
  EXPECT_EQ(last.verdict, Verdict::not_restored);
  EXPECT_EQ(last.reason,
            "every step ran, and the state is not the old one: conf.items.b: absent -> 2");
  EXPECT_EQ(last.culprit, loaded.plan.find_step("add_b"));
}

TEST(Matrix, APathThatNobodyWroteDownIsUnknownFromEverywhere) {
  const Loaded loaded(
      simple(kUndos, "back: {steps: [u_b, u_a], full: true}, hope: {steps: unknown}"));
  const Matrix matrix = loaded.matrix();
  for (const char* row : {"before the deploy", "after 'set_a'", "after 'add_b'"}) {
    const Cell hope = cell(matrix, row, "hope");
    EXPECT_EQ(hope.verdict, Verdict::unknown) << row;
    EXPECT_TRUE(hope.time_unknown) << row;
  }
  const std::vector<model::Finding> found = findings_of(loaded.context, matrix);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].rule, "path-not-written");
  EXPECT_EQ(found[0].severity, model::Severity::warning);
}

TEST(Matrix, WhatStandsStillAtTheEndOfAPartialPathIsDown) {
  const std::string text = R"(
backout: 1
name: down
services:
  jobs: {kind: workers}
  conf: {kind: config, items: {a: "1"}}
deploy:
  steps:
    - {id: halt, do: stop, target: jobs}
    - {id: set_a, do: set, target: conf, key: a, value: "2"}
rollback:
  paths:
    forgets: {steps: [u_a]}
    wakes: {steps: [u_a, wake]}
  steps:
    - {id: u_a, do: set, target: conf, key: a, value: "1"}
    - {id: wake, do: start, target: jobs}
)";
  const Matrix matrix = Loaded(text).matrix();
  const Cell down = cell(matrix, "after 'set_a'", "forgets");
  EXPECT_EQ(down.verdict, Verdict::down);
  EXPECT_EQ(down.reason, "what served before the deploy serves no more: 'jobs' does not run");
  EXPECT_EQ(cell(matrix, "after 'set_a'", "wakes").verdict, Verdict::restored);
  EXPECT_EQ(cell(matrix, "before the deploy", "forgets").verdict, Verdict::restored);
  const std::string known =
      text + "residue: [{path: jobs.running, reason: they are started in the morning}]\n";
  EXPECT_EQ(cell(Loaded(known).matrix(), "after 'set_a'", "forgets").verdict, Verdict::works);
  const std::string wide = text + "residue: [{path: jobs.*, reason: whatever}]\n";
  EXPECT_EQ(cell(Loaded(wide).matrix(), "after 'set_a'", "forgets").verdict, Verdict::down);
}

TEST(Matrix, DeclaredResidueMayStay) {
  const Loaded loaded(simple(kUndos, "back: {steps: [u_a], full: true}",
                             "residue: [{path: conf.items.b, reason: harmless}]\n"));
  const Cell last = cell(loaded.matrix(), "after 'add_b'", "back");
  EXPECT_EQ(last.verdict, Verdict::restored_with_residue);
  EXPECT_THAT(last.residue, ElementsAre("conf.items.b: absent -> 2"));
}

/// A table whose column is dropped and added again; `residue` is what the plan allows.
Cell column_made_again(const std::string& residue) {
  const Loaded loaded(R"(backout: 1
name: again
services:
  db: {kind: postgres, sql: "CREATE TABLE people (id bigint PRIMARY KEY, note text); INSERT INTO people VALUES (1, 'hello');"}
  conf: {kind: config, items: {a: "1", b: "1"}}
deploy:
  steps:
    - {id: drop, do: sql, target: db, text: "ALTER TABLE people DROP COLUMN note", takes: 1m}
    - {id: set_a, do: set, target: conf, key: a, value: "2", takes: 1m}
rollback:
  paths: {back: {steps: [clear, add], full: true}}
  steps:
    - {id: clear, do: set, target: conf, key: b, value: "0", takes: 1m}
    - {id: add, do: sql, target: db, text: "ALTER TABLE people ADD COLUMN note text", takes: 1m, undoes: [drop]}
residue:
)" + residue);
  return cell(loaded.matrix(), "after 'set_a'", "back");
}

TEST(Matrix, AWideResidueAllowsNoLostData) {
  const std::string conf = "  - {path: 'conf.items.*', reason: harmless}\n";
  for (const char* wide : {"db", "db.*", "'*'", "db.tables.*"}) {
    const Cell last = column_made_again(conf + "  - {path: " + wide + ", reason: whatever}\n");
    EXPECT_EQ(last.verdict, Verdict::data_lost) << wide;
    EXPECT_EQ(last.reason, "lost: note of a row of db.tables.people") << wide;
  }
  EXPECT_EQ(column_made_again(conf + "  - {path: db.tables.people, reason: nobody reads notes}\n")
                .verdict,
            Verdict::restored_with_residue);
}

TEST(Matrix, AWideResidueAllowsWhatTheDeployChangesAndNothingElse) {
  const std::string notes = "  - {path: db.tables.people, reason: nobody reads notes}\n";
  const Cell wide = column_made_again(notes + "  - {path: 'conf.*', reason: whatever}\n");
  EXPECT_EQ(wide.verdict, Verdict::not_restored);
  EXPECT_EQ(wide.reason, "every step ran, and the state is not the old one: conf.items.b: 1 -> 0");
  EXPECT_EQ(
      column_made_again(
          notes +
          "  - {path: conf.items.a, reason: known}\n  - {path: conf.items.b, reason: known}\n")
          .verdict,
      Verdict::restored_with_residue);
}

TEST(Matrix, AnOptionalStepMayBeLeftOut) {
  const std::string steps =
      "    - {id: u_b, do: unset, target: conf, key: b, optional: true}\n"
      "    - {id: u_a, do: set, target: conf, key: a, value: \"1\"}\n";
  const Cell last = cell(Loaded(simple(steps, "back: {steps: [u_b, u_a], full: true}")).matrix(),
                         "after 'add_b'", "back");
  EXPECT_EQ(last.verdict, Verdict::not_restored);
  EXPECT_EQ(last.counterexample[3].text, "optional: left out");
}

TEST(Matrix, APathIsOfferedOnlyFromItsSteps) {
  const Loaded loaded(simple(kUndos, "back: {steps: [u_b, u_a], full: true, from: [add_b]}"));
  const Matrix matrix = loaded.matrix();
  EXPECT_FALSE(cell(matrix, "before the deploy", "back").applicable);
  EXPECT_FALSE(cell(matrix, "after 'set_a'", "back").applicable);
  EXPECT_TRUE(cell(matrix, "after 'add_b'", "back").applicable);
}

TEST(Matrix, WithoutPathsTheUndosOfTheDeployAreOne) {
  const Loaded loaded(R"(backout: 1
name: derived
services:
  conf: {kind: config, items: {a: "1"}}
  news: {kind: notifier}
deploy:
  steps:
    - {id: set_a, do: set, target: conf, key: a, value: "2"}
    - {id: add_b, do: set, target: conf, key: b, value: "2"}
)");
  const Matrix matrix = loaded.matrix();
  EXPECT_THAT(matrix.paths, ElementsAre("undo"));
  EXPECT_EQ(verdicts(matrix),
            "before the deploy x undo: RESTORED\n"
            "after 'set_a' x undo: RESTORED\n"
            "after 'add_b' x undo: RESTORED\n");
}

TEST(Matrix, StepsWithoutOrderGiveEveryDownSet) {
  const Loaded loaded(R"(backout: 1
name: dag
services:
  conf: {kind: config, items: {a: "1"}}
deploy:
  steps:
    - {id: one, do: set, target: conf, key: b, value: "2", needs: []}
    - {id: two, do: set, target: conf, key: c, value: "2", needs: []}
    - {id: three, do: set, target: conf, key: d, value: "2", needs: [one, two]}
)");
  std::vector<std::string> labels;
  for (const Interruption& row : loaded.matrix().interruptions) labels.push_back(row.label);
  EXPECT_THAT(labels, ElementsAre("before the deploy", "after 'one'", "after 'two'",
                                  "after 'one' and 'two'", "after 'three'"));
}

TEST(Matrix, AStepOfSeveralPartsMayStopHalfWay) {
  const Loaded loaded(R"(backout: 1
name: half
services:
  conf: {kind: config, items: {a: "1"}}
deploy:
  steps:
    - {id: copy, do: backup, target: conf, file: saved}
    - {id: again, do: restore, target: conf, from: saved}
rollback:
  paths: {back: {steps: [u], full: true}}
  steps: [{id: u, do: set, target: conf, key: a, value: "1"}]
)");
  const Matrix matrix = loaded.matrix();
  const Cell half = cell(matrix, "during 'again'", "back");
  EXPECT_EQ(matrix.interruptions[half.interruption].half, loaded.plan.find_step("again"));
  EXPECT_EQ(half.verdict, Verdict::restored);
}

TEST(Matrix, AnInvariantThatMustAlwaysHoldIsLookedAtBetweenSteps) {
  const char* const steps =
      "    - {id: drop, do: unset, target: other, key: k}\n"
      "    - {id: u_b, do: unset, target: conf, key: b}\n"
      "    - {id: u_a, do: set, target: conf, key: a, value: \"1\"}\n"
      "    - {id: put, do: set, target: other, key: k, value: \"1\"}\n";
  const auto with = [&](const char* when) {
    const std::string more =
        std::string("  other: {kind: config, items: {k: \"1\"}}\n") +
        "invariants: {has_k: {service: other, fact: items.k, is: \"1\", when: " + when + "}}\n";
    return cell(
        Loaded(simple(steps, "back: {steps: [drop, u_b, u_a, put], full: true}", more)).matrix(),
        "after 'add_b'", "back");
  };
  EXPECT_EQ(with("always").verdict, Verdict::incompatible);
  EXPECT_THAT(with("always").reason, HasSubstr("invariant 'has_k' does not hold"));
  EXPECT_EQ(with("end").verdict, Verdict::restored);
}

TEST(Matrix, TooSlowOnlyWhereTheObjectiveIsMissed) {
  const auto with = [&](const char* takes) {
    const std::string steps =
        std::string("    - {id: u_b, do: unset, target: conf, key: b, takes: ") + takes + "}\n" +
        "    - {id: u_a, do: set, target: conf, key: a, value: \"1\", takes: 1m}\n";
    return cell(
        Loaded(simple(steps, "back: {steps: [u_b, u_a], full: true}", "objectives: {rto: 10m}\n"))
            .matrix(),
        "after 'add_b'", "back");
  };
  EXPECT_EQ(with("5-9m").verdict, Verdict::restored);
  EXPECT_EQ(with("5-10m").verdict, Verdict::too_slow);
  EXPECT_EQ(with("5-10m").fault_free, Verdict::too_slow);
  EXPECT_THAT(with("5-10m").reason, HasSubstr("6-11m"));
  EXPECT_TRUE(with("unknown").time_unknown);
}

/// The path is too slow, which is no lack of a way back: it rewrites what the newer jobs wrote.
TEST(Matrix, AConversionIsAWayBackFromWhatTheNewerVersionWrote) {
  const Loaded loaded(R"(backout: 1
services:
  lake: {kind: object_store, holds: [p1], versioning: true}
  jobs: {kind: workers, uses: [lake], versions: {d1: {writes: {lake: p1}}, d2: {writes: {lake: p2}, reads: {lake: [p1, p2]}}}, start: d1}
objectives: {rto: <10m}
deploy:
  steps:
    - {id: dags, do: deploy, target: jobs, version: d2, takes: 5m, undo: dags_back}
rollback:
  steps:
    - {id: hold, do: pause, target: jobs, drain: 30m, takes: 30m}
    - {id: dags_back, do: deploy, target: jobs, version: d1, takes: 5m}
    - {id: rewrite, do: convert, target: lake, to: p1, takes: 20m, undoes: [dags]}
    - {id: go_on, do: resume, target: jobs, takes: 1m}
)");
  const Matrix matrix = loaded.matrix();
  EXPECT_EQ(cell(matrix, "after 'dags'", "full").fault_free, Verdict::too_slow);
  EXPECT_TRUE(matrix.point_of_no_return_decided);
  EXPECT_FALSE(matrix.point_of_no_return);
}

}  // namespace
}  // namespace backout::simulator
