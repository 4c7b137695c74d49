// Apps, their platforms and the repository that they deploy from: what manuals and experiments say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/stage.hpp"

namespace backout::tests {
namespace {

using services::Outcome;
using services::Undo;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Result = Outcome::Result;

constexpr const char* kVercel = R"(backout: 1
services:
  repo: {kind: git, head: good}
  web:
    kind: vercel
    versions: {good: {}, bad: {}, fixed: {}}
    start: good
    deploys_on: {service: repo, branch: main}
deploy:
  steps:
    - {id: release, do: commit, target: repo, version: bad}
    - {id: push, do: push, target: repo}
    - {id: revert, do: revert, target: repo, commit: HEAD}
    - {id: revert_named, do: revert, target: repo, commit: bad}
    - {id: revert_elsewhere, do: revert, target: repo, commit: d9ce118}
    - {id: fix, do: commit, target: repo, version: fixed}
    - {id: reset_fixed, do: reset, target: repo, to: fixed}
    - {id: checkout, do: checkout, target: repo, ref: good}
    - {id: back_on_branch, do: checkout, target: repo, ref: main}
    - {id: reset, do: reset, target: repo, to: good}
    - {id: reset_unknown, do: reset, target: repo, to: nowhere}
    - {id: force, do: push, target: repo, force: true}
    - {id: rollback, do: rollback, target: web, to: good}
    - {id: previous, do: rollback, target: web, to: previous}
    - {id: promote, do: promote, target: web, to: fixed}
)";

TEST(App, an_instance_that_lingers_serves_until_the_app_is_deployed_again_restarted_or_stopped) {
  const auto live = [](const Stage& stage) {
    const services::ServiceIndex app = stage.plan().find_service("api");
    return stage.context().kind(app).live_versions(stage.context(), stage.world, app);
  };
  for (const char* end : {"back", "next", "restart", "stop"}) {
    Stage stage(R"(backout: 1
services:
  api: {kind: app, versions: {v1: {}, v2: {}, v3: {}}, start: v1}
deploy:
  steps:
    - {id: release, do: deploy, target: api, version: v2}
    - {id: back, do: rollback, target: api, to: v1}
    - {id: next, do: deploy, target: api, version: v3}
    - {id: restart, do: restart, target: api}
    - {id: stop, do: stop, target: api}
    - {id: start, do: start, target: api}
)");
    EXPECT_FALSE(stage.harm("back", services::Harm::lingering)) << "it serves already";
    EXPECT_FALSE(stage.harm("restart", services::Harm::lingering));
    ASSERT_TRUE(stage.harm("release", services::Harm::lingering));
    EXPECT_THAT(live(stage), ElementsAre("v1"));
    stage.run("release");
    EXPECT_THAT(live(stage), ElementsAre("v2", "v1"));
    EXPECT_EQ(stage.fact("api.lingering"), "v1");
    stage.run(end);
    EXPECT_EQ(stage.fact("api.lingering"), "absent") << end;
    stage.run("stop");
    EXPECT_FALSE(stage.harm("next", services::Harm::lingering)) << "nothing serves";
    stage.run("start");
    EXPECT_EQ(live(stage).size(), 1U);
  }
}

TEST(App, that_is_unhealthy_runs_and_does_not_serve_until_its_process_is_another_one) {
  for (const char* end : {"back", "next", "release", "restart", "stop"}) {
    Stage stage(R"(backout: 1
services:
  store: {kind: sqlite, tables: {t: 1}}
  api:
    kind: app
    uses: [store]
    versions: {v1: {}, v2: {operations: {save: {write: item, on: store}}}, v3: {}}
    start: v1
deploy:
  steps:
    - {id: release, do: deploy, target: api, version: v2, verify: [{http: api/health, expect: 200}]}
    - {id: asks_version, do: task, text: look, verify: {version: v2, of: api}}
    - {id: asks_metric, do: task, text: look, verify: {metric: errors, op: lt, value: 5}}
    - {id: look, do: probe, target: api, expect: 200}
    - {id: back, do: rollback, target: api, to: v1}
    - {id: next, do: deploy, target: api, version: v3}
    - {id: restart, do: restart, target: api}
    - {id: stop, do: stop, target: api}
    - {id: start, do: start, target: api}
)");
    const auto value = [&](const char* step) { return stage.check(step).value; };
    for (const char* step : {"look", "stop", "start"}) {
      EXPECT_FALSE(stage.harm(step, services::Harm::unhealthy)) << step << " begins no process";
    }
    ASSERT_TRUE(stage.harm("release", services::Harm::unhealthy));
    EXPECT_EQ(stage.fact("api.unhealthy"), "absent") << "nobody can know yet";
    EXPECT_TRUE(stage.run("look").ok());
    EXPECT_TRUE(stage.run("release").ok());
    EXPECT_EQ(stage.fact("api.unhealthy"), "true");
    EXPECT_EQ(stage.fact("api.running"), "true");
    EXPECT_EQ(stage.run("look").message, "'api' runs and does not serve");
    for (const char* step : {"release", "asks_version", "asks_metric"}) {
      EXPECT_EQ(value(step), services::CheckResult::Value::fail) << step;
    }
    EXPECT_THAT(stage.traffic(), ElementsAre("v2: 'api' runs and does not serve"));
    stage.run("start");
    EXPECT_EQ(stage.fact("api.unhealthy"), "true") << "a start of what runs makes no other process";
    stage.run(end);
    EXPECT_EQ(stage.fact("api.unhealthy"), "absent") << end;
    stage.run("start");
    EXPECT_TRUE(stage.run("look").ok()) << end;
    EXPECT_THAT(stage.traffic(), IsEmpty());
  }
}

TEST(App, is_unhealthy_whoever_begins_its_process) {
  for (const char* begin : {"start", "again", "run", "more", "promote", "push"}) {
    Stage stage(R"(backout: 1
services:
  repo: {kind: git, branch: main, head: v1}
  app: {kind: app, versions: {v1: {}}, start: v1}
  box: {kind: docker, versions: {v1: {}}}
  pods: {kind: kubernetes, versions: {v1: {}}, start: v1}
  web: {kind: vercel, versions: {v1: {}}, start: v1}
  site: {kind: render, versions: {v1: {}, v2: {}}, start: v1, deploys_on: {service: repo}}
deploy:
  steps:
    - {id: halt, do: stop, target: app}
    - {id: to_none, do: scale, target: pods, replicas: 0}
    - {id: commit, do: commit, target: repo, version: v2}
    - {id: start, do: start, target: app}
    - {id: again, do: restart, target: app}
    - {id: run, do: run, target: box, version: v1}
    - {id: more, do: scale, target: pods, replicas: 2}
    - {id: promote, do: promote, target: web, to: v1}
    - {id: push, do: push, target: repo}
)");
    EXPECT_FALSE(stage.harm("push", services::Harm::unhealthy)) << "nothing is new";
    EXPECT_FALSE(stage.harm("more", services::Harm::unhealthy)) << "pods run already";
    for (const char* step : {"halt", "to_none", "commit"}) ASSERT_TRUE(stage.run(step).ok());
    ASSERT_TRUE(stage.harm(begin, services::Harm::unhealthy)) << begin;
    ASSERT_TRUE(stage.run(begin).ok()) << begin;
    std::vector<std::string> unhealthy;
    for (const services::Fact& fact : services::facts_of(stage.context(), stage.world)) {
      if (fact.path.ends_with(".unhealthy")) unhealthy.push_back(fact.path + "=" + fact.value);
    }
    const std::string app = begin == std::string("run")       ? "box"
                            : begin == std::string("more")    ? "pods"
                            : begin == std::string("promote") ? "web"
                            : begin == std::string("push")    ? "site"
                                                              : "app";
    EXPECT_THAT(unhealthy, ElementsAre(app + ".unhealthy=true")) << begin;
  }
}

TEST(Git, a_second_revert_of_head_brings_the_bad_commit_back) {  // measured: X4
  Stage stage(kVercel);
  stage.run("release");
  EXPECT_TRUE(stage.run("revert").ok());
  EXPECT_EQ(stage.fact("repo.head"), "good");
  EXPECT_TRUE(stage.run("revert").ok());
  EXPECT_EQ(stage.fact("repo.head"), "bad");
  EXPECT_EQ(stage.traits("revert").not_repeatable, "a second `git revert HEAD` reverts the revert");
  EXPECT_EQ(stage.traits("revert").unpinned_target, "`HEAD` need not be the bad commit");
  EXPECT_EQ(stage.traits("revert_named").unpinned_target, "");
  EXPECT_EQ(stage.traits("revert_named").not_repeatable, "");
}

TEST(Git, reverts_a_named_commit_once) {
  Stage stage(kVercel);
  EXPECT_EQ(stage.run("revert_named").message, "fatal: bad revision 'bad'");
  stage.run("release");
  EXPECT_TRUE(stage.run("revert_named").ok());
  EXPECT_EQ(stage.fact("repo.head"), "good");
  EXPECT_EQ(stage.run("revert_named").message, "nothing to commit: it is reverted already");
}

TEST(Git, a_commit_that_the_plan_does_not_name_is_not_known) {
  Stage stage(kVercel);
  stage.run("release");
  const Outcome revert = stage.run("revert_elsewhere");
  EXPECT_EQ(revert.result, Result::opaque);
  EXPECT_EQ(revert.message, "which commit 'd9ce118' is, the plan does not say");
  EXPECT_EQ(stage.run("reset_unknown").result, Result::opaque);
  EXPECT_EQ(stage.run("reset_fixed").message,
            "fatal: ambiguous argument 'fixed': unknown revision");
}

TEST(Git, a_push_with_a_detached_head_says_up_to_date_and_changes_nothing) {  // measured: X5
  Stage stage(kVercel);
  stage.run("release");
  stage.run("push");
  stage.run("checkout");
  const Outcome outcome = stage.run("force");
  EXPECT_EQ(outcome.result, Result::noop);
  EXPECT_TRUE(outcome.reported_ok);
  EXPECT_THAT(outcome.message, HasSubstr("Everything up-to-date"));
  EXPECT_EQ(stage.fact("repo.remote"), "bad");
  EXPECT_EQ(stage.fact("web.version"), "bad");
}

TEST(Git, a_push_deploys_what_watches_the_branch) {
  Stage stage(kVercel);
  stage.run("release");
  EXPECT_EQ(stage.fact("web.version"), "good");
  EXPECT_TRUE(stage.run("push").ok());
  EXPECT_EQ(stage.fact("web.version"), "bad");
  EXPECT_THAT(stage.traits("push").triggers, ElementsAre(stage.plan().find_service("web")));
}

TEST(Git, needs_force_after_a_reset_and_refuses_unknown_commits) {
  Stage stage(kVercel);
  stage.run("release");
  stage.run("push");
  EXPECT_TRUE(stage.run("reset").ok());
  EXPECT_EQ(stage.run("push").message, "! [rejected] (non-fast-forward)");
  EXPECT_EQ(stage.fact("repo.remote"), "bad");
  EXPECT_TRUE(stage.run("force").ok());
  EXPECT_EQ(stage.fact("repo.remote"), "good");
  EXPECT_THAT(stage.traits("force").destroys, HasSubstr("others pushed"));
  EXPECT_EQ(stage.run("reset_unknown").message, "which commit 'nowhere' is, the plan does not say");
}

TEST(Vercel, an_instant_rollback_pins_production_until_somebody_promotes) {
  Stage stage(kVercel);
  stage.run("release");
  stage.run("push");
  EXPECT_TRUE(stage.run("rollback").ok());
  EXPECT_EQ(stage.fact("web.version"), "good");
  EXPECT_EQ(stage.fact("web.pinned"), "true");
  stage.run("fix");
  const Outcome pushed = stage.run("push");
  EXPECT_EQ(pushed.result, Result::noop);
  EXPECT_TRUE(pushed.reported_ok);
  EXPECT_EQ(stage.fact("repo.remote"), "fixed");
  EXPECT_EQ(stage.fact("web.version"), "good");
  EXPECT_TRUE(stage.run("promote").ok());
  EXPECT_EQ(stage.fact("web.version"), "fixed");
  EXPECT_EQ(stage.fact("web.pinned"), "absent");
  EXPECT_THAT(stage.traits("rollback").acquires, ElementsAre("pin of web"));
  EXPECT_THAT(stage.traits("promote").releases, ::testing::Contains("pin of web"));
  EXPECT_THAT(stage.traits("rollback").leaves, ::testing::Contains(HasSubstr("environment")));
}

TEST(Vercel, previous_toggles_between_two_versions) {
  Stage stage(kVercel);
  stage.run("release");
  stage.run("push");
  stage.run("previous");
  EXPECT_EQ(stage.fact("web.version"), "good");
  stage.run("previous");
  EXPECT_EQ(stage.fact("web.version"), "bad");
  EXPECT_EQ(stage.traits("previous").not_repeatable,
            "a second run goes back to the version that the first one left");
  EXPECT_EQ(stage.traits("rollback").not_repeatable, "");
}

constexpr const char* kPlatforms = R"(backout: 1
services:
  box: {kind: railway, versions: {v1: {}, v2: {}}, start: v1}
  data: {kind: sqlite, tables: {t: 1}, in: box}
  edge: {kind: fly, versions: {v1: {}, v2: {}}, start: v1}
  app: {kind: docker, versions: {v1: {}, v2: {}}, start: v2, images: [v2]}
  pods: {kind: kubernetes, versions: {v1: {}, v2: {}}, start: v1, instances: 3}
backups:
  copy: {of: data, age: 1h}
deploy:
  steps:
    - {id: box_rollback, do: rollback, target: box, to: v1}
    - {id: box_run, do: run, target: box, command: cp backup live}
    - {id: box_down, do: down, target: box}
    - {id: box_start, do: start, target: box}
    - {id: box_up, do: up, target: box}
    - {id: restore, do: restore, target: data, from: copy}
    - {id: edge_rollback, do: rollback, target: edge, to: v1}
    - {id: stop, do: stop, target: app}
    - {id: remove, do: remove, target: app}
    - {id: pull_v1, do: pull, target: app, version: v1}
    - {id: run_v1, do: run, target: app, version: v1}
    - {id: image, do: set_image, target: pods, version: v2}
    - {id: undo, do: rollout_undo, target: pods}
    - {id: undo_to, do: rollout_undo, target: pods, to_revision: v1}
    - {id: to_zero, do: scale, target: pods, replicas: 0}
)";

