// What a run does besides running its steps: traffic, failures, other paths, loops, the point of no
// return.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "explored.hpp"

namespace backout::simulator {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A store with a copy that the deploy takes, an app that writes to it, and this rollback.
std::string store(const std::string& rollback, const std::string& more = "") {
  return R"(backout: 1
name: store
services:
  memory: {kind: sqlite, tables: {notes: 3}}
  conf: {kind: config, items: {a: "1"}}
  api:
    kind: app
    uses: [memory]
    versions:
      old: {operations: {remember: {write: notes, on: memory}}}
      new: {operations: {remember: {write: notes, on: memory}}}
    start: old
)" + more +
         R"(deploy:
  steps:
    - {id: copy, do: backup, target: memory, file: saved, takes: 1m}
    - {id: go, do: deploy, target: api, version: new, takes: 1m}
)" + rollback;
}

const char* const kRestore = R"(rollback:
  paths: {back: {steps: [halt, rest, run], full: true}}
  steps:
    - {id: halt, do: stop, target: api, takes: 1m}
    - {id: rest, do: restore, target: memory, from: saved, takes: 1m}
    - {id: run, do: deploy, target: api, version: old, takes: 1m}
)";

TEST(Traffic, WritesSinceTheBackupAreLostByARestore) {
  const Loaded loaded(store(kRestore));
  const Matrix matrix = loaded.matrix();
  const Cell last = cell(matrix, "after 'go'", "back");
  EXPECT_EQ(last.verdict, Verdict::data_lost);
  EXPECT_THAT(last.reason, HasSubstr("written since the deploy began"));
  EXPECT_EQ(last.culprit, loaded.plan.find_step("rest"));
  const auto written = [](const TraceLine& line) {
    return line.actor == TraceLine::Actor::traffic;
  };
  EXPECT_EQ(std::ranges::count_if(last.counterexample, written), 1)
      << "the shortest run needs one write";
}

TEST(Deploy, WhatADumpHoldsDependsOnWhenItWasTaken) {
  const std::string dump = "    - {id: dump, do: backup, target: db, file: saved, needs: []}\n";
  const std::string clear =
      "    - {id: clear, do: sql, target: db, text: DELETE FROM t, needs: []}\n";
  for (const std::string& steps : {dump + clear, clear + dump}) {
    const Loaded loaded(R"(backout: 1
name: dump
services:
  db: {kind: postgres, tables: {t: {rows: 2, columns: {id: int}}}}
deploy:
  steps:
)" + steps + R"(rollback:
  paths: {back: {steps: [rest], full: true}}
  steps: [{id: rest, do: restore, target: db, from: saved, clean: true}]
)");
    const Matrix matrix = loaded.matrix();
    EXPECT_EQ(matrix.cells.back().verdict, Verdict::data_lost) << verdicts(matrix);
  }
}

TEST(Paths, StepsThatAreLeftOutKeepTheOrderOfTheOthers) {
  const Loaded loaded(R"(backout: 1
services:
  db: {kind: postgres, tables: {orders: {columns: {id: bigint}}}}
  conf: {kind: config, items: {a: "1"}}
  api:
    kind: app
    uses: [db]
    versions: {old: {inserts: {orders: [id]}}, new: {inserts: {orders: [id, note]}}}
    start: old
deploy:
  steps:
    - {id: column, do: migrate, target: db, add_column: orders.note text}
    - {id: code, do: deploy, target: api, version: new}
    - {id: setting, do: set, target: conf, key: a, value: "2"}
rollback:
  steps:
    - {id: r_code, do: deploy, target: api, version: old, undoes: [code]}
    - {id: r_setting, do: set, target: conf, key: a, value: "1", undoes: [setting]}
    - {id: r_column, do: migrate, target: db, drop_column: orders.note, undoes: [column]}
)");
  EXPECT_EQ(cell(loaded.matrix(), "after 'code'", "full").verdict, Verdict::restored);
}

TEST(Traffic, WithoutTrafficNothingIsLost) {
  const Loaded loaded(store(kRestore, "limits: {traffic: 0}\n"));
  EXPECT_EQ(cell(loaded.matrix(), "after 'go'", "back").verdict, Verdict::restored);
}

