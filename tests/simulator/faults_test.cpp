// Every fault kind fires, and changes a verdict: what each one needs to do harm, and what protects
// from it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "explored.hpp"
#include "simulator/faults.hpp"

namespace backout::simulator {
namespace {

/// A deploy that adds `c` and changes `a`, and a rollback with these steps.
std::string plan(const std::string& add_c, const std::string& paths, const std::string& steps) {
  return fmt::format(R"(backout: 1
name: faults
services:
  conf: {{kind: config, items: {{a: "1"}}}}
deploy:
  steps:
    - {{id: copy, do: backup, target: conf, file: saved}}
    - {{id: add_c, do: set, target: conf, key: c, value: "3"{}}}
    - {{id: set_a, do: set, target: conf, key: a, value: "2"}}
rollback:
  paths: {{back: {{steps: [{}], full: true}}}}
  steps:
{})",
                     add_c, paths, steps);
}

/// The verdicts of "after 'set_a'" without and with one fault of this kind; asserts that it fired.
std::pair<Verdict, Verdict> with_fault(const std::string& text, const std::string& kind) {
  const Loaded loaded(text);
  const Matrix matrix = loaded.matrix(1, {kind});
  EXPECT_GT(matrix.completeness.faults.at(kind), 0U);
  EXPECT_EQ(matrix.completeness.faults.size(), 1U);
  const Cell last = cell(matrix, "after 'set_a'", "back");
  return {last.fault_free, last.verdict};
}

using Pair = std::pair<Verdict, Verdict>;
constexpr Pair kHarmed{Verdict::restored, Verdict::stuck};
constexpr Pair kNotRestored{Verdict::restored, Verdict::not_restored};
constexpr Pair kDown{Verdict::restored, Verdict::down};
constexpr Pair kSafe{Verdict::restored, Verdict::restored};

TEST(Faults, FailHarmsARunnerThatCarriesOn) {
  const auto steps = [](const char* reaction) {
    return fmt::format(
        "    - {{id: u_c, do: unset, target: conf, key: c, on_failure: {}}}\n"
        "    - {{id: u_a, do: set, target: conf, key: a, value: \"1\"}}\n",
        reaction);
  };
  EXPECT_EQ(with_fault(plan("", "u_c, u_a", steps("continue")), "fail"), kNotRestored);
  EXPECT_EQ(with_fault(plan("", "u_c, u_a", steps("abort")), "fail"), kSafe);
}

TEST(Faults, ARetryProtectsFromFail) {
  const std::string steps =
      "    - {id: u_c, do: unset, target: conf, key: c, retry: 1, on_failure: continue}\n"
      "    - {id: u_a, do: set, target: conf, key: a, value: \"1\"}\n";
  EXPECT_EQ(with_fault(plan("", "u_c, u_a", steps), "fail"), kSafe);
}

TEST(Faults, HalfHarmsWhatIsNotAtomic) {
  const auto steps = [](const char* reaction) {
    return fmt::format(
        "    - {{id: rest, do: restore, target: conf, from: saved, on_failure: {}}}\n", reaction);
  };
  EXPECT_EQ(with_fault(plan("", "rest", steps("continue")), "half"), kNotRestored);
  EXPECT_EQ(with_fault(plan("", "rest", steps("abort")), "half"), kSafe);
}

TEST(Faults, TimeoutNoneHarmsARunnerThatCarriesOn) {
  const std::string steps =
      "    - {id: u_c, do: unset, target: conf, key: c, timeout: 1m, on_failure: continue}\n"
      "    - {id: u_a, do: set, target: conf, key: a, value: \"1\"}\n";
  EXPECT_EQ(with_fault(plan("", "u_c, u_a", steps), "timeout_none"), kNotRestored);
}

TEST(Faults, WithoutATimeoutNothingTimesOut) {
  const Loaded loaded(plan("", "u_c", "    - {id: u_c, do: unset, target: conf, key: c}\n"));
  const Matrix matrix = loaded.matrix(1, {"timeout_none", "timeout_applied", "late"});
  for (const auto& [kind, fired] : matrix.completeness.faults) EXPECT_EQ(fired, 0U) << kind;
}

/// A restore of the latest copy that backs up first: a second run brings the bad state back (X16).
std::string toggle(const std::string& more) {
  return "    - {id: rest, do: restore, target: conf, from: latest, backup_first: true" + more +
         "}\n";
}

TEST(Faults, TimeoutAppliedHarmsARetryOfWhatIsNotRepeatable) {
  const std::string repeatable =
      "    - {id: rest, do: restore, target: conf, from: saved, timeout: 1m, retry: 1}\n";
  EXPECT_EQ(with_fault(plan("", "rest", repeatable), "timeout_applied"), kSafe);
  EXPECT_EQ(with_fault(plan("", "rest", toggle(", timeout: 1m, retry: 1")), "timeout_applied"),
            kNotRestored);
  EXPECT_EQ(with_fault(plan("", "rest", toggle(", timeout: 1m")), "timeout_applied"), kSafe)
      << "a person looks first";
}

TEST(Faults, FailAppliedHarmsARetryOfWhatIsNotRepeatable) {
  const std::string repeatable =
      "    - {id: rest, do: restore, target: conf, from: saved, retry: 1}\n";
  EXPECT_EQ(with_fault(plan("", "rest", repeatable), "fail_applied"), kSafe);
  EXPECT_EQ(with_fault(plan("", "rest", toggle(", retry: 1")), "fail_applied"), kNotRestored);
}

TEST(Faults, LateHarmsWhenTheUndoRanBefore) {
  const std::string steps =
      "    - {id: u_c, do: unset, target: conf, key: c}\n"
      "    - {id: u_a, do: set, target: conf, key: a, value: \"1\"}\n";
  const Loaded loaded(plan(", timeout: 1m", "u_c, u_a", steps));
  const Matrix matrix = loaded.matrix(1, {"late"});
  EXPECT_GT(matrix.completeness.faults.at("late"), 0U);
  const Cell before = cell(matrix, "after 'copy'", "back");
  EXPECT_EQ(before.fault_free, Verdict::restored);
  EXPECT_EQ(before.verdict, Verdict::not_restored);
  EXPECT_NE(before.reason.find("conf.items.c: absent -> 3"), std::string::npos) << before.reason;
  // A last step that takes the effect back again protects from it.
  const Loaded safe(plan(", timeout: 1m", "u_a, u_c", steps));
  EXPECT_EQ(cell(safe.matrix(1, {"late"}), "after 'copy'", "back").verdict, Verdict::restored);
}

TEST(Faults, LyingOkHarmsWithoutAVerify) {
  const auto steps = [](const char* verify) {
    return fmt::format(
        "    - {{id: u_c, do: unset, target: conf, key: c}}\n"
        "    - {{id: again, do: unset, target: conf, key: c}}\n"
        "    - {{id: u_a, do: set, target: conf, key: a, value: \"1\"{}}}\n",
        verify);
  };
  EXPECT_EQ(with_fault(plan("", "u_c, again, u_a", steps("")), "lying_ok"), kNotRestored);
  const char* verify = ", verify: {service: conf, fact: items.a, is: \"1\"}";
  EXPECT_EQ(with_fault(plan("", "u_c, again, u_a", steps(verify)), "lying_ok"), kSafe);
}

TEST(Faults, ABackupThatLiesHarmsTheRestore) {
  const std::string steps = "    - {id: rest, do: restore, target: conf, from: saved}\n";
  EXPECT_EQ(with_fault(plan("", "rest", steps), "lying_ok"), kHarmed);
}

TEST(Faults, KilledAndSecondRunHarmWhatTogglesBack) {
  const std::string stable = "    - {id: rest, do: restore, target: conf, from: saved}\n";
  const std::string other = "    - {id: note, do: task, text: write it down}\n";
  EXPECT_EQ(with_fault(plan("", "rest", stable), "second_run"), kSafe);
  EXPECT_EQ(with_fault(plan("", "rest, note", stable + other), "killed"), kSafe);
  EXPECT_EQ(with_fault(plan("", "rest", toggle("")), "second_run"), kNotRestored);
  EXPECT_EQ(with_fault(plan("", "rest, note", toggle("") + other), "killed"), kNotRestored);
}

TEST(Faults, DownHarmsARunnerThatCarriesOnHoweverOftenItTries) {
  const auto steps = [](const char* reaction) {
    return fmt::format(
        "    - {{id: u_c, do: unset, target: conf, key: c, retry: 3, on_failure: {}}}\n"
        "    - {{id: u_a, do: set, target: conf, key: a, value: \"1\"}}\n",
        reaction);
  };
  EXPECT_EQ(with_fault(plan("", "u_c, u_a", steps("continue")), "down"), kNotRestored);
  EXPECT_EQ(with_fault(plan("", "u_c, u_a", steps("abort")), "down"), kSafe);
}

TEST(Faults, ALyingCheckHarmsWhatOnlyACheckProtects) {
  const auto steps = [](const char* again) {
    return fmt::format(
        "    - {{id: u_c, do: unset, target: conf, key: c}}\n"
        "    - {{id: u_a, do: set, target: conf, key: a, value: \"1\", "
        "verify: {{service: conf, fact: items.a, is: \"1\"}}}}\n{}",
        again);
  };
  EXPECT_EQ(with_fault(plan("", "u_c, u_a", steps("")), "lying_check"), kNotRestored);
  const char* again = "    - {id: twice, do: set, target: conf, key: a, value: \"1\"}\n";
  EXPECT_EQ(with_fault(plan("", "u_c, u_a, twice", steps(again)), "lying_check"), kSafe);
}

TEST(Faults, AGoneCopyHarmsAPathWithoutAnotherWay) {
  const std::string only = "    - {id: rest, do: restore, target: conf, from: saved}\n";
  EXPECT_EQ(with_fault(plan("", "rest", only), "gone"), kHarmed);
  const std::string other =
      "    - {id: rest, do: restore, target: conf, from: saved, on_failure: continue}\n"
      "    - {id: u_c, do: unset, target: conf, key: c}\n"
      "    - {id: u_a, do: set, target: conf, key: a, value: \"1\"}\n";
  EXPECT_EQ(with_fault(plan("", "rest, u_c, u_a", other), "gone"), kSafe);
}

/// A deploy of v2 by its image, and a rollback with these steps.
std::string release(const std::string& steps) {
  return fmt::format(R"(backout: 1
name: release
services:
  api: {{kind: app, versions: {{v1: {{}}, v2: {{}}}}, start: v1}}
deploy:
  steps: [{{id: set_a, do: deploy, target: api, version: v2}}]
rollback:
  paths: {{back: {{steps: [back], full: true}}}}
  steps: [{}]
)",
                     steps);
}