TEST(App, rolled_back_to_what_the_plan_does_not_know_is_opaque) {
  Stage stage(kVercel);
  EXPECT_EQ(stage.run("previous").message,
            "what 'web' served before 'good', the plan does not say");
  EXPECT_EQ(stage.fact("web.version"), "good");
}

TEST(Railway, has_no_rollback_and_runs_commands_here) {
  Stage stage(kPlatforms);
  EXPECT_EQ(stage.run("box_rollback").message, "error: unrecognized subcommand 'rollback'");
  EXPECT_EQ(stage.traits("box_rollback").misdirected, "`railway` has no `rollback` command");
  const Outcome run = stage.run("box_run");
  EXPECT_EQ(run.result, Result::noop);
  EXPECT_TRUE(run.reported_ok);
  EXPECT_THAT(stage.traits("box_run").misdirected, HasSubstr("on this machine"));
}

TEST(Railway, down_takes_the_container_away_with_what_is_copied_into_it) {
  Stage stage(kPlatforms);
  EXPECT_TRUE(stage.run("restore").ok());
  stage.run("box_down");
  EXPECT_EQ(stage.fact("box.running"), "false");
  EXPECT_THAT(stage.run("restore").message, HasSubstr("the container of 'box' is gone"));
  EXPECT_EQ(stage.run("box_start").message, "no such container");
  EXPECT_THAT(stage.traits("box_down").destroys, HasSubstr("container"));
}