TEST(Traffic, AnObjectiveMayAllowToLoseWhatWasJustWritten) {
  EXPECT_EQ(cell(Loaded(store(kRestore, "objectives: {rpo: 5m}\n")).matrix(), "after 'go'", "back")
                .verdict,
            Verdict::restored_with_residue);
  EXPECT_EQ(cell(Loaded(store(kRestore, "objectives: {rpo: 4m}\n")).matrix(), "after 'go'", "back")
                .verdict,
            Verdict::data_lost);
}

TEST(Traffic, TheOldestWriteMayBeTooOldForTheObjective) {
  std::string slow = store(kRestore, "objectives: {rpo: 1h}\n");
  slow.replace(slow.find("file: saved, takes: 1m"), 22, "file: saved, takes: 2h");
  EXPECT_EQ(cell(Loaded(slow).matrix(), "after 'go'", "back").verdict, Verdict::data_lost);
}

TEST(PointOfNoReturn, IsTheStepThatDestroysForGood) {
  const Loaded loaded(R"(backout: 1
name: gone
services:
  memory: {kind: sqlite, tables: {notes: 3, drafts: 1}}
deploy:
  steps:
    - {id: add, do: write, target: memory, row: more}
    - {id: drop, do: delete, target: memory, row: drafts}
    - {id: add2, do: write, target: memory, row: most}
rollback:
  paths: {back: {steps: [u2, u1], full: true}}
  steps:
    - {id: u2, do: delete, target: memory, row: most}
    - {id: u1, do: delete, target: memory, row: more}
)");
  const Matrix matrix = loaded.matrix();
  ASSERT_TRUE(matrix.point_of_no_return);
  EXPECT_EQ(matrix.point_of_no_return->step, loaded.plan.find_step("drop"));
  EXPECT_FALSE(matrix.point_of_no_return->needs_traffic);
  EXPECT_EQ(cell(matrix, "after 'add'", "back").verdict, Verdict::restored);
  EXPECT_EQ(cell(matrix, "after 'drop'", "back").verdict, Verdict::data_lost);
  EXPECT_EQ(cell(matrix, "after 'drop'", "back").culprit, loaded.plan.find_step("drop"));
}

/// Two items that the deploy changes, and a rollback whose second step needs a copy that does not
/// exist.
std::string broken(const std::string& reaction, const std::string& paths,
                   const std::string& more = "") {
  return R"(backout: 1
name: broken
services:
  conf: {kind: config, items: {a: "1"}}
  other: {kind: config, items: {k: "1"}}
deploy:
  steps:
    - {id: set_a, do: set, target: conf, key: a, value: "2"}
rollback:
  paths: {)" +
         paths + R"(}
  steps:
    - {id: quiet, do: set, target: other, key: k, value: "0"}
    - {id: rest, do: restore, target: conf, from: nowhere)" +
         reaction + R"(}
    - {id: u_a, do: set, target: conf, key: a, value: "1", needs: [quiet]}
    - {id: loud, do: set, target: other, key: k, value: "1", needs: [quiet], always: true}
)" + more;
}

TEST(Failures, AStepThatIsRefusedForGoodIsStuck) {
  const Cell last =
      cell(Loaded(broken("", "back: {steps: [quiet, rest, loud], full: true}")).matrix(),
           "after 'set_a'", "back");
  EXPECT_EQ(last.verdict, Verdict::stuck);
  EXPECT_EQ(last.reason, "'rest' does not get through: no copy is named 'nowhere'");
}

TEST(Failures, AlwaysStepsRunWhenTheRunStops) {
  const Cell last =
      cell(Loaded(broken("", "back: {steps: [quiet, rest, loud], full: true}")).matrix(),
           "after 'set_a'", "back");
  std::vector<std::string> steps;
  for (const TraceLine& line : last.counterexample) {
    if (line.actor == TraceLine::Actor::rollback) steps.push_back(line.step + ": " + line.text);
  }
  EXPECT_THAT(steps, testing::Contains("loud: done"));
}

TEST(Failures, CarryOnGoesToTheNextStep) {
  const Loaded loaded(
      broken(", on_failure: continue", "back: {steps: [quiet, rest, u_a, loud], full: true}"));
  EXPECT_EQ(cell(loaded.matrix(), "after 'set_a'", "back").verdict, Verdict::restored);
}