TEST(Faults, AGoneImageHarmsUnlessItIsBuiltFromSource) {
  EXPECT_EQ(with_fault(release("{id: back, do: deploy, target: api, version: v1}"), "gone"),
            kHarmed);
  const Loaded built(release("{id: back, do: deploy, target: api, version: v1, ref: \"git:v1\"}"));
  EXPECT_EQ(built.matrix(1, {"gone"}).completeness.faults.at("gone"), 0U);
}

TEST(Faults, AStaleCopyLosesWhatWasWrittenSince) {
  const std::string text = R"(backout: 1
name: notes
services:
  memory: {kind: sqlite, tables: {notes: 2}}
  api:
    kind: app
    uses: [memory]
    versions: {v1: {operations: {remember: {write: notes, on: memory}}}}
    start: v1
limits: {traffic: 1}
deploy:
  steps: [{id: set_a, do: write, target: memory, row: later}]
rollback:
  paths: {back: {steps: [halt, drop, keep, rest, go], full: true}}
  steps:
    - {id: halt, do: stop, target: api}
    - {id: drop, do: delete, target: memory, row: later}
    - {id: keep, do: backup, target: memory, file: saved}
    - {id: rest, do: restore, target: memory, from: saved}
    - {id: go, do: start, target: api}
)";
  EXPECT_EQ(with_fault(text, "stale"), (Pair{Verdict::restored, Verdict::data_lost}));
}