TEST(Railway, up_uploads_whatever_is_in_the_working_directory) {
  Stage stage(kPlatforms);
  EXPECT_EQ(stage.run("box_up").result, Result::opaque);
  EXPECT_THAT(stage.traits("box_up").unpinned_target, HasSubstr("working directory"));
}

TEST(Fly, has_no_rollback) {
  Stage stage(kPlatforms);
  EXPECT_EQ(stage.run("edge_rollback").result, Result::refused);
  EXPECT_THAT(stage.traits("edge_rollback").misdirected, HasSubstr("deploy the older image"));
  EXPECT_FALSE(stage.traits("edge_rollback").changes_version);
}

TEST(Docker, removes_the_container_before_the_other_image_is_known_to_be_there) {
  Stage stage(kPlatforms);
  EXPECT_EQ(stage.run("remove").message, "cannot remove a running container");
  EXPECT_EQ(stage.run("run_v1").message, "the container name is already in use");
  stage.run("stop");
  EXPECT_TRUE(stage.run("remove").ok());
  EXPECT_EQ(stage.fact("app.container"), "removed");
  EXPECT_EQ(stage.traits("run_v1").needs_artefact, "the image of 'v1' of 'app'");
  EXPECT_EQ(stage.traits("pull_v1").provides_artefact, "the image of 'v1' of 'app'");
  EXPECT_TRUE(stage.run("run_v1").ok());
  EXPECT_EQ(stage.fact("app.version"), "v1");
  EXPECT_EQ(stage.fact("app.container"), "absent");
}

