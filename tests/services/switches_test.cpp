// What stands between users and apps, and those who look: webhooks, flags, balancers, maintenance,
// workers, monitors, people.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "services/stage.hpp"

namespace backout::tests {
namespace {

using services::CheckResult;
using services::Outcome;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Result = Outcome::Result;

constexpr const char* kWebhook = R"(backout: 1
services:
  hook: {kind: webhook, event: call, to: api, fields: [conversation_id, text]}
  api:
    kind: app
    versions:
      old: {accepts: {call: [conversation_id]}}
      new: {accepts: {call: [call_sid]}}
      both: {accepts: {call: [text]}}
    start: old
deploy:
  steps:
    - {id: code, do: deploy, target: api, version: new}
    - {id: bridge, do: deploy, target: api, version: both}
    - {id: payload, do: set, target: hook, fields: [call_sid, text]}
    - {id: guess, do: set, target: hook, fields: unknown}
    - {id: pause, do: pause, target: hook}
    - {id: test, do: test_event, target: hook}
    - {id: replay, do: replay, target: hook}
    - {id: stop, do: stop, target: api}
    - {id: right, do: probe, target: api, send: {call_sid: 1}, expect: 200}
    - {id: wrong, do: probe, target: api, send: {conversation_id: 1}, expect: 200}
    - {id: blind, do: probe, target: api, send: {conversation_id: 1}}
)";

TEST(Webhook, is_refused_by_the_version_that_misses_a_field) {
  Stage stage(kWebhook);
  EXPECT_THAT(stage.traffic(), IsEmpty());
  stage.run("code");
  EXPECT_THAT(stage.traffic(),
              ElementsAre("new: 'hook' sends conversation_id,text and the app needs 'call_sid': it "
                          "answers 400 and the event is lost"));
  stage.run("payload");
  EXPECT_THAT(stage.traffic(), IsEmpty());
}

TEST(Webhook, is_accepted_before_and_after_by_a_version_that_needs_what_both_send) {
  Stage stage(kWebhook);
  stage.run("bridge");
  EXPECT_THAT(stage.traffic(), IsEmpty());
  stage.run("payload");
  EXPECT_THAT(stage.traffic(), IsEmpty());
}

TEST(Webhook, paused_sends_nothing_and_takes_its_events) {
  Stage stage(kWebhook);
  stage.run("code");
  stage.run("pause");
  EXPECT_THAT(stage.traffic(), IsEmpty());
  EXPECT_THAT(stage.traits("pause").acquires, ElementsAre("events of hook"));
}

TEST(Webhook, test_events_are_answered_like_real_ones) {
  Stage stage(kWebhook);
  EXPECT_TRUE(stage.run("test").ok());
  stage.run("code");
  EXPECT_THAT(stage.run("test").message, HasSubstr("400"));
  stage.run("stop");
  EXPECT_EQ(stage.run("replay").message, "connection refused");
  EXPECT_EQ(stage.traits("replay").not_repeatable, "the app gets the same events again");
}

TEST(Webhook, with_an_unknown_payload_is_opaque) {
  Stage stage(kWebhook);
  EXPECT_EQ(stage.run("guess").result, Result::opaque);
}

TEST(Probe, with_a_body_fails_when_no_version_accepts_it_and_only_if_it_compares) {
  Stage stage(kWebhook);
  stage.run("code");
  EXPECT_TRUE(stage.run("right").ok());
  EXPECT_EQ(stage.run("wrong").message, "new answers 400: it needs 'call_sid'");
  EXPECT_TRUE(stage.run("blind").ok());
  EXPECT_EQ(stage.traits("wrong").hides_failure, "");
  EXPECT_EQ(stage.traits("blind").hides_failure,
            "every answer passes, an error page too, and so does none");
  EXPECT_TRUE(stage.traits("wrong").read_only);
}

constexpr const char* kFlags = R"(backout: 1
services:
  store: {kind: sqlite, tables: {other: 1}}
  flags: {kind: flags, flags: {beta: true}, overrides: {acme: {beta: true}}, cache_ttl: 5m}
  app: {kind: app, versions: {v1: {operations: {ui: {flag: beta, on: flags}}}}, start: v1}
deploy:
  steps:
    - {id: turn_off, do: set, target: flags, key: beta, enabled: false, via: sql}
    - {id: clear, do: clear_cache, target: flags}
    - {id: drop, do: unset, target: flags, key: beta}
)";