/// A deploy that puts another database into the place of the live one.
std::string swapped(bool locked_out = false) {
  return fmt::format(R"(backout: 1
name: swap
services:
  db: {{kind: postgres, database: main, tables: {{t: {{columns: {{id: int}}}}}}}}
deploy:
  steps:
    - {{id: other, do: create_database, target: db, name: spare}}
    - {{id: set_a, do: swap, target: db, with: spare, keep_as: aside}}
rollback:
  paths: {{back: {{steps: [{}], full: true}}}}
  steps:
    - {{id: swap, do: swap, target: db, with: aside, keep_as: spare, retry: 1, on_failure: continue}}
    - {{id: lock, do: lock_out, target: db}}
    - {{id: unlock, do: let_in, target: db}}
)",
                     locked_out ? "lock, swap, unlock" : "swap");
}

TEST(Faults, ConnectedHarmsWhatNeedsTheDatabaseForItselfUnlessNobodyIsLetIn) {
  EXPECT_EQ(with_fault(swapped(), "connected"), kNotRestored);
  const Loaded locked_out(swapped(true));
  const Matrix matrix = locked_out.matrix(1, {"connected"});
  EXPECT_EQ(matrix.completeness.faults.at("connected"), 0U) << "nobody gets in";
  EXPECT_EQ(cell(matrix, "after 'set_a'", "back").verdict, Verdict::restored);
}

/// A configuration of two items, one of which the deploy changes; the rollback restores the copy,
/// then sets that one.
std::string two_items(const std::string& precheck) {
  return fmt::format(R"(backout: 1
name: two items
services:
  conf: {{kind: config, items: {{a: "1", b: "1"}}}}
deploy:
  steps:
    - {{id: copy, do: backup, target: conf, file: saved}}
    - {{id: set_a, do: set, target: conf, key: a, value: "2"}}
rollback:
  paths: {{back: {{steps: [rest, u_a], full: true}}}}
  steps:
    - {{id: rest, do: restore, target: conf, from: saved, on_failure: continue{}}}
    - {{id: u_a, do: set, target: conf, key: a, value: "1"}}
)",
                     precheck);
}

