// The new version answers errors: docs/semantics.md, "The new version is sick". And who goes on
// after that.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "explored.hpp"

namespace backout::simulator {
namespace {

using testing::HasSubstr;

/// An app with a way back whose steps are `rollback`; `paths` may say which there are.
std::string app_plan(const std::string& rollback, const std::string& paths = "") {
  return R"(backout: 1
name: sick
services:
  conf: {kind: config, items: {mode: a}}
  gate: {kind: deployer}
  authz: {kind: app, versions: {z1: {}, z2: {}}, start: z1}
  api: {kind: app, uses: [conf], versions: {v1: {}, v2: {}}, start: v1}
deploy:
  steps:
    - {id: rules, do: deploy, target: authz, version: z2, takes: 1m}
    - {id: code, do: deploy, target: api, version: v2, takes: 5m}
rollback:
)" + paths +
         "  steps:\n" + rollback;
}

const char* const kBack =
    "    - {id: rules_back, do: deploy, target: authz, version: z1, takes: 1m, undoes: [rules]}\n";

TEST(Sick, AStepThatNeedsTheSickVersionsAnswerDoesNotGetThrough) {
  const Loaded loaded(app_plan(
      std::string(
          "    - {id: ask, do: probe, target: api, path: admin/drain, expect: 200, takes: 1m}\n"
          "    - {id: back, do: deploy, target: api, version: v1, takes: 5m, undoes: [code]}\n") +
      kBack));
  const Cell sick = cell(loaded.matrix(), "after 'code'", "full");
  EXPECT_EQ(sick.fault_free, Verdict::stuck);
  EXPECT_EQ(sick.reason,
            "'ask' does not get through: 'api' answers errors: its new version v2 is sick");
  EXPECT_EQ(sick.culprit, loaded.plan.find_step("ask"));
  ASSERT_GE(sick.counterexample.size(), 3U);
  EXPECT_EQ(sick.counterexample[2].step, "api@v2");
  EXPECT_EQ(sick.counterexample[2].text, "the new version answers errors");
  EXPECT_EQ(cell(loaded.matrix(), "after 'rules'", "full").fault_free, Verdict::restored);
}

TEST(Sick, WhatGoesThroughTheSickVersionDoesNotGetThrough) {
  const Loaded loaded(app_plan(std::string("    - {id: back, do: deploy, target: api, version: v1, "
                                           "via: [authz], takes: 5m, undoes: [code]}\n") +
                               kBack));
  EXPECT_THAT(cell(loaded.matrix(), "after 'code'", "full").reason,
              HasSubstr("'authz' answers errors: its new version z2 is sick"));
}

TEST(Sick, ARestartOfTheSickVersionHealsNothing) {
  const Loaded loaded(app_plan(
      std::string(
          "    - {id: again, do: restart, target: api, takes: 1m, verify: {version: v2}, undoes: "
          "[code]}\n"
          "    - {id: back, do: deploy, target: api, version: v1, takes: 5m, undoes: [code]}\n") +
      kBack));
  EXPECT_EQ(cell(loaded.matrix(), "after 'code'", "full").fault_free, Verdict::stuck);
}

TEST(Sick, ChecksBehindTheVersionBeforePass) {
  const Loaded loaded(app_plan(
      std::string(
          "    - {id: back, do: deploy, target: api, version: v1, takes: 5m, undoes: [code],\n"
          "       verify: {http: api/orders, expect: 200, version: v1}}\n") +
      kBack));
  EXPECT_EQ(cell(loaded.matrix(1), "after 'code'", "full").verdict, Verdict::restored);
}

TEST(Sick, APathThatIsForAnotherAppIsNotHeldResponsible) {
  const Loaded loaded(
      app_plan(std::string("    - {id: look, do: probe, target: api, path: health, expect: 200, "
                           "takes: 1m, needs: []}\n"
                           "    - {id: back, do: deploy, target: api, version: v1, takes: 5m, "
                           "undoes: [code], needs: []}\n") +
                   kBack,
               "  paths:\n    authz_only: [look, rules_back]\n    api_only: [look, back]\n"));
  const Matrix matrix = loaded.matrix();
  EXPECT_EQ(cell(matrix, "after 'code'", "api_only").fault_free, Verdict::stuck);
  EXPECT_EQ(cell(matrix, "after 'code'", "authz_only").fault_free, Verdict::works);
}

TEST(Sick, ARestartInTheDeployMayLeaveTheOldVersionDown) {
  const Loaded loaded(R"(backout: 1
name: restart
services:
  conf: {kind: config, items: {mode: a}, read_by: [api], needs_restart: true}
  api: {kind: app, uses: [conf], versions: {v1: {}}, start: v1}
deploy:
  steps:
    - {id: set, do: set, target: conf, key: mode, value: b, takes: 1m}
    - {id: load, do: restart, target: api, takes: 1m}
rollback:
  paths:
    forgets: {steps: [set_back], full: true}
    restarts: {steps: [set_back, load_back], full: true}
  steps:
    - {id: set_back, do: set, target: conf, key: mode, value: a, takes: 1m}
    - {id: load_back, do: restart, target: api, takes: 1m}
)");
  const Matrix matrix = loaded.matrix(1);
  EXPECT_GT(matrix.completeness.faults.at("unhealthy"), 0U);
  EXPECT_EQ(cell(matrix, "after 'load'", "restarts").verdict, Verdict::restored);
  const Cell forgets = cell(matrix, "after 'load'", "forgets");
  EXPECT_NE(forgets.verdict, Verdict::restored);
}

/// A queue is drained before the way back, and what the new version writes is in `format`.
std::string drained_first(const std::string& format) {
  return fmt::format(R"(backout: 1
services:
  q: {{kind: queue, holds: [a]}}
  web:
    kind: app
    start: v1
    versions:
      v1: {{writes: {{q: a}}, takes: {{q: [a]}}}}
      v2: {{writes: {{q: {}}}, takes: {{q: [a, b]}}}}
deploy:
  steps:
    - {{id: go, do: deploy, target: web, version: v2, undo: back}}
rollback:
  steps:
    - {{id: dr, do: drain, target: q}}
    - {{id: back, do: deploy, target: web, version: v1}}
)",
                     format);
}