TEST(Kubernetes, undo_without_a_revision_toggles) {
  Stage stage(kPlatforms);
  stage.run("image");
  stage.run("undo");
  EXPECT_EQ(stage.fact("pods.version"), "v1");
  stage.run("undo");
  EXPECT_EQ(stage.fact("pods.version"), "v2");
  EXPECT_EQ(stage.traits("undo").not_repeatable,
            "a second run goes back to the version that the first one left");
  EXPECT_EQ(stage.traits("undo").unpinned_target,
            "'previous' is whatever came before, which may itself be bad; a second run goes back "
            "to the bad one");
  stage.run("undo_to");
  stage.run("undo_to");
  EXPECT_EQ(stage.fact("pods.version"), "v1");
  EXPECT_EQ(stage.traits("undo_to").unpinned_target, "");
}

TEST(Kubernetes, serves_two_versions_while_pods_are_replaced) {
  Stage stage(kPlatforms);
  const auto parts = services::parts_of(stage.context(), stage.world, stage.action("image"));
  ASSERT_EQ(parts.size(), 2u);
  stage.run(parts[0]);
  const model::ServiceIndex pods = stage.plan().find_service("pods");
  const services::Kind& kind = stage.context().kind(pods);
  EXPECT_THAT(kind.live_versions(stage.context(), stage.world, pods), ElementsAre("v1", "v2"));
  stage.run(parts[1]);
  EXPECT_THAT(kind.live_versions(stage.context(), stage.world, pods), ElementsAre("v2"));
}