TEST(Faults, ACorruptCopyHarmsUnlessItIsLookedAtBeforeAnythingIsRemoved) {
  const std::string only = "    - {id: rest, do: restore, target: conf, from: saved}\n";
  EXPECT_EQ(with_fault(plan("", "rest", only), "corrupt"), kHarmed);
  EXPECT_EQ(with_fault(two_items(""), "corrupt"), kNotRestored)
      << "of what was removed, only the first half is back";
  const char* precheck = ", precheck: {service: conf, fact: damaged.saved, is: absent}";
  EXPECT_EQ(with_fault(two_items(precheck), "corrupt"), kSafe);
}

/// A database that is restored from `saved` by these arguments and, where that fails, changed back
/// by a statement.
std::string restored(const std::string& dump, const std::string& restore) {
  return fmt::format(R"(backout: 1
name: restore
services:
  db: {{kind: postgres, tables: {{t: {{rows: 2, columns: {{id: int}}}}}}}}
  vault: {{kind: backup_store, holds: {{saved: {{of: db}}}}}}
deploy:
  steps:
    - {{id: copy, do: backup, target: db, file: saved, {}}}
    - {{id: set_a, do: sql, target: db, text: "ALTER TABLE t ADD COLUMN c int"}}
rollback:
  paths:
    back: {{steps: [rest, u_c], full: true}}
    checked: {{steps: [read, rest], full: true}}
    by_hand: {{steps: [u_c], full: true}}
  steps:
    - {{id: read, do: verify, target: vault, name: saved, on_failure: "rollback:by_hand"}}
    - {{id: rest, do: restore, target: db, from: saved, clean: true, {}}}
    - {{id: u_c, do: sql, target: db, text: "ALTER TABLE t DROP COLUMN IF EXISTS c"}}
)",
                     dump, restore);
}

TEST(Faults, ACorruptDumpLosesRowsUnlessTheRestoreIsOneTransaction) {
  const std::string goes_on = "on_failure: continue";
  EXPECT_EQ(with_fault(restored("format: custom", goes_on), "corrupt"),
            (Pair{Verdict::restored, Verdict::data_lost}));
  EXPECT_EQ(with_fault(restored("format: custom", goes_on + ", transaction: true"), "corrupt"),
            kSafe);
}

TEST(Faults, AStepThatReadsTheCopyBackProtectsFromACorruptOrGoneOne) {
  const Loaded loaded(restored("format: custom", "on_failure: continue"));
  for (const char* kind : {"corrupt", "gone"}) {
    const Matrix matrix = loaded.matrix(1, {kind});
    EXPECT_GT(matrix.completeness.faults.at(kind), 0U);
    EXPECT_EQ(cell(matrix, "after 'set_a'", "checked").verdict, Verdict::restored) << kind;
  }
}

/// A SQLite file that is restored from one of two copies, the second only if the first step is seen
/// to fail.
std::string two_copies(const std::string& verify) {
  return fmt::format(R"(backout: 1
name: two copies
services:
  memory: {{kind: sqlite, tables: {{notes: 2}}}}
backups: {{one: {{of: memory}}, two: {{of: memory}}}}
deploy:
  steps: [{{id: set_a, do: delete, target: memory, row: notes}}]
rollback:
  paths: {{back: {{steps: [first], full: true}}, again: {{steps: [second], full: true}}}}
  steps:
    - {{id: first, do: restore, target: memory, from: one, on_failure: "rollback:again"{}}}
    - {{id: second, do: restore, target: memory, from: two}}
)",
                     verify);
}

TEST(Faults, ACorruptFileIsCopiedUnseenUnlessItsRowsAreChecked) {
  EXPECT_EQ(with_fault(two_copies(""), "corrupt"), (Pair{Verdict::restored, Verdict::data_lost}));
  EXPECT_EQ(with_fault(two_copies(", verify: {rows: memory.notes, within: 0%}"), "corrupt"), kSafe);
}

TEST(Faults, ACorruptSnapshotNeedsAnotherOne) {
  const auto text = [](const char* reaction) {
    return fmt::format(R"(backout: 1
name: points
services:
  points: {{kind: vector_store, collections: [notes]}}
  conf: {{kind: config, items: {{a: "1"}}}}
backups: {{one: {{of: points}}, two: {{of: points}}}}
deploy:
  steps: [{{id: set_a, do: set, target: conf, key: a, value: "2"}}]
rollback:
  paths: {{back: {{steps: [first, u_a], full: true}}, again: {{steps: [second, u_a], full: true}}}}
  steps:
    - {{id: first, do: recover, target: points, from: one, on_failure: {}}}
    - {{id: second, do: recover, target: points, from: two}}
    - {{id: u_a, do: set, target: conf, key: a, value: "1"}}
)",
                       reaction);
  };
  EXPECT_EQ(with_fault(text("abort"), "corrupt"), kHarmed);
  EXPECT_EQ(with_fault(text("\"rollback:again\""), "corrupt"), kSafe);
}

