// Every fault kind fires, and changes a verdict: what each one needs to do harm, and what protects from it.
#include <fmt/format.h>
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
constexpr Pair kSafe{Verdict::restored, Verdict::restored};

TEST(Faults, FailHarmsARunnerThatCarriesOn) {
  const auto steps = [](const char* reaction) {
    return fmt::format("    - {{id: u_c, do: unset, target: conf, key: c, on_failure: {}}}\n"
                       "    - {{id: u_a, do: set, target: conf, key: a, value: \"1\"}}\n", reaction);
  };
  EXPECT_EQ(with_fault(plan("", "u_c, u_a", steps("continue")), "fail"), kHarmed);
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
    return fmt::format("    - {{id: rest, do: restore, target: conf, from: saved, on_failure: {}}}\n", reaction);
  };
  EXPECT_EQ(with_fault(plan("", "rest", steps("continue")), "half"), kHarmed);
  EXPECT_EQ(with_fault(plan("", "rest", steps("abort")), "half"), kSafe);
}

TEST(Faults, TimeoutNoneHarmsARunnerThatCarriesOn) {
  const std::string steps =
      "    - {id: u_c, do: unset, target: conf, key: c, timeout: 1m, on_failure: continue}\n"
      "    - {id: u_a, do: set, target: conf, key: a, value: \"1\"}\n";
  EXPECT_EQ(with_fault(plan("", "u_c, u_a", steps), "timeout_none"), kHarmed);
}

TEST(Faults, WithoutATimeoutNothingTimesOut) {
  const Loaded loaded(plan("", "u_c", "    - {id: u_c, do: unset, target: conf, key: c}\n"));
  const Matrix matrix = loaded.matrix(1, {"timeout_none", "timeout_applied", "late"});
  for (const auto& [kind, fired] : matrix.completeness.faults) EXPECT_EQ(fired, 0U) << kind;
}

/// A restore of the latest copy that backs up first: a second run brings the bad state back (X16).
std::string toggle(const std::string& more) {
  return "    - {id: rest, do: restore, target: conf, from: latest, backup_first: true" + more + "}\n";
}

TEST(Faults, TimeoutAppliedHarmsARetryOfWhatIsNotRepeatable) {
  const std::string repeatable = "    - {id: rest, do: restore, target: conf, from: saved, timeout: 1m, retry: 1}\n";
  EXPECT_EQ(with_fault(plan("", "rest", repeatable), "timeout_applied"), kSafe);
  EXPECT_EQ(with_fault(plan("", "rest", toggle(", timeout: 1m, retry: 1")), "timeout_applied"), kHarmed);
  EXPECT_EQ(with_fault(plan("", "rest", toggle(", timeout: 1m")), "timeout_applied"), kSafe) << "a person looks first";
}

TEST(Faults, FailAppliedHarmsARetryOfWhatIsNotRepeatable) {
  const std::string repeatable = "    - {id: rest, do: restore, target: conf, from: saved, retry: 1}\n";
  EXPECT_EQ(with_fault(plan("", "rest", repeatable), "fail_applied"), kSafe);
  EXPECT_EQ(with_fault(plan("", "rest", toggle(", retry: 1")), "fail_applied"), kHarmed);
}

TEST(Faults, LateHarmsWhenTheUndoRanBefore) {
  const std::string steps = "    - {id: u_c, do: unset, target: conf, key: c}\n"
                            "    - {id: u_a, do: set, target: conf, key: a, value: \"1\"}\n";
  const Loaded loaded(plan(", timeout: 1m", "u_c, u_a", steps));
  const Matrix matrix = loaded.matrix(1, {"late"});
  EXPECT_GT(matrix.completeness.faults.at("late"), 0U);
  const Cell before = cell(matrix, "after 'copy'", "back");
  EXPECT_EQ(before.fault_free, Verdict::restored);
  EXPECT_EQ(before.verdict, Verdict::stuck);
  EXPECT_NE(before.reason.find("conf.items.c: absent -> 3"), std::string::npos) << before.reason;
  // A last step that takes the effect back again protects from it.
  const Loaded safe(plan(", timeout: 1m", "u_a, u_c", steps));
  EXPECT_EQ(cell(safe.matrix(1, {"late"}), "after 'copy'", "back").verdict, Verdict::restored);
}