TEST(Sick, TheReasonSaysThatItIsWhereItDoesNotFollow) {
  const Loaded loaded(drained_first("a"));
  const Cell stuck = cell(loaded.matrix(), "after 'go'", "full");
  EXPECT_EQ(stuck.fault_free, Verdict::stuck);
  EXPECT_EQ(stuck.reason,
            "'dr' does not get through: 'q' does not get empty: nobody who works now takes a, "
            "while 'web' answers errors: its new version v2 is sick");
  EXPECT_EQ(stuck.working_order,
            (std::vector{loaded.plan.find_step("back"), loaded.plan.find_step("dr")}));
}

TEST(Sick, AnOrderThatHelpsThenAloneIsNotProposed) {
  // With the version before nobody takes what the new one, when it is well, has written.
  const Loaded loaded(drained_first("b"));
  const Cell stuck = cell(loaded.matrix(), "after 'go'", "full");
  EXPECT_EQ(stuck.fault_free, Verdict::stuck);
  EXPECT_EQ(stuck.working_order, std::vector<model::StepIndex>{});
}

TEST(Fair, WhoGoesOnRunsAnAlwaysStepAgainThatIsUndone) {
  const Loaded loaded(R"(backout: 1
name: always
services:
  hook: {kind: webhook, event: e, to: app, fields: [a]}
  app: {kind: app, versions: {a: {}, b: {}}, start: a}
deploy:
  steps:
    - {id: code, do: deploy, target: app, version: b, takes: 1m}
rollback:
  steps:
    - {id: hold, do: pause, target: hook, takes: 1m}
    - {id: code_back, do: deploy, target: app, version: a, takes: 1m}
    - {id: go_on, do: resume, target: hook, takes: 1m, always: true}
)");
  EXPECT_EQ(cell(loaded.matrix(1), "after 'code'", "full").verdict, Verdict::restored);
}

}  // namespace
}  // namespace backout::simulator