TEST(Faults, ACopyOfAnotherFormatHarmsUnlessItIsSeenAndThereIsAnotherWay) {
  const auto by = [](const char* format, const char* restore) {
    std::string text = restored(format, restore);
    text.replace(text.find("[rest, u_c]"), 11, "[rest]");
    return text;
  };
  EXPECT_EQ(with_fault(by("format: custom", ""), "wrong_format"), kHarmed);
  const char* unseen = "tool: psql, on_failure: \"rollback:by_hand\"";
  EXPECT_EQ(with_fault(by("format: plain", unseen), "wrong_format"), kNotRestored)
      << "psql says ok";
  const char* seen = "tool: psql, exit_on_error: true, on_failure: \"rollback:by_hand\"";
  EXPECT_EQ(with_fault(by("format: plain", seen), "wrong_format"), kSafe);
  const Loaded snapshot(by("format: snapshot", "tool: snapshot"));
  EXPECT_EQ(snapshot.matrix(1, {"wrong_format"}).completeness.faults.at("wrong_format"), 0U)
      << "it reads its own only";
}

/// A configuration that an app reads, and a rollback with these steps.
std::string read_by_app(const std::string& path) {
  return fmt::format(R"(backout: 1
name: cache
services:
  conf: {{kind: config, items: {{a: "1"}}, read_by: api}}
  flags: {{kind: flags, flags: {{new_ui: false}}, read_by: api}}
  api: {{kind: app, versions: {{v1: {{}}}}, start: v1}}
deploy:
  steps:
    - {{id: flag_on, do: set, target: flags, key: new_ui, enabled: true}}
    - {{id: set_a, do: set, target: conf, key: a, value: "2"}}
rollback:
  paths: {{back: {{steps: [{}], full: true}}}}
  steps:
    - {{id: u_a, do: set, target: conf, key: a, value: "1"}}
    - {{id: reload, do: reload, target: conf}}
    - {{id: again, do: restart, target: api}}
    - {{id: flag_off, do: set, target: flags, key: new_ui, enabled: false}}
    - {{id: clear, do: clear_cache, target: flags}}
)",
                     path);
}

TEST(Faults, ACacheHidesAChangeUntilItsReadersAreTold) {
  EXPECT_EQ(with_fault(read_by_app("u_a, flag_off"), "cached"), kNotRestored);
  EXPECT_EQ(with_fault(read_by_app("u_a, flag_off, clear"), "cached"), kNotRestored)
      << "of the configuration";
  EXPECT_EQ(with_fault(read_by_app("u_a, reload, flag_off"), "cached"), kNotRestored)
      << "of the flag";
  EXPECT_EQ(with_fault(read_by_app("u_a, reload, flag_off, clear"), "cached"), kSafe);
  EXPECT_EQ(with_fault(read_by_app("u_a, again, flag_off, clear"), "cached"), kSafe);
  EXPECT_EQ(with_fault(read_by_app("reload, again, u_a, flag_off, clear"), "cached"), kNotRestored)
      << "told too early";
}

TEST(Faults, ACacheHidesAnItemFromTheVersionThatNeedsIt) {
  const Loaded loaded(R"(backout: 1
name: hidden item
services:
  conf: {kind: config, items: {key: "1"}, read_by: api}
  api:
    kind: app
    uses: [conf]
    versions: {v1: {operations: {sign: {require: items.key, on: conf}}}}
    start: v1
deploy:
  steps: [{id: set_a, do: unset, target: conf, key: key}]
rollback:
  paths: {back: [u_a], other: [u_a]}
  steps: [{id: u_a, do: set, target: conf, key: key, value: "1"}]
)");
  const Matrix matrix = loaded.matrix(1, {"cached"});
  const Cell last = cell(matrix, "after 'set_a'", "back");
  EXPECT_EQ(last.fault_free, Verdict::restored);
  EXPECT_EQ(last.verdict, Verdict::incompatible);
  EXPECT_NE(last.reason.find("it needs conf.items.key, which does not exist"), std::string::npos)
      << last.reason;
}

/// A release whose version before does not work on the schema of the new one, and back by these
/// steps.
std::string mixed(const std::string& path) {
  return fmt::format(R"(backout: 1
name: mixed
services:
  db: {{kind: postgres, tables: {{t: {{columns: {{id: int}}}}}}}}
  api:
    kind: app
    uses: [db]
    versions: {{v1: {{operations: none}}, v2: {{inserts: {{t: [c]}}}}}}
    start: v1
deploy:
  steps:
    - {{id: add_c, do: sql, target: db, text: "ALTER TABLE t ADD COLUMN c int"}}
    - {{id: set_a, do: deploy, target: api, version: v2}}
rollback:
  paths: {{back: {{steps: [{}], full: true}}, schema: [u_c, u_a]}}
  steps:
    - {{id: halt, do: stop, target: api}}
    - {{id: u_a, do: deploy, target: api, version: v1}}
    - {{id: again, do: restart, target: api}}
    - {{id: u_c, do: sql, target: db, text: "ALTER TABLE t DROP COLUMN c"}}
)",
                     path);
}