TEST(Flags, are_seen_from_the_cache_until_it_is_cleared_and_overrides_stay) {
  Stage stage(kFlags);
  stage.run("turn_off");
  EXPECT_EQ(stage.fact("flags.flags.beta"), "false");
  EXPECT_EQ(stage.fact("flags.seen.beta"), "true");
  const services::Traits traits = stage.traits("turn_off");
  EXPECT_EQ(traits.delayed_effect, "until the cache expires (5m) or is cleared");
  EXPECT_EQ(traits.delayed_ms, 300'000);
  EXPECT_THAT(traits.leaves, ElementsAre("the override of 'acme' for 'beta' stays in force"));
  stage.run("clear");
  EXPECT_EQ(stage.fact("flags.seen.beta"), "false");
  EXPECT_EQ(stage.fact("flags.overrides.acme.beta"), "true");
}

TEST(Flags, behind_a_cache_that_nobody_knows_of_are_seen_when_it_is_cleared) {
  EXPECT_FALSE(Stage(kFlags).harm("turn_off", services::Harm::cached)) << "its cache is known";
  std::string text = kFlags;
  text.erase(text.find(", cache_ttl: 5m"), 15);
  text += "    - {id: deny, do: override, target: flags, key: beta, org: acme, enabled: false}\n";
  Stage stage(text);
  ASSERT_TRUE(stage.harm("drop", services::Harm::cached));
  stage.run("drop");
  EXPECT_EQ(stage.fact("flags.cached.flags.beta"), "'true'");
  EXPECT_THAT(stage.traffic(), IsEmpty()) << "its readers find it in the cache";
  ASSERT_TRUE(stage.harm("deny", services::Harm::cached));
  stage.run("deny");
  EXPECT_EQ(stage.fact("flags.cached.overrides.acme.beta"), "'true'");
  stage.run("clear");
  EXPECT_EQ(stage.fact("flags.cached.overrides.acme.beta"), "absent");
  EXPECT_THAT(stage.traffic(), ElementsAre("v1: flag 'beta' does not exist"));
}

TEST(Flags, that_do_not_exist_break_the_version_that_reads_them) {
  Stage stage(kFlags);
  EXPECT_THAT(stage.traffic(), IsEmpty());
  stage.run("drop");
  EXPECT_THAT(stage.traffic(), ElementsAre("v1: flag 'beta' does not exist"));
}

constexpr const char* kFront = R"(backout: 1
services:
  store: {kind: sqlite, tables: {t: 1}}
  blue: {kind: docker, uses: [store], versions: {v1: {}, v2: {}}, start: v1}
  green: {kind: docker, uses: [store], versions: {v1: {}, v2: {}}, start: v2}
  lb: {kind: load_balancer, sides: {blue: blue, green: green}, live: blue}
  maint: {kind: maintenance, via: lb}
  jobs: {kind: workers, uses: [store]}
  mon: {kind: monitor, via: lb, metrics: {error_rate: percent}}
decisions:
  metrics: {error_rate: {unit: percent, source: mon}}
deploy:
  steps:
    - {id: to_green, do: switch, target: lb, to: green}
    - {id: to_red, do: switch, target: lb, to: red}
    - {id: canary, do: weight, target: lb, side: green, percent: 10}
    - {id: stop_blue, do: stop, target: blue}
    - {id: on_, do: "on", target: maint}
    - {id: stop_jobs, do: stop, target: jobs}
    - {id: kill_jobs, do: stop, target: jobs, drain: none}
    - {id: drain_jobs, do: stop, target: jobs, drain: 5m}
    - {id: evaluate, do: evaluate, target: mon, thresholds: {error_rate: 5}, verify: {metric: error_rate, op: lt, value: 5}}
    - {id: health, do: probe, target: lb, expect: 200, verify: {http: lb/health, expect: 200, version: v1}}
    - {id: baseline, do: baseline, target: mon}
)";

std::vector<std::string> writer_names(const Stage& stage) {
  std::vector<std::string> names;
  const auto store = stage.plan().find_service("store");
  for (const auto each : services::writers(stage.context(), stage.world, store)) {
    names.push_back(stage.plan().services[each].name);
  }
  return names;
}

TEST(Writers, are_the_apps_that_get_work_and_the_workers_that_run) {
  Stage stage(kFront);
  EXPECT_THAT(writer_names(stage), ElementsAre("blue", "jobs"));
  stage.run("canary");
  EXPECT_THAT(writer_names(stage), ElementsAre("blue", "green", "jobs"));
  stage.run("on_");
  EXPECT_THAT(writer_names(stage), ElementsAre("jobs"));
  stage.run("stop_jobs");
  EXPECT_THAT(writer_names(stage), IsEmpty());
}

