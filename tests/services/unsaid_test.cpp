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

/// What is wrong with the services of a plan before anything is done.
std::vector<std::string> mistakes_of(const std::string& services) {
  const model::Plan plan = load("backout: 1\nservices:\n" + services +
                                "deploy:\n  steps:\n    - {id: it, do: task, text: nothing}\n");
  std::vector<model::Mistake> all;
  services::initial_world(services::Context(plan), all);
  std::vector<std::string> messages;
  for (const model::Mistake& each : all) messages.push_back(each.message);
  return messages;
}

TEST(Replica, IsOfWhatHoldsDataAndNotOfItself) {
  using testing::ElementsAre;
  EXPECT_THAT(mistakes_of("  a: {kind: replica, of: a}\n"),
              ElementsAre("'a' leads back to itself"));
  EXPECT_THAT(mistakes_of("  a: {kind: replica, of: b}\n  b: {kind: replica, of: a}\n"),
              ElementsAre("'b' leads back to itself", "'a' leads back to itself"));
  EXPECT_THAT(mistakes_of("  w: {kind: app, versions: {v: {}}, start: v}\n"
                          "  a: {kind: replica, of: w}\n"),
              ElementsAre("'w' (app) holds no data"));
  EXPECT_THAT(mistakes_of("  db: {kind: mysql}\n  a: {kind: replica, of: db}\n"
                          "  b: {kind: replica, of: a}\n  c: {kind: replica, of: unknown}\n"),
              testing::IsEmpty());
}

TEST(Unsaid, TablesThatAreNotKnownAreNoTables) {
  EXPECT_THAT(mistakes_of("  db: {kind: postgres, tables: unknown}\n"),
              testing::ElementsAre("the tables of 'db' before the deploy are not known"));
  EXPECT_THAT(mistakes_of("  db: {kind: postgres, tables: {t: {columns: {id: bigint}}}}\n"),
              testing::IsEmpty());
}

TEST(Unsaid, WhichCommitIsTheHeadIsNotGuessed) {
  const auto commit = [](const std::string& head) {
    return outcome_of("  code: {kind: git, head: " + head +
                          "}\n  api: {kind: app, versions: {a: {}, b: {}}, start: a}\n",
                      "do: commit, target: code, version: b");
  };
  EXPECT_EQ(commit("a").result, Outcome::Result::done);
  EXPECT_EQ(commit("unknown").result, Outcome::Result::opaque);
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
  const auto deploy = [](const std::string& apart, const std::string& more = "") {
    return outcome_of(
        "  jobs: {kind: workers, runs_apart: " + apart + ", versions: {a: {}, b: {}}, start: a}\n",
        "do: deploy, target: jobs, version: b" + more);
  };
  EXPECT_EQ(deploy("true").result, Outcome::Result::done);
  EXPECT_EQ(deploy("unknown").result, Outcome::Result::opaque);
  EXPECT_EQ(deploy("unknown", ", drain: true").result, Outcome::Result::done);
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

TEST(Unsaid, AFieldWhoseValuesMakeADifferenceIsNotGuessed) {
  const auto promote = [](const std::string& kept) {
    Stage stage(
        "backout: 1\nservices:\n  db: {kind: mysql, schema: {t: a}}\n"
        "  standby: {kind: replica, of: db, lag: 0s}\n"
        "  reader: {kind: replica, of: db, mode: logical, slot_kept: " +
        kept + "}\ndeploy:\n  steps:\n    - {id: it, do: promote, target: standby}\n");
    return stage.run("it");
  };
  EXPECT_EQ(promote("true").result, Outcome::Result::done);
  EXPECT_EQ(promote("unknown").result, Outcome::Result::opaque);
  EXPECT_THAT(promote("unknown").message, testing::HasSubstr("`slot_kept` of 'reader'"));
}

TEST(Unsaid, TheOrderOfWavesIsNotGuessed) {
  const auto sync = [](const std::string& waves) {
    Stage stage(
        "backout: 1\nservices:\n  repo: {kind: git, head: a}\n"
        "  api: {kind: kubernetes, versions: {a: {}, b: {requires: {config: [k]}}}, start: a, "
        "uses: "
        "[cfg]}\n"
        "  web: {kind: kubernetes, versions: {a: {}, b: {}}, start: a}\n"
        "  cfg: {kind: config, items: {}}\n"
        "  argo: {kind: gitops, repo: repo, apps: [api, web], auto_sync: false, waves: " +
        waves + "}\ndeploy:\n  steps:\n    - {id: it, do: sync, target: argo, revision: b}\n");
    return stage.run("it");
  };
  EXPECT_EQ(sync("[api, web]").result, Outcome::Result::noop);
  EXPECT_EQ(sync("unknown").result, Outcome::Result::opaque);
}

TEST(Unsaid, WhichResourcesProtectThemselvesIsNotGuessed) {
  const auto apply = [](const std::string& field) {
    return outcome_of("  infra: {kind: terraform, resources: {lb: a}, " + field + "}\n",
                      "do: apply, target: infra, destroy: [lb]");
  };
  EXPECT_EQ(apply("drift: {}").result, Outcome::Result::done);
  EXPECT_EQ(apply("prevent_destroy: [lb]").result, Outcome::Result::refused);
  EXPECT_EQ(apply("prevent_destroy: unknown").result, Outcome::Result::opaque);
}

TEST(Unsaid, WhereAFieldStandsForTheStartNothingThatTouchesItIsGuessed) {
  const auto rollback = [](const std::string& automated) {
    return outcome_of(
        "  repo: {kind: git, head: b}\n"
        "  web: {kind: kubernetes, versions: {a: {}, b: {}}, start: b}\n"
        "  argo: {kind: gitops, repo: repo, apps: [web], auto_sync: " +
            automated + "}\n",
        "do: rollback, target: argo, to: a");
  };
  EXPECT_EQ(rollback("true").result, Outcome::Result::refused);
  EXPECT_EQ(rollback("false").result, Outcome::Result::done);
  EXPECT_EQ(rollback("unknown").result, Outcome::Result::opaque);
}

TEST(Unsaid, WhichItemIsRemovedIsNotGuessed) {
  const Outcome outcome = outcome_of("  cfg: {kind: config, items: {a: \"1\", b: \"2\"}}\n",
                                     "do: unset, target: cfg, key: unknown");
  EXPECT_EQ(outcome.result, Outcome::Result::opaque);
}

TEST(Unsaid, AStatefulSetIsNotReplacedByAToolThatRollsItBack) {
  const auto rollback = [](const std::string& ordered) {
    Stage stage(
        "backout: 1\nservices:\n  repo: {kind: git, head: b}\n"
        "  db: {kind: kubernetes, ordered: " +
        ordered +
        ", versions: {a: {}, b: {}}, start: b}\n"
        "  argo: {kind: gitops, repo: repo, apps: [db], auto_sync: false}\n"
        "deploy:\n  steps:\n    - {id: it, do: rollback, target: argo, to: a}\n");
    const model::ServiceIndex db = stage.plan().find_service("db");
    stage.world = services::with_changes(
        stage.world, {{db, stage.world.record(db).with("unhealthy", "true").share()}});
    const Outcome outcome = stage.run("it");
    return outcome.result == Outcome::Result::opaque ? "opaque" : stage.fact("db.version");
  };
  EXPECT_EQ(rollback("false"), "a");
  EXPECT_EQ(rollback("true"), "b");
  EXPECT_EQ(rollback("unknown"), "opaque");
}

}  // namespace
}  // namespace backout::tests