TEST(Faults, AnInstanceThatLingersIsAnOldVersionThatServes) {
  EXPECT_EQ(with_fault(mixed("u_a"), "lingering"),
            (Pair{Verdict::not_restored, Verdict::not_restored}));
  EXPECT_EQ(with_fault(mixed("u_a, u_c"), "lingering"), kNotRestored);
  EXPECT_EQ(with_fault(mixed("u_a, again, u_c"), "lingering"), kSafe);
  std::string works = mixed("u_a, u_c");
  works.replace(works.find(", full: true"), 12, "");
  const Loaded kept(works);
  const Cell served = cell(kept.matrix(1, {"lingering"}), "after 'set_a'", "back");
  EXPECT_EQ(served.verdict, Verdict::incompatible);
  EXPECT_NE(served.reason.find("api@v2"), std::string::npos) << served.reason;
  const Loaded halted(mixed("halt, u_a, u_c"));
  const Matrix matrix = halted.matrix(1, {"lingering"});
  EXPECT_EQ(cell(matrix, "after 'set_a'", "back").verdict, Verdict::restored)
      << "what is stopped does not linger";
}

/// A release, and back by the path `back`; `again` is another way.
std::string served(const std::string& path, const std::string& rules) {
  return fmt::format(R"(backout: 1
name: served
services:
  memory: {{kind: sqlite, tables: {{notes: 2}}}}
  api:
    kind: app
    uses: [memory]
    versions: {{v1: {{operations: {{remember: {{write: notes, on: memory}}}}}}, v2: {{}}}}
    start: v1
deploy:
  steps: [{{id: set_a, do: deploy, target: api, version: v2}}]
rollback:
  paths: {{back: {{steps: [{}], full: true}}, again: {{steps: [u_a2], full: true}}}}
  steps:
    - {{id: halt, do: stop, target: api}}
    - {{id: u_a, do: rollback, target: api, to: v1{}}}
    - {{id: up, do: start, target: api{}}}
    - {{id: look, do: probe, target: api, expect: 200}}
    - {{id: u_a2, do: deploy, target: api, version: v1}}
)",
                     path, rules, rules);
}

TEST(Faults, AnAppThatRunsAndDoesNotServeHarmsUnlessACheckNoticesAndItIsStartedAgain) {
  const std::string health = ", verify: {http: api/health, expect: 200}";
  EXPECT_EQ(with_fault(served("u_a", ""), "unhealthy"), kDown);
  EXPECT_EQ(with_fault(served("u_a", ", verify: {http: api/health}"), "unhealthy"), kDown)
      << "every answer passes";
  EXPECT_EQ(with_fault(served("u_a", health), "unhealthy"), kSafe)
      << "a person starts the path over";
  EXPECT_EQ(with_fault(served("u_a, look", ""), "unhealthy"), kSafe)
      << "so they do when a later step notices";
  EXPECT_EQ(with_fault(served("u_a", ", verify: {version: v1, of: api}"), "unhealthy"), kSafe);
  EXPECT_EQ(with_fault(served("u_a", health + ", on_failure: continue"), "unhealthy"), kDown);
  EXPECT_EQ(with_fault(served("u_a", health + ", on_failure: continue, retry: 1"), "unhealthy"),
            kSafe);
  EXPECT_EQ(with_fault(served("u_a", health + ", on_failure: \"rollback:again\""), "unhealthy"),
            kSafe);
}

TEST(Faults, AStartOfWhatRunsMakesNoUnhealthyAppWell) {
  const std::string health = ", verify: {http: api/health, expect: 200}";
  EXPECT_EQ(with_fault(served("u_a, halt, up", health), "unhealthy"), kSafe)
      << "it is stopped and started again";
  const std::string only =
      "backout: 1\nname: start\nservices: {api: {kind: app, versions: {v1: {}}, start: v1}}\n"
      "deploy: {steps: [{id: set_a, do: stop, target: api}]}\n"
      "rollback:\n  paths: {back: {steps: [up], full: true}}\n  steps:\n"
      "    - {id: up, do: start, target: api, retry: 3" +
      health + "}\n";
  EXPECT_EQ(with_fault(only, "unhealthy"), kHarmed);
}