TEST(Balancer, sends_traffic_to_an_app_that_does_not_serve_and_whoever_asks_it_before_sees_that) {
  Stage stage(kFront);
  EXPECT_FALSE(stage.harm("to_red", services::Harm::unhealthy)) << "there is none";
  EXPECT_FALSE(stage.harm("health", services::Harm::unhealthy));
  ASSERT_TRUE(stage.harm("canary", services::Harm::unhealthy));
  EXPECT_EQ(stage.fact("green.unhealthy"), "true");
  EXPECT_EQ(stage.fact("blue.unhealthy"), "absent");
  EXPECT_FALSE(stage.harm("to_green", services::Harm::unhealthy)) << "it is so already";
  EXPECT_TRUE(stage.run("health").ok()) << "blue answers";
  EXPECT_TRUE(stage.run("to_green").ok());
  EXPECT_EQ(stage.run("health").message, "'green' runs and does not serve");
  EXPECT_FALSE(stage.run("on_").ok()) << "its page is behind the balancer";
}

TEST(Balancer, routes_everything_to_one_side_and_shares_add_up) {
  Stage stage(kFront);
  stage.run("canary");
  EXPECT_EQ(stage.fact("lb.weight.blue"), "90");
  EXPECT_EQ(stage.fact("lb.weight.green"), "10");
  EXPECT_TRUE(stage.run("to_green").ok());
  EXPECT_EQ(stage.fact("lb.live"), "green");
  EXPECT_EQ(stage.fact("lb.weight.blue"), "0");
  EXPECT_EQ(stage.run("to_red").message, "target group 'red' not found");
  EXPECT_EQ(stage.check("health").why, "v2 answers, not v1");
}

TEST(Maintenance, cannot_be_thrown_through_an_app_that_is_down) {
  Stage stage(kFront);
  EXPECT_THAT(stage.traits("on_").acquires, ElementsAre("maintenance of maint"));
  EXPECT_THAT(stage.traits("on_").via, ElementsAre(stage.plan().find_service("lb")));
  stage.run("stop_blue");
  EXPECT_EQ(stage.run("on_").message, "'lb' does not answer");
  EXPECT_EQ(stage.fact("maint.state"), "off");
}

TEST(Monitor, finds_no_emergency_in_metrics_that_are_absent) {  // measured: X2, X3
  Stage stage(kFront);
  EXPECT_TRUE(stage.run("evaluate").ok());
  EXPECT_EQ(stage.check("evaluate").value, CheckResult::Value::pass);
  stage.run("stop_blue");
  const Outcome outcome = stage.run("evaluate");
  EXPECT_EQ(outcome.result, Result::noop);
  EXPECT_TRUE(outcome.reported_ok);
  EXPECT_EQ(stage.traits("evaluate").hides_failure,
            "when 'lb' is down its metrics are absent, and absent compares as fine");
  EXPECT_EQ(stage.check("evaluate").value, CheckResult::Value::fail);
  EXPECT_EQ(stage.run("health").message, "nothing answers");
}

TEST(Workers, cut_jobs_off_when_nobody_drains_them) {
  Stage stage(kFront);
  EXPECT_THAT(stage.traits("kill_jobs").leaves, ElementsAre("jobs under way are cut off"));
  EXPECT_THAT(stage.traits("drain_jobs").leaves, IsEmpty());
  EXPECT_THAT(stage.traits("stop_jobs").acquires, ElementsAre("work of jobs"));
}

constexpr const char* kPeople = R"(backout: 1
services:
  chat: {kind: notifier, channel: "#ops"}
deploy:
  steps:
    - {id: say, do: send, target: chat, claim: operational}
    - {id: ask, do: confirm, prompt: sure}
    - {id: ask_or_stop, do: confirm, prompt: sure, default: "no"}
    - {id: open_ticket, do: ticket, vendor: support}
    - {id: agreed, do: ticket, vendor: support, response: 4h}
    - {id: log_in, do: login}
    - {id: script, do: run, command: ./fix.sh, hides_failure: true}
    - {id: harmless, do: run, command: ls, effects: none}
    - {id: look, do: task, text: look at the graphs}
)";