TEST(Failures, GoToJumpsAndMayGoRoundForEver) {
  const Loaded forward(
      broken(", on_failure: \"goto:u_a\"", "back: {steps: [quiet, rest, u_a, loud], full: true}"));
  EXPECT_EQ(cell(forward.matrix(), "after 'set_a'", "back").verdict, Verdict::restored);
  const Loaded round(broken(", on_failure: \"goto:quiet\"",
                            "back: {steps: [quiet, rest, u_a, loud], full: true}"));
  const Cell last = cell(round.matrix(), "after 'set_a'", "back");
  EXPECT_EQ(last.verdict, Verdict::stuck);
  EXPECT_THAT(last.reason, HasSubstr("goes round in circles"));
}

TEST(Failures, AnotherPathMayTakeOver) {
  const Loaded loaded(
      broken(", on_failure: \"rollback:plain\"",
             "back: {steps: [quiet, rest], full: true}, plain: {steps: [u_a, loud], full: true}"));
  const Matrix matrix = loaded.matrix();
  EXPECT_EQ(cell(matrix, "after 'set_a'", "back").verdict, Verdict::restored);
}

TEST(Failures, NothingToTakeBackIsNoHarm) {
  const Matrix matrix = Loaded(broken("", "back: {steps: [rest], full: true}")).matrix();
  EXPECT_EQ(cell(matrix, "before the deploy", "back").verdict, Verdict::restored);
  EXPECT_EQ(cell(matrix, "after 'set_a'", "back").verdict, Verdict::stuck);
}

TEST(Opaque, MakesVerdictsUnknownButNotWhatIsCertain) {
  const Loaded loaded(R"(backout: 1
name: opaque
services:
  conf: {kind: config, items: {a: "1"}}
  memory: {kind: sqlite, tables: {notes: 3}}
deploy:
  steps:
    - {id: set_a, do: set, target: conf, key: a, value: "2"}
rollback:
  paths: {back: {steps: [rest, u_a], full: true}, bad: {steps: [u_b], full: true}}
  steps:
    - {id: rest, do: restore, target: memory, from: unknown}
    - {id: u_a, do: set, target: conf, key: a, value: "1"}
    - {id: u_b, do: set, target: conf, key: b, value: "1"}
)");
  const Matrix matrix = loaded.matrix();
  EXPECT_EQ(cell(matrix, "after 'set_a'", "back").verdict, Verdict::unknown);
  EXPECT_EQ(cell(matrix, "after 'set_a'", "bad").verdict, Verdict::not_restored);
}

TEST(Deploy, AStepThatIsRefusedIsAStopOfTheDeploy) {
  const Loaded loaded(R"(backout: 1
name: stops
services:
  conf: {kind: config, items: {a: "1"}}
deploy:
  steps:
    - {id: set_a, do: set, target: conf, key: a, value: "2"}
    - {id: rest, do: restore, target: conf, from: nowhere}
    - {id: set_b, do: set, target: conf, key: b, value: "2"}
)");
  const Matrix matrix = loaded.matrix();
  ASSERT_EQ(matrix.deploy_stops.size(), 1U);
  EXPECT_EQ(matrix.deploy_stops[0].step, loaded.plan.find_step("rest"));
  EXPECT_FALSE(matrix.deploy_stops[0].needs_traffic);
  EXPECT_EQ(matrix.interruptions.back().label, "after 'set_a'");
  const auto findings = findings_of(loaded.context, matrix);
  ASSERT_FALSE(findings.empty());
  EXPECT_EQ(findings.back().message,
            "the deploy does not get past 'rest': no copy is named 'nowhere'");
}

TEST(Limits, AreNeverSilent) {
  const Loaded loaded(store(kRestore, "limits: {states: 3}\n"));
  const Matrix matrix = loaded.matrix();
  EXPECT_EQ(matrix.completeness.level, Completeness::Level::bounded);
  EXPECT_THAT(matrix.completeness.bound, HasSubstr("limit of states"));
  EXPECT_EQ(cell(matrix, "after 'go'", "back").verdict, Verdict::unknown);
}

}  // namespace
}  // namespace backout::simulator