TEST(Faults, AnUnhealthyAppAtTheEndIsDown) {
  std::string text = served("u_a", "");
  text.replace(text.find(", full: true"), 12, "");
  const Loaded loaded(text);
  const Cell last = cell(loaded.matrix(1, {"unhealthy"}), "after 'set_a'", "back");
  EXPECT_EQ(last.verdict, Verdict::down);  // that outranks the operations that it refuses
  EXPECT_EQ(last.reason,
            "what served before the deploy serves no more: 'api' runs and does not serve");
}

/// Traffic goes from one side to the other, and back by these steps.
std::string two_sides(const std::string& path, const std::string& rules) {
  return fmt::format(R"(backout: 1
name: two sides
services:
  blue: {{kind: app, versions: {{v1: {{}}}}, start: v1}}
  green: {{kind: app, versions: {{v2: {{}}}}, start: v2}}
  lb: {{kind: load_balancer, sides: {{blue: blue, green: green}}, live: blue}}
deploy:
  steps: [{{id: set_a, do: switch, target: lb, to: green}}]
rollback:
  paths: {{back: {{steps: [{}], full: true}}, anew: {{steps: [again, u_a], full: true}}}}
  steps:
    - {{id: u_a, do: switch, target: lb, to: blue{}}}
    - {{id: again, do: restart, target: blue}}
)",
                     path, rules);
}

TEST(Faults, ASwitchToAnUnhealthySideHarmsUnlessItIsStartedAgain) {
  EXPECT_EQ(with_fault(two_sides("u_a", ""), "unhealthy"), kDown);
  const std::string health = ", verify: {http: lb/health, expect: 200}";
  EXPECT_EQ(with_fault(two_sides("u_a", health), "unhealthy"), kHarmed)
      << "the switch alone mends nothing";
  EXPECT_EQ(with_fault(two_sides("again, u_a", health), "unhealthy"), kSafe);
  EXPECT_EQ(with_fault(two_sides("u_a", health + ", on_failure: \"rollback:anew\""), "unhealthy"),
            kSafe);
  const std::string before =
      ", precheck: {http: blue/health, expect: 200}, on_failure: \"rollback:anew\"";
  EXPECT_EQ(with_fault(two_sides("u_a", before), "unhealthy"), kSafe) << "the side is asked before";
}

TEST(Faults, ARetryOfWhatTookEffectTakesEffectTwice) {
  const auto text = [](const char* to) {
    return fmt::format(R"(backout: 1
name: toggle
services:
  api: {{kind: kubernetes, versions: {{v1: {{}}, v2: {{}}}}, start: v1}}
deploy:
  steps: [{{id: set_a, do: set_image, target: api, version: v2}}]
rollback:
  paths: {{back: {{steps: [undo, note], full: true}}}}
  steps:
    - {{id: undo, do: rollout_undo, target: api, retry: 1, timeout: 1m{}}}
    - {{id: note, do: task, text: write it down}}
)",
                       to);
  };
  for (const char* kind : {"fail_applied", "timeout_applied"}) {
    EXPECT_EQ(with_fault(text(""), kind), kNotRestored) << kind;
    EXPECT_EQ(with_fault(text(", to_revision: v1"), kind), kSafe) << kind;
  }
  EXPECT_EQ(with_fault(text(""), "late"), kNotRestored);
  EXPECT_EQ(Loaded(text(", to_revision: v1")).matrix(1, {"late"}).completeness.faults.at("late"),
            0U)
      << "a cluster that was told what shall be does not come back to it after another word";
}

TEST(Faults, TimedKindsAreNoneOfTheMatrix) {
  const Loaded loaded(release("{id: back, do: deploy, target: api, version: v1, timeout: 5m}"));
  for (const auto& [kind, fired] : loaded.matrix(1, {"all"}).completeness.faults) {
    EXPECT_NE(kind, "slow");
    EXPECT_NE(kind, "nobody");
    EXPECT_NE(kind, "no_data");
  }
}

TEST(Faults, TheCatalogueNamesEveryKindOnce) {
  std::vector<std::string> unknown;
  EXPECT_EQ(fault_set({"all"}, unknown).size(), kFaultCount);
  EXPECT_EQ(fault_set({}, unknown).size(), 8U) << "those that a plan can protect from by itself";
  EXPECT_EQ(fault_set({"late", "nonsense"}, unknown), std::vector<Fault>{Fault::late});
  EXPECT_EQ(unknown, std::vector<std::string>{"nonsense"});
  for (std::size_t i = 0; i < kFaultCount; ++i)
    EXPECT_EQ(static_cast<std::size_t>(fault_catalogue()[i].fault), i);
}