TEST(Kubernetes, scaled_to_none_serves_nothing_and_is_undone_by_its_old_number) {
  Stage stage(kPlatforms);
  const Undo undo = stage.undo("to_zero");
  stage.run("to_zero");
  EXPECT_EQ(stage.fact("pods.running"), "false");
  ASSERT_EQ(undo.actions.size(), 1u);
  stage.run(undo.actions[0]);
  EXPECT_EQ(stage.fact("pods.replicas"), "3");
  EXPECT_EQ(stage.fact("pods.running"), "true");
}

TEST(App, that_is_down_has_no_operations_and_one_with_closed_intake_gets_no_new_work) {
  Stage stage(R"(backout: 1
services:
  hook: {kind: webhook, event: call, to: api, fields: [id]}
  store: {kind: sqlite, tables: {t: 1}}
  api:
    kind: app
    uses: [store]
    versions: {v1: {accepts: {call: [id]}, operations: {save: {write: item, on: store}}}}
    start: v1
deploy:
  steps:
    - {id: close, do: stop_intake, target: api}
    - {id: stop, do: stop, target: api}
)");
  const auto names = [&] {
    std::vector<std::string> found;
    for (const auto& live : services::live_operations(stage.context(), stage.world)) {
      found.push_back(live.operation->name);
    }
    return found;
  };
  EXPECT_THAT(names(), ElementsAre("accepts call", "save"));
  stage.run("close");
  EXPECT_THAT(names(), ElementsAre("accepts call"));
  stage.run("stop");
  EXPECT_THAT(names(), IsEmpty());
}

TEST(App, deployed_by_name_of_a_moving_branch_has_no_pinned_target) {
  Stage stage(R"(backout: 1
services:
  api: {kind: app, versions: {v1: {}, v2: {}}, start: v1}
deploy:
  steps:
    - {id: branch, do: deploy, target: api, version: v2, ref: "git:main"}
    - {id: tag, do: deploy, target: api, version: v2, ref: v2.3.1}
    - {id: digest, do: deploy, target: api, version: v2, image: "api@sha256:0011"}
    - {id: newest, do: deploy, target: api, version: v2, image: "api:latest"}
    - {id: commit, do: deploy, target: api, version: v2, ref: 3f2a9c1}
    - {id: nobody_knows, do: deploy, target: api, version: v2, ref: unknown}
)");
  EXPECT_THAT(stage.traits("branch").unpinned_target, HasSubstr("is a branch"));
  EXPECT_EQ(stage.traits("tag").unpinned_target, "");
  EXPECT_EQ(stage.traits("digest").unpinned_target, "");
  EXPECT_THAT(stage.traits("newest").unpinned_target, HasSubstr("newest"));
  EXPECT_EQ(stage.traits("commit").unpinned_target, "");
  EXPECT_THAT(stage.traits("nobody_knows").unpinned_target, HasSubstr("nobody recorded"));
}

}  // namespace
}  // namespace backout::tests