TEST(Faults, LyingOkHarmsWithoutAVerify) {
  const auto steps = [](const char* verify) {
    return fmt::format("    - {{id: u_c, do: unset, target: conf, key: c}}\n"
                       "    - {{id: again, do: unset, target: conf, key: c}}\n"
                       "    - {{id: u_a, do: set, target: conf, key: a, value: \"1\"{}}}\n", verify);
  };
  EXPECT_EQ(with_fault(plan("", "u_c, again, u_a", steps("")), "lying_ok"), kHarmed);
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
  EXPECT_EQ(with_fault(plan("", "rest", toggle("")), "second_run"), kHarmed);
  EXPECT_EQ(with_fault(plan("", "rest, note", toggle("") + other), "killed"), kHarmed);
}

TEST(Faults, DownHarmsARunnerThatCarriesOnHoweverOftenItTries) {
  const auto steps = [](const char* reaction) {
    return fmt::format("    - {{id: u_c, do: unset, target: conf, key: c, retry: 3, on_failure: {}}}\n"
                       "    - {{id: u_a, do: set, target: conf, key: a, value: \"1\"}}\n", reaction);
  };
  EXPECT_EQ(with_fault(plan("", "u_c, u_a", steps("continue")), "down"), kHarmed);
  EXPECT_EQ(with_fault(plan("", "u_c, u_a", steps("abort")), "down"), kSafe);
}

TEST(Faults, ALyingCheckHarmsWhatOnlyACheckProtects) {
  const auto steps = [](const char* again) {
    return fmt::format("    - {{id: u_c, do: unset, target: conf, key: c}}\n"
                       "    - {{id: u_a, do: set, target: conf, key: a, value: \"1\", "
                       "verify: {{service: conf, fact: items.a, is: \"1\"}}}}\n{}", again);
  };
  EXPECT_EQ(with_fault(plan("", "u_c, u_a", steps("")), "lying_check"), kHarmed);
  const char* again = "    - {id: twice, do: set, target: conf, key: a, value: \"1\"}\n";
  EXPECT_EQ(with_fault(plan("", "u_c, u_a, twice", steps(again)), "lying_check"), kSafe);
}

TEST(Faults, AGoneCopyHarmsAPathWithoutAnotherWay) {
  const std::string only = "    - {id: rest, do: restore, target: conf, from: saved}\n";
  EXPECT_EQ(with_fault(plan("", "rest", only), "gone"), kHarmed);
  const std::string other = "    - {id: rest, do: restore, target: conf, from: saved, on_failure: continue}\n"
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
  EXPECT_EQ(with_fault(release("{id: back, do: deploy, target: api, version: v1}"), "gone"), kHarmed);
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
std::string swapped() {
  return R"(backout: 1
name: swap
services:
  db: {kind: postgres, database: main, tables: {t: {columns: {id: int}}}}
deploy:
  steps:
    - {id: other, do: create_database, target: db, name: spare}
    - {id: set_a, do: swap, target: db, with: spare, keep_as: aside}
rollback:
  paths: {back: {steps: [swap], full: true}}
  steps:
    - {id: swap, do: swap, target: db, with: aside, keep_as: spare, retry: 1, on_failure: continue}
)";
}

TEST(Faults, ConnectedHarmsWhatNeedsTheDatabaseForItself) {
  EXPECT_EQ(with_fault(swapped(), "connected"), kHarmed);
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
  for (std::size_t i = 0; i < kFaultCount; ++i) EXPECT_EQ(static_cast<std::size_t>(fault_catalogue()[i].fault), i);
}

}  // namespace
}  // namespace backout::simulator