TEST(People, are_waited_for) {
  Stage stage(kPeople);
  EXPECT_EQ(stage.traits("ask").waits_for, "asks for a confirmation");
  EXPECT_TRUE(stage.traits("ask").is_interactive);
  EXPECT_EQ(stage.traits("ask_or_stop").waits_for, "");
  EXPECT_THAT(stage.traits("open_ticket").waits_for, HasSubstr("support"));
  EXPECT_FALSE(stage.traits("open_ticket").is_interactive);
  EXPECT_EQ(stage.traits("agreed").waits_for, "");
  EXPECT_TRUE(stage.traits("log_in").is_interactive);
  EXPECT_TRUE(stage.traits("look").read_only);
}

TEST(People, run_scripts_of_which_the_plan_knows_nothing) {
  Stage stage(kPeople);
  EXPECT_EQ(stage.run("script").result, Result::opaque);
  EXPECT_EQ(stage.traits("script").hides_failure, "it goes on after a failure and exits 0");
  EXPECT_FALSE(stage.traits("script").read_only);
  EXPECT_TRUE(stage.run("harmless").ok());
  EXPECT_EQ(stage.undo("script").kind, services::Undo::Class::unknown);
}

TEST(Notifier, cannot_unsend) {
  Stage stage(kPeople);
  EXPECT_EQ(stage.traits("say").irrevocable, "a message to #ops");
  EXPECT_EQ(stage.undo("say").kind, services::Undo::Class::none);
  stage.run("say");
  EXPECT_EQ(stage.fact("chat.sent"), "operational");
}