/// A path that is UNKNOWN without a fault (by how conf is taken back), and from "after 'set_c'" NOT
/// RESTORED with one.
std::string doubtful(const std::string& objective, const std::string& how) {
  return "backout: 1\nname: doubt\nservices:\n  conf: {kind: config, items: {a: '1'}}\n  other: "
         "{kind: config, items: {c: '1'}}\n"
         "backups: {last-week: {of: conf, age: 7d}}\n" +
         objective +
         "deploy:\n  steps:\n    - {id: set_a, do: set, target: conf, key: a, value: '2'}\n    - "
         "{id: set_c, do: set, target: other, key: c, value: '2'}\n"
         "rollback:\n  paths: {back: {steps: [u_c, u_a], full: true}}\n  steps:\n"
         "    - {id: u_c, do: set, target: other, key: c, value: '1', on_failure: continue, takes: "
         "10m}\n"
         "    - {id: u_a, " +
         how + ", takes: 10m}\n";
}

const char* const kOldCopy = "do: restore, target: conf, from: last-week";

std::vector<std::string> messages(const Loaded& loaded, const Matrix& matrix) {
  std::vector<std::string> all;
  for (const model::Finding& finding : findings_of(loaded.context, matrix))
    all.push_back(finding.rule + ": " + finding.message);
  return all;
}

/// What the last cell comes to without a fault, why, and why it is NOT RESTORED with one.
void expect_last(const Matrix& matrix, Verdict fault_free, const std::string& why) {
  const Cell last = cell(matrix, "after 'set_c'", "back");
  EXPECT_EQ(last.fault_free, fault_free);
  EXPECT_EQ(last.fault_free_reason, why);
  EXPECT_EQ(last.verdict, Verdict::not_restored);
  EXPECT_EQ(last.reason, "every step ran, and the state is not the old one: other.items.c: 1 -> 2");
}

const char* const kNotRestoredWithFault =
    "matrix-not-restored: path 'back' does not give the old state back when the deploy stops after "
    "'set_c' and one more thing goes wrong: "
    "every step ran, and the state is not the old one: other.items.c: 1 -> 2";

TEST(Faults, WhatAFaultLeadsToIsReportedBesideWhatIsNotKnown) {
  const Loaded loaded(doubtful("", kOldCopy));
  const Matrix matrix = loaded.matrix(1, {"fail"});
  expect_last(matrix, Verdict::unknown,
              "'last-week' is 7d old, and whether 'conf' was the same then, the plan does not say");
  EXPECT_THAT(
      messages(loaded, matrix),
      testing::UnorderedElementsAre(
          "matrix-unknown: path 'back' cannot be judged when the deploy stops after 'set_a' (and "
          "from 1 more interruption): "
          "'last-week' is 7d old, and whether 'conf' was the same then, the plan does not say",
          kNotRestoredWithFault));
}

TEST(Faults, WhatAFaultLeadsToIsReportedBesideWhatTakesTooLong) {
  const Loaded loaded(doubtful("objectives: {rto: 5m}\n", kOldCopy));
  const Matrix matrix = loaded.matrix(1, {"fail"});
  const std::string why =
      "it takes 20m, the objective (total) is 5m; besides, 'last-week' is 7d old, and whether "
      "'conf' was the same then, "
      "the plan does not say";
  expect_last(matrix, Verdict::too_slow, why);
  EXPECT_THAT(messages(loaded, matrix),
              testing::UnorderedElementsAre("matrix-too-slow: path 'back' is too slow when the "
                                            "deploy stops after 'set_a' (and from 1 "
                                            "more interruption): " +
                                                why,
                                            kNotRestoredWithFault));
}

TEST(Faults, WhyAnUnknownIsOneIsNotToldAsWhatAFaultLeadsTo) {
  const Loaded loaded(
      doubtful("objectives: {rto: 5m}\n", "do: run, command: ./fix.sh, undoes: [set_a]"));
  const std::string why =
      "it takes 20m, the objective (total) is 5m; besides, what 'u_a' does is not known: what the "
      "command changes is not "
      "declared; type it as actions, or write `effects: none`";
  const std::string too_slow =
      "matrix-too-slow: path 'back' is too slow when the deploy stops after 'set_a' (and from 1 "
      "more interruption): ";
  const Matrix works = loaded.matrix_if_all_works(1, {"fail"});
  EXPECT_EQ(verdicts(works),
            "before the deploy x back: RESTORED\nafter 'set_a' x back: TOO SLOW\n"
            "after 'set_c' x back: TOO SLOW, NOT RESTORED with faults\n");
  EXPECT_EQ(cell(works, "after 'set_c'", "back").reason, why);
  EXPECT_EQ(cell(works, "after 'set_c'", "back").fault_free_reason, "");
  EXPECT_THAT(messages(loaded, works), testing::ElementsAre(too_slow + why));
  const std::string either =
      ": if 'u_a' works: RESTORED; if not: NOT RESTORED (every step ran, and the state is not the "
      "old one: conf.items.a: 1 -> 2)";
  EXPECT_THAT(messages(loaded, loaded.matrix(1, {"fail"})),
              testing::ElementsAre(too_slow + why + either));
}

}  // namespace
}  // namespace backout::simulator
