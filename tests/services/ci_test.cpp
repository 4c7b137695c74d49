// Pipelines that deploy, and what ends by itself before a way back is through.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "services/stage.hpp"

namespace backout::tests {
namespace {

using services::Outcome;
using services::Undo;
using Result = Outcome::Result;

std::string plan(const std::string& services, const std::string& steps) {
  return fmt::format("backout: 1\nname: pipelines\nservices:\n{}deploy:\n  steps:\n{}", services,
                     steps);
}

/// An app that `pipe` deploys; `fields` are those of the pipeline.
std::string pipeline(const std::string& fields) {
  return plan(fmt::format("  pipe: {{kind: ci{}}}\n  api: {{kind: systemd, versions: {{v1: {{}}, "
                          "v2: {{}}}}, start: v2}}\n",
                          fields),
              "    - {id: ask, do: rerun, target: pipe, app: api, version: v1}\n"
              "    - {id: wait, do: rerun, target: pipe, app: api, version: v1, wait: true}\n"
              "    - {id: anew, do: run, target: pipe, app: api, version: v1, wait: true}\n"
              "    - {id: other, do: run, target: pipe, app: api, version: v2, wait: true}\n"
              "    - {id: switch_off, do: stop, target: pipe}\n");
}

TEST(Pipeline, DeploysAndKeepsWhatItBuilt) {
  Stage stage(pipeline(", artefacts: {api: [v2]}"));
  EXPECT_EQ(stage.fact("pipe.artefacts.api.v1"), "gone");
  EXPECT_TRUE(stage.run("anew").ok());
  EXPECT_EQ(stage.fact("api.version"), "v1");
  EXPECT_EQ(stage.fact("pipe.artefacts.api.v1"), "kept");
  EXPECT_TRUE(stage.run("other").ok());
  EXPECT_TRUE(stage.run("wait").ok()) << "what it built is kept now";
}

TEST(Pipeline, OfAnExpiredBuildOnlyOneWhoWaitsHears) {
  Stage stage(pipeline(", artefacts: {api: [v2]}"));
  const Outcome unheard = stage.run("ask");
  EXPECT_EQ(unheard.result, Result::noop);
  EXPECT_TRUE(unheard.reported_ok);
  const Outcome heard = stage.run("wait");
  EXPECT_EQ(heard.result, Result::refused);
  EXPECT_EQ(heard.message, "Artifact has expired: the build of 'v1' is gone");
  EXPECT_EQ(stage.fact("api.version"), "v2");
  EXPECT_EQ(stage.traits("ask").hides_failure,
            "it ends when the run is asked for, not when the run is done (`wait: true` waits and "
            "fails with it)");
  EXPECT_EQ(stage.traits("wait").hides_failure, "");
}

TEST(Pipeline, ThatBuildsAnewNeedsNoBuildAndGivesAnotherOne) {
  Stage stage(pipeline(", artefacts: {api: [v2]}, rebuilds: true"));
  EXPECT_FALSE(stage.harm("wait", services::Harm::gone));
  EXPECT_EQ(stage.traits("wait").unpinned_target,
            "'v1' is built anew, with the dependencies, base images and variables of today");
  const Outcome outcome = stage.run("wait");
  EXPECT_EQ(outcome.result, Result::opaque);
  EXPECT_EQ(outcome.message,
            "'v1' is built anew with the dependencies of today: whether that is what served, "
            "nobody knows");
  EXPECT_EQ(stage.fact("api.version"), "v1");
}

TEST(Pipeline, LosesABuildThatNobodySaysIsKept) {
  Stage stage(pipeline(", retention: 30d"));
  EXPECT_EQ(stage.traits("wait").needs_artefact, "what 'pipe' built for 'v1' (kept for 30d)");
  EXPECT_TRUE(stage.harm("wait", services::Harm::gone));
  EXPECT_EQ(stage.run("wait").result, Result::refused);
}

TEST(Pipeline, OfWhichThePlanDoesNotSayWhatItKeepsIsUnknown) {
  Stage stage(pipeline(""));
  EXPECT_EQ(stage.run("wait").message,
            "whether 'pipe' still keeps what it built for 'v1', or builds it anew, the plan does "
            "not say (`artefacts`, `retention` or `rebuilds` of 'pipe')");
  EXPECT_TRUE(stage.run("anew").ok());
  EXPECT_TRUE(stage.run("other").ok());
  EXPECT_TRUE(stage.run("wait").ok()) << "a run of the deploy built it";
}

TEST(Pipeline, ThatIsOffRunsNothing) {
  Stage stage(pipeline(""));
  EXPECT_TRUE(stage.run("switch_off").ok());
  const Outcome outcome = stage.run("anew");
  EXPECT_EQ(outcome.result, Result::refused);
  EXPECT_EQ(outcome.message, "the workflow is disabled");
}

TEST(Pipeline, DeploysAppsOnly) {
  for (const char* named : {"db", "pipe"}) {
    Stage stage(
        plan("  pipe: {kind: ci}\n  db: {kind: postgres}\n",
             fmt::format(
                 "    - {{id: wrong, do: run, target: pipe, app: {}, version: v1, wait: true}}\n",
                 named)));
    const Outcome outcome = stage.run("wrong");
    EXPECT_EQ(outcome.result, Result::refused);
    EXPECT_EQ(outcome.message, fmt::format("no job deploys '{}'", named));
    EXPECT_EQ(stage.undo("wrong").kind, Undo::Class::unknown);
  }
}

TEST(Pipeline, WaitsForReviewers) {
  EXPECT_EQ(Stage(pipeline("")).traits("anew").waits_for, "");
  EXPECT_EQ(Stage(pipeline(", approval: required")).traits("anew").waits_for,
            "waits until somebody approves the run of 'pipe'");
  EXPECT_EQ(Stage(pipeline(", approval: unknown")).traits("anew").waits_for,
            "may wait for an approval: of 'pipe' the plan does not say");
}

TEST(Pipeline, IsTakenBackByTheRunOfWhatServed) {
  Stage stage(pipeline(", artefacts: {api: [v2]}"));
  const Undo undo = stage.undo("anew");
  EXPECT_EQ(undo.kind, Undo::Class::conditional);
  EXPECT_EQ(undo.why, "what was built for 'v2' is still kept");
  ASSERT_EQ(undo.actions.size(), 1u);
  EXPECT_TRUE(stage.run("anew").ok());
  EXPECT_TRUE(stage.run(undo.actions[0]).ok());
  EXPECT_EQ(stage.fact("api.version"), "v2");
}

TEST(Pipeline, NamesAppsAndVersionsThatThereAre) {
  const model::Plan wrong = load(pipeline(", artefacts: {apo: [v1], api: [v9]}"));
  std::vector<model::Mistake> mistakes;
  services::initial_world(services::Context(wrong), mistakes);
  std::vector<std::string> messages;
  for (const model::Mistake& mistake : mistakes) messages.push_back(mistake.message);
  EXPECT_THAT(messages, testing::UnorderedElementsAre("'apo' is no service of the plan",
                                                      "'v9' is no version of 'api'"));
}

/// How a rotation with `keep_old` comes out, and what it says of its end.
std::pair<Outcome, services::Traits> rotation(const std::string& keep_old) {
  Stage stage(
      plan("  key: {kind: secret, current: p1}\n",
           fmt::format("    - {{id: rotate, do: rotate, target: key, to: p2, keep_old: {}}}\n",
                       keep_old)));
  return {stage.run("rotate"), stage.traits("rotate")};
}

TEST(Secret, SaysForHowLongTheOldVersionIsKept) {
  EXPECT_TRUE(rotation("true").first.ok());
  EXPECT_EQ(rotation("true").second.expires, "");
  EXPECT_EQ(rotation("1h").second.expires, "the version before stays valid for 1h");
  EXPECT_EQ(rotation("30m-1h").second.expires_low_ms, 1'800'000);
  EXPECT_EQ(rotation("30m-1h").second.expires_high_ms, 3'600'000);
  EXPECT_EQ(rotation("false").second.expires, "");
  for (const char* vague : {"unknown", "a while"}) {
    EXPECT_EQ(rotation(vague).first.result, Result::opaque) << vague;
    EXPECT_EQ(rotation(vague).first.message,
              "whether 'p1' stays valid after the rotation, the plan does not say (`keep_old`)")
        << vague;
  }
}

TEST(Secret, IsHadBackForItsWindow) {
  Stage stage(plan("  key: {kind: secret, current: p1}\n",
                   "    - {id: drop, do: delete, target: key, window: 7d}\n"
                   "    - {id: burn, do: delete, target: key, force: true, window: 7d}\n"));
  EXPECT_EQ(stage.traits("drop").expires, "it can be had back for 7d");
  EXPECT_EQ(stage.traits("burn").expires, "");
}

TEST(Git, TheBranchBuildsWhatAGitOpsApplicationRuns) {
  const auto head = [](const std::string& of_web) {
    return Stage(
               "backout: 1\nservices:\n"
               "  repo: {kind: git}\n"
               "  argo: {kind: argocd, repo: repo, apps: [api, web], auto_sync: true}\n"
               "  api: {kind: app, versions: {a: {}, b: {}}, start: a}\n"
               "  web: {kind: app, versions: {a: {}, b: {}}, start: " +
               of_web + "}\ndeploy: {steps: []}\n")
        .fact("repo.head");
  };
  EXPECT_EQ(head("a"), "a");
  EXPECT_EQ(head("b"), "unknown") << "it cannot be both";
}

}  // namespace
}  // namespace backout::tests