TEST(Commands, are_known_for_what_they_do_not_do) {
  Stage stage(R"(backout: 1
services:
  hook: {kind: webhook, event: call, to: api, fields: [id]}
  api: {kind: app, versions: {v1: {}}, start: v1}
deploy:
  steps:
    - {id: here, do: run, command: supabase db reset --version 42}
    - {id: there, do: run, command: supabase db reset --linked}
    - {id: script, do: run, command: psql -d shop -f down.sql}
    - {id: strict, do: run, command: psql -v ON_ERROR_STOP=1 -f down.sql}
    - {id: shell, do: run, command: psql -d shop, effects: none}
    - {id: put, do: set, target: hook, fields: [id], command: "curl -X PUT https://hooks.example"}
    - {id: put_strictly, do: set, target: hook, fields: [id], command: "curl -sf -X PUT https://hooks.example"}
    - {id: look, do: probe, target: api, expect: 200, command: curl https://api.example/health}
    - {id: whatever, do: run, command: ./stop.sh || true}
)");
  EXPECT_THAT(stage.traits("here").misdirected, HasSubstr("on this machine"));
  EXPECT_EQ(stage.traits("there").misdirected, "");
  EXPECT_EQ(stage.traits("there").destroys, "everything in the linked database");
  EXPECT_THAT(stage.traits("script").hides_failure, HasSubstr("ON_ERROR_STOP"));
  EXPECT_EQ(stage.traits("strict").hides_failure, "");
  EXPECT_EQ(stage.traits("shell").hides_failure, "");
  EXPECT_THAT(stage.traits("put").hides_failure, HasSubstr("curl exits 0"));
  EXPECT_EQ(stage.traits("put_strictly").hides_failure, "");
  EXPECT_EQ(stage.traits("look").hides_failure, "");
  EXPECT_THAT(stage.traits("whatever").hides_failure, HasSubstr("every failure"));
}

TEST(Flags, kept_in_a_table_are_lost_with_it) {
  Stage stage(R"(backout: 1
services:
  store: {kind: config, items: {x: "1"}}
  flags: {kind: flags, flags: {beta: true}, stored_in: store, table: feature_flags}
deploy:
  steps:
    - {id: turn_off, do: set, target: flags, key: beta, enabled: false}
)");
  // A store whose facts name no such table has lost it.
  EXPECT_EQ(stage.run("turn_off").message, "relation \"feature_flags\" does not exist");
}

TEST(Git, APushDeploysNothingThatWatchesAnotherBranch) {
  Stage stage(
      "backout: 1\nservices:\n  repo: {kind: git, branch: main}\n  web: {kind: app, deploys_on: "
      "{service: repo, branch: release}, versions: {v1: {}, v2: {}}, start: v1}\n"
      "  site: {kind: app, deploys_on: {service: repo, branch: main}, versions: {v1: {}, v2: {}}, "
      "start: v1}\n"
      "deploy:\n  steps:\n    - {id: merge, do: commit, target: repo, version: v2}\n    - {id: go, "
      "do: push, target: repo}\n");
  stage.run("merge");
  stage.run("go");
  EXPECT_EQ(stage.fact("web.version"), "v1");
  EXPECT_EQ(stage.fact("site.version"), "v2");
}

TEST(Git, WhetherAnAppWatchesABranchThatNobodyNamesIsUnknown) {
  for (const auto& [own, watched, why] :
       {std::tuple("unknown", ", branch: main",
                   "whether 'web' deploys from the branch that is pushed, the plan does not say"),
        std::tuple("main", ", branch: unknown",
                   "whether 'web' deploys from the branch that is pushed, the plan does not say"),
        std::tuple("unknown", "", "")}) {
    Stage stage(fmt::format(
        "backout: 1\nservices:\n  repo: {{kind: git, branch: {}, head: v1}}\n  web: {{kind: app, "
        "deploys_on: {{service: repo{}}}, versions: {{v1: {{}}, v2: {{}}}}, start: v1}}\n"
        "deploy:\n  steps:\n    - {{id: merge, do: commit, target: repo, version: v2}}\n    - "
        "{{id: go, do: push, target: repo}}\n",
        own, watched));
    stage.run("merge");
    const services::Outcome outcome = stage.run("go");
    EXPECT_EQ(outcome.result,
              *why == 0 ? services::Outcome::Result::done : services::Outcome::Result::opaque)
        << own << watched;
    EXPECT_EQ(outcome.message, why) << own << watched;
    EXPECT_EQ(stage.fact("web.version"), "v2") << own << watched;
  }
}

TEST(Cdn, NobodyKnowsWhatElseThereAreCopiesOf) {
  Stage stage(
      "backout: 1\nservices:\n  site: {kind: app, versions: {v1: {}, v2: {}}, start: v1}\n  edge: "
      "{kind: cdn, fronts: [site]}\n"
      "deploy:\n  steps:\n    - {id: go, do: deploy, target: site, version: v2}\n    - {id: one, "
      "do: purge, target: edge, path: /index.html}\n"
      "    - {id: all, do: purge, target: edge, path: /*}\n");
  stage.run("go");
  EXPECT_EQ(stage.run("one").message,
            "whether '/index.html' is all of which there are copies, the plan does not say");
  EXPECT_TRUE(stage.run("all").ok());
}

TEST(Cdn, WhatARuleMadeItKeepStaysUntilItIsPurged) {
  Stage stage(
      "backout: 1\nservices:\n  site: {kind: app, versions: {v1: {}}, start: v1}\n  edge: {kind: "
      "cdn, fronts: [site], rules: {cookies: never}}\n"
      "deploy:\n  steps:\n    - {id: go, do: set, target: edge, key: cookies, value: \"a, b\"}\n   "
      " - {id: back, do: set, target: edge, key: cookies, value: never}\n"
      "    - {id: all, do: purge, target: edge}\n    - {id: extra, do: set, target: edge, key: "
      "query, value: x}\n    - {id: less, do: unset, target: edge, key: query}\n");
  EXPECT_EQ(stage.undo("go").kind, services::Undo::Class::conditional);
  stage.run("go");
  stage.run("extra");
  stage.run("back");
  stage.run("less");
  EXPECT_EQ(stage.fact("edge.rules.cookies"), "never");
  EXPECT_EQ(stage.fact("edge.made_under.cookies"), "never,a; b");
  EXPECT_EQ(stage.fact("edge.made_under.query"), "(none),x");
  stage.run("all");
  EXPECT_EQ(stage.fact("edge.made_under.cookies"), "absent");
  EXPECT_EQ(stage.fact("edge.made_under.query"), "absent");
  stage.run("go");
  stage.run("all");  // what is kept from then on
  EXPECT_EQ(stage.fact("edge.made_under.cookies"), "a; b");
}

TEST(Reconcile, AsManyReplicasAsDeclaredAreNoChange) {
  Stage stage(
      "backout: 1\nservices:\n  web: {kind: app, instances: 20, versions: {v1: {}, v2: {}}, start: "
      "v1}\n"
      "  scaler: {kind: autoscaler, reconciles: {what: web, from: {replicas: \"20\"}}}\ndeploy:\n  "
      "steps:\n    - {id: go, do: deploy, target: web, version: v2}\n");
  stage.run("go");
  EXPECT_EQ(stage.fact("web.replicas"), "absent");
}

}  // namespace
}  // namespace backout::tests
