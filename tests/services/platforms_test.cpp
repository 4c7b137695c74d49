// Platforms with ways back of their own: Helm, rollouts, ECS, functions, GitOps, Heroku, pm2,
// Compose.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "services/room.hpp"
#include "services/stage.hpp"

namespace backout::tests {
namespace {

using services::Outcome;
using testing::ElementsAre;

std::string plan(const std::string& services, const std::string& steps) {
  return fmt::format("backout: 1\nname: platforms\nservices:\n{}deploy:\n  steps:\n{}", services,
                     steps);
}

TEST(Helm, KeepsOnlySoManyRevisions) {
  Stage stage(
      plan("  api: {kind: helm, history_max: 2, versions: {a: {}, b: {}, c: {}}, start: b, "
           "history: [a, b]}\n",
           "    - {id: up, do: upgrade, target: api, version: c}\n    - {id: back, do: rollback, "
           "target: api, revision: a}\n"));
  Stage early = stage;
  EXPECT_TRUE(early.run("back").ok());
  EXPECT_TRUE(stage.run("up").ok());
  const Outcome outcome = stage.run("back");
  EXPECT_EQ(outcome.result, Outcome::Result::refused);
  EXPECT_EQ(outcome.message, "release: not found");
}

TEST(Helm, SeesOnlyWithWaitThatNothingBecomesReady) {
  const std::string services =
      "  conf: {kind: config, items: {port: \"1\"}}\n"
      "  api: {kind: helm, versions: {a: {}, b: {operations: {port: {require: items.port, is: "
      "\"2\", on: conf}}}}, start: a}\n";
  Stage stage(plan(services,
                   "    - {id: blind, do: upgrade, target: api, version: b}\n"
                   "    - {id: waits, do: upgrade, target: api, version: b, wait: true}\n"));
  EXPECT_EQ(stage.traits("blind").hides_failure,
            "without --wait it reports success before anything is ready");
  EXPECT_EQ(stage.traits("waits").hides_failure, "");
  EXPECT_EQ(stage.run("waits").message,
            "timed out waiting for the condition: it needs conf.items.port to be 2, and it is 1");
  EXPECT_TRUE(stage.run("blind").ok());
}

TEST(Helm, ReadyIsWhatAVersionIsBehindWhatItRewrites) {
  const std::string services =
      "  state: {kind: config, items: {shape: s1}}\n"
      "  api: {kind: helm, uses: [state], versions: {a: {}, b: {rewrites: {state.items.shape: s2}, "
      "operations: {r: {require: items.shape, is: s2, on: state}}}}, start: a}\n";
  Stage stage(plan(services, "    - {id: up, do: upgrade, target: api, version: b, wait: true}\n"));
  EXPECT_TRUE(stage.run("up").ok());
  EXPECT_EQ(stage.fact("state.items.shape"), "s2");
}

TEST(Helm, ARollbackLeavesWhatNoReleaseSaysAndPutsTheRestBack) {
  const std::string services =
      "  cfg: {kind: config, items: {k: one}, location: chart}\n"
      "  api: {kind: helm, uses: [cfg], versions: {a: {}, b: {}}, start: a}\n";
  Stage stage(plan(services,
                   "    - {id: chart, do: set, target: cfg, key: fresh, value: x}\n"
                   "    - {id: up, do: upgrade, target: api, version: b, wait: true}\n"
                   "    - {id: edit, do: set, target: cfg, key: k, value: two}\n"
                   "    - {id: add, do: set, target: cfg, key: by_hand, value: y}\n"
                   "    - {id: back, do: rollback, target: api, revision: a, wait: true}\n"));
  for (const char* step : {"chart", "up", "edit", "add", "back"}) EXPECT_TRUE(stage.run(step).ok());
  EXPECT_EQ(stage.fact("cfg.items.k"), "one");
  EXPECT_EQ(stage.fact("cfg.items.fresh"), "absent");
  EXPECT_EQ(stage.fact("cfg.items.by_hand"), "y");
}

TEST(Helm, AnUninstalledReleaseCannotBeRolledBackUnlessItsHistoryIsKept) {
  const std::string services = "  api: {kind: helm, versions: {a: {}}, start: a}\n";
  Stage gone(plan(services,
                  "    - {id: out, do: uninstall, target: api}\n    - {id: back, do: rollback, "
                  "target: api, revision: a}\n"
                  "    - {id: up, do: upgrade, target: api, version: a}\n"));
  EXPECT_TRUE(gone.run("out").ok());
  EXPECT_EQ(gone.run("back").message, "release: not found");
  EXPECT_EQ(gone.run("up").message, "\"api\" has no deployed releases");
  Stage kept(plan(services,
                  "    - {id: out, do: uninstall, target: api, keep_history: true}\n    - {id: "
                  "back, do: rollback, target: api, revision: a}\n"));
  EXPECT_TRUE(kept.run("out").ok());
  EXPECT_TRUE(kept.run("back").ok());
  EXPECT_EQ(kept.fact("api.running"), "true");
}

TEST(Heroku, AppsThatUseEachOtherAreNoStores) {
  const std::string apps =
      "  a: {kind: heroku, uses: [b], versions: {v1: {}, v2: {}}, start: v1}\n"
      "  b: {kind: heroku, uses: [a, db], versions: {v1: {}, v2: {}}, start: v1}\n  db: {kind: "
      "postgres}\n";
  const std::string back =
      "    - {id: a_back, do: rollback, target: a, to: v1}\n    - {id: b_back, do: rollback, "
      "target: b, to: v1}\n";
  EXPECT_THAT(Stage(plan(apps, back)).traits("a_back").leaves, ElementsAre());
  EXPECT_THAT(Stage(plan(apps, back)).traits("b_back").leaves, ElementsAre());
  const std::string write =
      "    - {id: add, do: sql, target: db, text: \"CREATE TABLE t (a int)\"}\n";
  EXPECT_THAT(Stage(plan(apps, write + back)).traits("b_back").leaves,
              ElementsAre("the database, and what the release phase changed in it"));
  EXPECT_THAT(Stage(plan(apps, write + back)).traits("a_back").leaves, ElementsAre());
}

TEST(Rollout, GoesByItsSharesAndServesTwoVersionsMeanwhile) {
  Stage stage(plan("  q: {kind: rollout, steps: [5, 50], versions: {a: {}, b: {}}, start: a}\n",
                   "    - {id: begin, do: set_image, target: q, version: b}\n    - {id: next, do: "
                   "promote, target: q}\n"
                   "    - {id: undo, do: undo, target: q, to: a}\n"));
  EXPECT_TRUE(stage.run("begin").ok());
  EXPECT_EQ(stage.fact("q.weight"), "5");
  EXPECT_THAT(stage.context().kind(0).live_versions(stage.context(), stage.world, 0),
              ElementsAre("a", "b"));
  stage.run("next");
  EXPECT_EQ(stage.fact("q.weight"), "50");
  stage.run("next");
  EXPECT_EQ(stage.fact("q.version"), "b");
  EXPECT_EQ(stage.fact("q.wanted"), "absent");
  stage.run("undo");  // by the steps, like any other rollout
  EXPECT_EQ(stage.fact("q.version"), "b");
  EXPECT_EQ(stage.fact("q.weight"), "5");
}

TEST(Rollout, AnAbortLeavesTheNewVersionWanted) {
  Stage stage(plan("  q: {kind: rollout, steps: [5], versions: {a: {}, b: {}}, start: a}\n",
                   "    - {id: begin, do: set_image, target: q, version: b}\n    - {id: stop, do: "
                   "abort, target: q}\n"
                   "    - {id: back, do: set_image, target: q, version: a}\n"));
  stage.run("begin");
  EXPECT_TRUE(stage.run("stop").ok());
  EXPECT_EQ(stage.fact("q.rolling"), "absent");
  EXPECT_EQ(stage.fact("q.wanted"), "b");
  stage.run("back");
  EXPECT_EQ(stage.fact("q.wanted"), "absent");
}

TEST(Ecs, RefusesInItsOwnWords) {
  const std::string steps =
      "    - {id: new, do: update_service, target: s, version: b}\n    - {id: gone, do: "
      "deregister, target: s, version: b}\n";
  Stage deploys(plan(
      "  s: {kind: ecs, controller: code_deploy, versions: {a: {}, b: {}}, start: a}\n", steps));
  EXPECT_EQ(deploys.run("new").message,
            "Unable to update task definition on services with a CODE_DEPLOY deployment "
            "controller. Use AWS CodeDeploy to trigger a new deployment.");
  Stage gone(plan("  s: {kind: ecs, versions: {a: {}, b: {}}, start: a}\n", steps));
  gone.run("gone");
  EXPECT_EQ(gone.run("new").message, "TaskDefinition is inactive");
}

TEST(Ecs, IsChangedThroughCodeDeploy) {
  Stage stage(
      plan("  cd: {kind: codedeploy}\n  pipe: {kind: deployer}\n"
           "  s: {kind: ecs, controller: code_deploy, versions: {a: {}, b: {}}, start: a}\n",
           "    - {id: by_pipe, do: update_service, target: s, version: b, via: pipe}\n"
           "    - {id: by_cd, do: deploy, target: s, version: b, via: cd}\n"));
  EXPECT_EQ(stage.run("by_pipe").message,
            "Unable to update task definition on services with a CODE_DEPLOY deployment "
            "controller. Use AWS CodeDeploy to trigger a new deployment.");
  EXPECT_TRUE(stage.run("by_cd").ok());
  EXPECT_EQ(stage.fact("s.version"), "b");
}

TEST(Room, NothingServesWhereEverythingIsEndedFirst) {
  const auto first_part = [](const std::string& service, const std::string& verb) {
    Stage stage(plan("  s: {" + service + ", versions: {a: {}, b: {}}, start: a}\n",
                     "    - {id: new, do: " + verb + ", target: s, version: b}\n"));
    const auto parts = services::parts_of(stage.context(), stage.world, stage.action("new"));
    std::string between = "true";
    for (const services::Action& part : parts) {
      stage.run(part);
      if (stage.fact("s.running") == "false") between = "false";
    }
    EXPECT_EQ(stage.fact("s.version"), "b");
    EXPECT_EQ(stage.fact("s.running"), "true");
    return between;
  };
  EXPECT_EQ(first_part("kind: ecs, instances: 4, minimum_healthy_percent: 0, maximum_percent: 100",
                       "update_service"),
            "false");
  EXPECT_EQ(first_part("kind: ecs, instances: 4, minimum_healthy_percent: 0, maximum_percent: 200",
                       "update_service"),
            "true");
  EXPECT_EQ(first_part("kind: codedeploy, instances: 4, configuration: all_at_once", "redeploy"),
            "false");
  EXPECT_EQ(first_part("kind: codedeploy, instances: 4, configuration: half_at_a_time", "deploy"),
            "true");
  EXPECT_EQ(first_part("kind: kubernetes, instances: 4, max_unavailable: 100%", "set_image"),
            "false");
  EXPECT_EQ(first_part("kind: kubernetes, instances: 4, max_unavailable: 3", "set_image"), "true");
  EXPECT_EQ(first_part("kind: helm, instances: 1, max_unavailable: 1", "upgrade"), "false");
}

TEST(Room, SharesAreRoundedAsThePlatformDoes) {
  const auto serving = [](const std::string& service) {
    const model::Plan read = load(plan("  s: {" + service + ", versions: {a: {}}, start: a}\n",
                                       "    - {id: it, do: task, text: nothing}\n"));
    const services::Context context(read);
    std::vector<model::Mistake> mistakes;
    return services::room_left(context, services::initial_world(context, mistakes), 0)
        ->room.serving;
  };
  EXPECT_EQ(serving("kind: kubernetes, instances: 3, max_unavailable: 50%"), 2);
  EXPECT_EQ(serving("kind: kubernetes, instances: 3, max_unavailable: 5"), 0);
  EXPECT_EQ(serving("kind: codedeploy, instances: 3, configuration: half_at_a_time"), 2);
  EXPECT_EQ(serving("kind: ecs, instances: 3, minimum_healthy_percent: 50"), 2);
}

TEST(Room, AnUpgradeOfHelmIsUnderWayWhenEverythingIsEnded) {
  Stage stage(plan(
      "  s: {kind: helm, instances: 4, max_unavailable: 100%, versions: {a: {}, b: {}}, start: "
      "a}\n",
      "    - {id: new, do: upgrade, target: s, version: b}\n"));
  const auto parts = services::parts_of(stage.context(), stage.world, stage.action("new"));
  ASSERT_EQ(parts.size(), 3U);
  stage.run(parts[0]);
  stage.run(parts[1]);
  EXPECT_EQ(stage.fact("s.running"), "false");
  EXPECT_EQ(stage.fact("s.release"), "b");
  EXPECT_EQ(stage.run("new").result, services::Outcome::Result::refused);
}

TEST(Ecs, StartsNothingThatTheRegistryNoLongerHas) {
  const std::string steps =
      "    - {id: b, do: update_service, target: s, version: b}\n    - {id: c, do: deploy, target: "
      "s, version: c}\n    - {id: a, do: update_service, target: s, version: a}\n";
  const auto back = [&](const std::string& keeps) {
    Stage stage(
        plan("  s: {kind: ecs, keeps: " + keeps + ", versions: {a: {}, b: {}, c: {}}, start: a}\n",
             steps));
    EXPECT_TRUE(stage.run("b").ok());
    EXPECT_TRUE(stage.run("c").ok());
    return stage.run("a").message;
  };
  EXPECT_EQ(back("2"),
            "CannotPullContainerError: 'a' of 's' is no longer kept: it keeps 2 versions");
  EXPECT_EQ(back("3"), "");
}

TEST(Ecs, ReplacesNothingWhereNoTaskMayStopAndNoneMayStart) {
  const auto replaced = [](const std::string& bounds) {
    Stage stage(plan("  s: {kind: ecs, " + bounds + ", versions: {a: {}, b: {}}, start: a}\n",
                     "    - {id: new, do: update_service, target: s, version: b}\n"));
    return stage.run("new").message;
  };
  EXPECT_EQ(replaced("instances: 1, minimum_healthy_percent: 100, maximum_percent: 100"),
            "no task may be stopped (minimumHealthyPercent 100) and none started beside "
            "(maximumPercent 100) of 1: nothing is replaced");
  EXPECT_EQ(replaced("instances: 1, minimum_healthy_percent: 51, maximum_percent: 150"),
            "no task may be stopped (minimumHealthyPercent 51) and none started beside "
            "(maximumPercent 150) of 1: nothing is replaced");
  EXPECT_EQ(replaced("instances: 1, minimum_healthy_percent: 100, maximum_percent: 200"), "");
  EXPECT_EQ(replaced("instances: 2, minimum_healthy_percent: 50, maximum_percent: 100"), "");
}

TEST(Rollout, SkipsTheStepsBackToAVersionThatServedWithinTheWindow) {
  const auto weight = [](const std::string& window) {
    Stage stage(plan("  w: {kind: rollout, instances: 4, steps: ['25'], " + window +
                         "versions: {a: {}, b: {}, c: {}}, start: a}\n",
                     "    - {id: out, do: set_image, target: w, version: b}\n    - {id: all, do: "
                     "promote, target: w, full: true}\n"
                     "    - {id: back, do: set_image, target: w, version: a}\n    - {id: other, "
                     "do: set_image, target: w, version: c}\n"));
    stage.run("out");
    stage.run("all");
    stage.run("back");
    const std::string serves = stage.fact("w.version");
    stage.run("other");
    return serves + " " + stage.fact("w.rolling");
  };
  EXPECT_EQ(weight("rollback_window: true, "), "a c");
  EXPECT_EQ(weight(""), "b c");
}

TEST(GitOps, FluxPutsBackWhatOthersChangeUnlessItIsSaidNotTo) {
  const auto after = [](const std::string& controller) {
    Stage stage(
        plan("  repo: {kind: git, head: b}\n  web: {kind: kubernetes, versions: {a: {}, b: {}}, "
             "start: b}\n  sync: {" +
                 controller + ", repo: repo, apps: [web], auto_sync: true}\n",
             "    - {id: back, do: set_image, target: web, version: a}\n"));
    stage.run("back");
    return stage.fact("web.version");
  };
  EXPECT_EQ(after("kind: flux"), "b");
  EXPECT_EQ(after("kind: gitops, provider: Flux"), "b");
  EXPECT_EQ(after("kind: flux, self_heal: false"), "a");
  EXPECT_EQ(after("kind: argocd"), "a");
  EXPECT_EQ(after("kind: argocd, self_heal: true"), "b");
}

TEST(Serverless, APublishedVersionKeepsTheConfigurationThatItWasPublishedWith) {
  const auto refused = [](const std::string& fields, const std::vector<std::string>& steps) {
    Stage stage(
        plan("  env: {kind: config, items: {limit: \"1\"}, read_by: [f]}\n  f: {kind: serverless, "
             "uses: [env], " +
                 fields +
                 "versions: {a: {operations: {run: {require: items.limit, is: \"1\", on: env}}}, "
                 "b: {operations: {run: {require: items.limit, is: \"1\", on: env}}}}, start: a}\n",
             "    - {id: var, do: set, target: env, key: limit, value: \"0\"}\n    - {id: make, "
             "do: publish, target: f, version: b}\n"
             "    - {id: go, do: shift, target: f, to: b}\n    - {id: right, do: set, target: env, "
             "key: limit, value: \"1\"}\n"));
    for (const std::string& step : steps) EXPECT_TRUE(stage.run(step).ok());
    return stage.traffic().size();
  };
  EXPECT_EQ(refused("", {"var"}), 0u);  // frozen with what serves
  EXPECT_EQ(refused("", {"var", "make", "go"}), 1u);
  EXPECT_EQ(refused("", {"var", "make", "go", "right"}), 1u);  // only another publish would see it
  EXPECT_EQ(refused("", {"make", "var", "go"}), 0u);
  EXPECT_EQ(refused("config_with_version: false, ", {"var"}), 1u);
}

TEST(Serverless, GivesTrafficOnlyToWhatIsPublished) {
  Stage stage(plan("  f: {kind: serverless, versions: {a: {}, b: {}}, start: a}\n",
                   "    - {id: publish, do: publish, target: f, version: b}\n    - {id: tenth, do: "
                   "shift, target: f, to: b, percent: 10}\n"
                   "    - {id: all, do: shift, target: f, to: b}\n    - {id: delete, do: "
                   "delete_version, target: f, version: a}\n"
                   "    - {id: back, do: shift, target: f, to: a}\n"));
  EXPECT_EQ(stage.run("tenth").message, "Function not found: f:b");
  stage.run("publish");
  EXPECT_TRUE(stage.run("tenth").ok());
  EXPECT_EQ(stage.fact("f.weight"), "10");
  EXPECT_EQ(stage.run("delete").message, "The version is referenced by an alias or serves traffic");
  EXPECT_TRUE(stage.run("all").ok());
  EXPECT_EQ(stage.fact("f.weight"), "absent");
  EXPECT_TRUE(stage.run("delete").ok());
  EXPECT_EQ(stage.run("back").message, "Function not found: f:a");
}

TEST(Serverless, GivesNoTrafficToAVersionThatIsNoLongerKept) {
  const auto back = [](const std::string& keeps) {
    Stage stage(plan(
        "  f: {kind: lambda, keeps: " + keeps + ", versions: {a: {}, b: {}, c: {}}, start: a}\n",
        "    - {id: to_b, do: deploy, target: f, version: b}\n    - {id: to_c, do: "
        "deploy, target: f, version: c}\n    - {id: back, do: shift, target: f, to: "
        "a}\n"));
    stage.run("to_b");
    stage.run("to_c");
    return stage.run("back").message;
  };
  EXPECT_EQ(back("2"), "'a' of 'f' is no longer kept: it keeps 2 versions");
  EXPECT_EQ(back("3"), "");
}

TEST(Gitops, PutsBackWhatGitDoesNotSayOnlyWhenItHealsItself) {
  const auto services = [](const char* heals) {
    return fmt::format(
        "  repo: {{kind: git, branch: main, head: a}}\n  web: {{kind: kubernetes, versions: {{a: "
        "{{}}, b: {{}}}}, start: a}}\n"
        "  argo: {{kind: gitops, repo: repo, apps: web, auto_sync: true, self_heal: {}}}\n",
        heals);
  };
  const std::string steps =
      "    - {id: spot, do: set_image, target: web, version: b}\n    - {id: commit, do: commit, "
      "target: repo, version: b}\n"
      "    - {id: push, do: push, target: repo}\n    - {id: back, do: rollback, target: argo, to: "
      "a}\n"
      "    - {id: suspend, do: suspend, target: argo}\n    - {id: resume, do: resume, target: "
      "argo}\n";
  Stage heals(plan(services("true"), steps));
  EXPECT_EQ(heals.run("spot").result, Outcome::Result::noop);
  EXPECT_EQ(heals.fact("web.version"), "a");
  Stage syncs(plan(services("false"), steps));
  EXPECT_TRUE(syncs.run("spot").ok());
  EXPECT_EQ(syncs.fact("web.version"), "b");
  syncs.run("commit");
  syncs.run("push");
  EXPECT_EQ(syncs.run("back").message, "rollback cannot be performed when auto-sync is enabled");
  syncs.run("suspend");
  EXPECT_TRUE(syncs.run("back").ok());
  EXPECT_EQ(syncs.fact("web.version"), "a");
  syncs.run("resume");
  EXPECT_EQ(syncs.fact("web.version"), "b");
}

TEST(Heroku, TakesItsConfigVarsAlong) {
  Stage stage(
      plan("  vars: {kind: config, items: {NEW: \"1\"}, read_by: [app]}\n"
           "  app: {kind: heroku, versions: {a: {released_with: {vars: {}}}, b: {}}, start: b, "
           "history: [a, b]}\n",
           "    - {id: back, do: rollback, target: app, to: a}\n"));
  EXPECT_TRUE(stage.run("back").ok());
  EXPECT_EQ(stage.fact("vars.items.NEW"), "absent");
}

TEST(Pm2, ARebootStartsTheSavedList) {
  Stage stage(plan("  api: {kind: pm2, versions: {a: {}, b: {}}, start: a}\n",
                   "    - {id: new, do: deploy, target: api, version: b}\n    - {id: save, do: "
                   "save, target: api}\n"
                   "    - {id: back, do: deploy, target: api, version: a}\n    - {id: reboot, do: "
                   "reboot, target: api}\n"));
  stage.run("new");
  Stage unsaved = stage;
  unsaved.run("reboot");
  EXPECT_EQ(unsaved.fact("api.version"), "a");
  stage.run("save");
  stage.run("back");
  stage.run("reboot");
  EXPECT_EQ(stage.fact("api.version"), "b");
}

TEST(Compose, LeavesOrphansUnlessItIsTold) {
  Stage stage(
      plan("  s: {kind: compose, versions: {a: {objects: [web]}, b: {objects: [web, worker]}}, "
           "start: a}\n",
           "    - {id: new, do: up, target: s, version: b}\n    - {id: back, do: up, target: s, "
           "version: a}\n"
           "    - {id: clean, do: up, target: s, version: a, remove_orphans: true}\n    - {id: "
           "down, do: down, target: s, volumes: true}\n"));
  stage.run("new");
  EXPECT_EQ(stage.fact("s.orphans.worker"), "absent");
  stage.run("back");
  EXPECT_EQ(stage.fact("s.orphans.worker"), "running");
  stage.run("clean");
  EXPECT_EQ(stage.fact("s.orphans.worker"), "absent");
  EXPECT_EQ(stage.undo("down").kind, services::Undo::Class::none);
  stage.run("down");
  EXPECT_EQ(stage.fact("s.volumes"), "emptied");
}

}  // namespace
}  // namespace backout::tests
