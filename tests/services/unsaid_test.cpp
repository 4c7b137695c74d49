// What a plan leaves `unknown` of hooks, memories, stacks and jobs is never taken for a value.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/stage.hpp"

namespace backout::tests {
namespace {

using services::Outcome;

/// What becomes of the only step of a plan with these services.
Outcome outcome_of(const std::string& services, const std::string& step) {
  Stage stage("backout: 1\nservices:\n" + services + "deploy:\n  steps:\n    - {id: it, " + step +
              "}\n");
  return stage.run("it");
}

TEST(Unsaid, AHookOfWhichThePlanSaysNothingIsOpaque) {
  const auto deploy = [](const std::string& hook) {
    return outcome_of(
        "  db: {kind: mysql, schema: {revision: r1}}\n"
        "  api: {kind: app, versions: {a: {}, b: {hook: " +
            hook + "}}, start: a}\n",
        "do: deploy, target: api, version: b");
  };
  EXPECT_EQ(deploy("{needs: {db.schema.revision: r1}}").result, Outcome::Result::done);
  EXPECT_EQ(deploy("{needs: {db.schema.revision: r0}}").result, Outcome::Result::refused);
  EXPECT_EQ(deploy("{needs: unknown}").result, Outcome::Result::opaque);
  EXPECT_EQ(deploy("{sets: {db.schema.revision: unknown}}").result, Outcome::Result::opaque);
}

TEST(Unsaid, WhetherASettingIsStillMadeIsNotGuessed) {
  const auto update = [](const std::string& retired) {
    return outcome_of(
        "  stack: {kind: cloudformation, resources: {fn: a}, retired: " + retired + "}\n",
        "do: update, target: stack, set: {fn: b}");
  };
  EXPECT_EQ(update("{fn: a}").result, Outcome::Result::done);
  EXPECT_EQ(update("{fn: b}").result, Outcome::Result::refused);
  EXPECT_EQ(update("unknown").result, Outcome::Result::opaque);
}

TEST(Unsaid, WhetherJobsGoOnIsNotGuessed) {
  const auto deploy = [](const std::string& apart) {
    return outcome_of(
        "  jobs: {kind: workers, runs_apart: " + apart + ", versions: {a: {}, b: {}}, start: a}\n",
        "do: deploy, target: jobs, version: b");
  };
  EXPECT_EQ(deploy("true").result, Outcome::Result::done);
  EXPECT_EQ(deploy("unknown").result, Outcome::Result::opaque);
}

TEST(Unsaid, AnApplyThatMayLeaveItsResourceAloneIsOpaque) {
  const auto apply = [](const std::string& ignored) {
    return outcome_of(
        "  infra: {kind: terraform, resources: {lb: a}, ignore_changes: " + ignored + "}\n",
        "do: apply, target: infra, set: {lb: b}");
  };
  EXPECT_EQ(apply("[other]").result, Outcome::Result::done);
  EXPECT_EQ(apply("[lb]").result, Outcome::Result::noop);
  EXPECT_EQ(apply("unknown").result, Outcome::Result::opaque);
}

}  // namespace
}  // namespace backout::tests
