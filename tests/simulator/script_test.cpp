// Scripts: traffic and faults as parts of their own, which compose to scenarios that can happen or
// are told why not.
#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "shrunk.hpp"
#include "simulator/testing/rapidcheck.hpp"
#include "support/process.hpp"

namespace backout::simulator {
namespace {

/// Two settings changed and taken back, an app that writes notes meanwhile.
const char* const kPlan = R"(backout: 1
name: script
services:
  conf: {kind: config, items: {a: "1", b: "1"}}
  memory: {kind: sqlite, tables: {notes: 1}}
  api: {kind: app, uses: [memory], start: v1,
        versions: {v1: {operations: {remember: {write: notes, on: memory}, think: {write: notes, on: memory}}}}}
limits: {traffic: 2}
residue: [{path: memory.rows, reason: live writes}]
deploy:
  steps:
    - {id: d_a, do: set, target: conf, key: a, value: "2", timeout: 1m}
    - {id: d_b, do: set, target: conf, key: b, value: "2"}
rollback:
  paths:
    full: {steps: [r_b, r_a]}
    half: {steps: [r_b], from: [d_b]}
  steps:
    - {id: r_b, do: set, target: conf, key: b, value: "1", retry: 1}
    - {id: r_a, do: set, target: conf, key: a, value: "1", timeout: 1m}
)";

struct Written {
  Written() : file(folder.write("plan.yaml", kPlan)), plan(file) {}
  std::string composed(const Script& script) {
    const auto scenario = plan.compose(script);
    if (scenario) return to_yaml(*scenario).substr(to_yaml(*scenario).find("deploy:"));
    std::string all;
    for (const model::Mistake& mistake : scenario.error())
      all += mistake.message + "; " + few(mistake.hint) + "\n";
    return all;
  }
  /// Without the kinds behind `lying_ok`: the catalogue grows there.
  static std::string few(const std::string& hint) {
    const std::size_t at = hint.find(", lying_ok");
    return at == std::string::npos ? hint : hint.substr(0, at + 10);
  }
  tests::TemporaryFolder folder;
  std::string file;
  PlanUnderTest plan;
};

const std::vector<std::string> kBoth = {"d_a", "d_b"};
const char* const kRemember = "'remember' of api@v1";
const char* const kThink = "'think' of api@v1";

TEST(Script, WithNothingOutOfTheOrdinaryIsThePlainScenario) {
  Written written;
  const Script plain = written.plan.plain_script();
  EXPECT_EQ(plain, (Script{kBoth, "full", {}, {}}));
  EXPECT_EQ(written.composed(plain),
            "deploy:\n  - {step: \"d_a\"}\n  - {step: \"d_b\"}\npath: \"full\"\nrollback: []\n");
  EXPECT_EQ(written.plan.play(*written.plan.compose(plain)).verdict, Verdict::restored);
  EXPECT_THROW(written.plan.plain_script("fall"), std::invalid_argument);
}

TEST(Script, ComposesTrafficAndFaultsOfEachAttempt) {
  Written written;
  const Script script{kBoth,
                      "full",
                      {{kRemember, "d_b"}, {kThink, "r_a"}},
                      {{"r_b", 1, Fault::fail, 0, ""},
                       {"r_b", 2, Fault::fail_applied, 0, ""},
                       {"r_a", 1, Fault::killed, 0, ""},
                       {"r_a", 1, Fault::fail, 0, ""},
                       {"r_a", 2, Fault::fail, 0, ""},
                       {"r_b", 3, Fault::fail, 0, ""}}};
  EXPECT_EQ(written.composed(script), R"(deploy:
  - {step: "d_a"}
  - {traffic: "'remember' of api@v1"}
  - {step: "d_b"}
path: "full"
rollback:
  - {step: "r_b", fault: fail, retries: [{fault: fail_applied}]}
  - {event: person}
  - {traffic: "'think' of api@v1"}
  - {event: killed}
  - {step: "r_b", fault: fail}
  - {step: "r_a", fault: fail}
  - {event: person, fault: fail}
)");
  const Played played = written.plan.play(*written.plan.compose(script));
  EXPECT_EQ(played.verdict, Verdict::restored) << played.reason;
  EXPECT_EQ(
      std::ranges::count_if(played.log, [](const Event& event) { return event.fault.has_value(); }),
      5);
}

TEST(Script, ALateEffectLandsWhereItIsTold) {
  Written written;
  const auto verdict = [&](const char* lands) {
    const Script script{
        {"d_a"}, "full", {}, {{"d_a", 1, Fault::late, 0, lands}, {"r_a", 1, Fault::fail, 0, ""}}};
    return written.plan.play(*written.plan.compose(script)).verdict;
  };
  EXPECT_EQ(verdict("r_a"), Verdict::restored);
  Script behind{{"d_a"}, "full", {}, {{"r_a", 1, Fault::late, 0, "r_a"}}};
  EXPECT_EQ(written.composed(behind), R"(deploy:
  - {step: "d_a"}
path: "full"
rollback:
  - {step: "r_b"}
  - {step: "r_a", fault: late}
  - {event: late}
)");
  behind.faults[0].lands = "r_b";
  EXPECT_EQ(written.composed(behind),
            "late at attempt 1 of 'r_a', before 'r_b': 'r_b' has no attempt after it, or another "
            "effect is late by then; \n");
  behind.faults[0].lands = "";
  EXPECT_EQ(written.composed(behind),
            "late at attempt 1 of 'r_a': 'lands' says before which step it takes effect; \n");
}

TEST(Script, SaysEverythingThatCannotHappenAndWhatCan) {
  Written written;
  const Script script{kBoth,
                      "full",
                      {{"'forget' of api@v1", "r_b"}, {kRemember, "r_c"}},
                      {{"r_b", 1, Fault::late, 0, "r_a"},
                       {"r_a", 2, Fault::fail, 0, ""},
                       {"r_a", 1, Fault::slow, 0, ""},
                       {"r_b", 1, Fault::killed, 0, ""}}};
  EXPECT_EQ(
      written.composed(script),
      R"(''forget' of api@v1' before 'r_b' cannot be served; possible there: 'remember' of api@v1, 'think' of api@v1
''remember' of api@v1' before 'r_c' cannot be served: the step does not begin in this run; 
late at attempt 1 of 'r_b', before 'r_a' cannot be; possible there: fail, fail_applied, lying_ok
fail at attempt 2 of 'r_a' cannot be: attempts at the step in this run: 1; 
slow at attempt 1 of 'r_a' cannot be; possible there: killed, fail, fail_applied, timeout_none, timeout_applied, late, lying_ok
killed at attempt 1 of 'r_b' cannot be; possible there: fail, fail_applied, lying_ok
)");
}

TEST(Script, SaysWhereTheDeployDoesNotGoOnAndWhichPathsThereAre) {
  Written written;
  EXPECT_EQ(
      written.composed({{"d_b"}, "full", {}, {}}),
      "'d_b' cannot run in the deploy here: it may not run yet, or no more; possible there: d_a\n");
  EXPECT_EQ(
      written.composed({{"d_a", "d_a"}, "full", {}, {}}),
      "'d_a' cannot run in the deploy here: it may not run yet, or no more; possible there: d_b\n");
  EXPECT_EQ(
      written.composed({kBoth, "full", {}, {{"d_a", 1, Fault::late, 0, "r_a"}}}),
      "'d_b' cannot run in the deploy here: the deploy stopped before; nothing may happen there\n");
  EXPECT_EQ(written.composed({{"d_a"}, "half", {}, {}}),
            "the plan does not offer 'half' after 'd_a'; possible there: full\n");
  EXPECT_EQ(written.composed({{"d_a"}, "third", {}, {}}),
            "the plan has no path 'third'; possible there: full\n");
}

TEST(Script, ShrinksByOneThingAfterTheOther) {
  const Script script{{"a"}, "full", {{"op", "r"}}, {{"r", 2, Fault::half, 1, ""}}};
  EXPECT_EQ(
      describe(script),
      "deploy: a\npath: full\ntraffic: 'op' before 'r'\nfault: half at attempt 2 of 'r', part 1\n");
  const std::vector<Script> expected = {
      {{}, "full", {{"op", "r"}}, {{"r", 2, Fault::half, 1, ""}}},
      {{"a"}, "full", {{"op", "r"}}, {}},
      {{"a"}, "full", {{"op", "r"}}, {{"r", 1, Fault::half, 1, ""}}},
      {{"a"}, "full", {{"op", "r"}}, {{"r", 2, Fault::half, 0, ""}}},
      {{"a"}, "full", {}, {{"r", 2, Fault::half, 1, ""}}}};
  EXPECT_EQ(simpler(script), expected);
  // Without the fault of the first attempt there is no second: what befell it comes at the first.
  using Faults = std::vector<FaultAt>;
  const FaultAt first{"r", 1, Fault::fail};
  const FaultAt second{"r", 2, Fault::fail_applied};
  const FaultAt earlier{"r", 1, Fault::fail_applied};
  EXPECT_EQ(simpler(Faults{first, second}),
            (std::vector<Faults>{{first}, {second}, {earlier}, {first, earlier}}));
}

/// What the log says that befell the run.
std::size_t faults_in(const Played& played) {
  return static_cast<std::size_t>(std::ranges::count_if(played.log, [](const Event& event) {
    const bool run_fault =
        event.actor == TraceLine::Actor::fault && event.step.empty();  // killed, second_run
    return run_fault || event.fault.has_value();
  }));
}

std::size_t served_in(const Played& played) {
  return static_cast<std::size_t>(
      std::ranges::count(played.log, TraceLine::Actor::traffic, &Event::actor));
}

RC_GTEST_PROP(ScriptProperty, OfAnyPlanPlaysAsItIsWritten, ()) {
  PlanUnderTest plan(*plans());
  const Script script = *scripts(plan, {.faults = 3, .traffic = 2, .path = {}});
  const Scenario scenario = *plan.compose(script);
  const Played played = plan.play(scenario);
  for (const model::Mistake& mistake : played.mistakes)
    RC_LOG() << mistake.message << "; " << mistake.hint << "\n";
  RC_ASSERT(played.mistakes.empty());
  RC_ASSERT(faults_in(played) == script.faults.size());
  RC_ASSERT(served_in(played) == script.traffic.size());
  RC_CLASSIFY(script.faults.size() > 1, "several faults");
  RC_CLASSIFY(!script.traffic.empty(), "traffic");
  // As a file it is the same.
  const auto read = load_scenario_text("scenario.yaml", to_yaml(scenario));
  RC_ASSERT(read.has_value());
  const auto same = [](const Happening& one, const Happening& other) { return one.same(other); };
  RC_ASSERT(std::ranges::equal(read->rollback, scenario.rollback, same));
  RC_ASSERT(std::ranges::equal(read->deploy, scenario.deploy, same));
}

/// Whether the part itself is not what cannot be. (With it the run may go another way than the
/// parts behind it ask for.)
template <typename Part>
bool can_be(const tl::expected<Scenario, std::vector<model::Mistake>>& composed, const Part& part) {
  return composed || std::ranges::none_of(composed.error(), [&](const model::Mistake& mistake) {
           return mistake.message.starts_with(describe(part));
         });
}

RC_GTEST_PROP(ScriptProperty, WhatCouldHappenBesidesCan, ()) {
  PlanUnderTest plan(*plans());
  const Script script = *scripts(plan);
  const std::vector<TrafficAt> served = plan.more_traffic(script);
  for (const TrafficAt& each : served) RC_ASSERT(std::ranges::count(served, each) == 1);
  for (const FaultAt& fault : plan.more_faults(script)) {
    Script more = script;
    more.faults.push_back(fault);
    // A late effect may be told to land where the run does not come when the step times out.
    if (fault.fault == Fault::late) continue;
    RC_LOG() << more;
    RC_ASSERT(can_be(plan.compose(more), fault));
  }
  for (const TrafficAt& traffic : plan.more_traffic(script)) {
    Script more = script;
    more.traffic.push_back(traffic);
    RC_LOG() << more;
    RC_ASSERT(can_be(plan.compose(more), traffic));
  }
}

/// "The price is in euros after every rollback" does not hold when a step lies.
TEST(Script, AFailureShrinksToTheOneFaultThatItNeeds) {
  Written written;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Script least = shrunk(scripts(written.plan, {.faults = 3, .traffic = 2, .path = "full"}),
                                seed, [&](const Script& script) {
                                  const Played played =
                                      written.plan.play(*written.plan.compose(script));
                                  return written.plan.fact(played, "conf.items.a") == "2";
                                });
    EXPECT_EQ(least.deploy, std::vector<std::string>{"d_a"}) << least;
    EXPECT_TRUE(least.traffic.empty()) << least;
    ASSERT_EQ(least.faults.size(), 1U) << least;
  }
}

TEST(Script, TrafficAndFaultsAreDrawnApartAndShrinkToNone) {
  Written written;
  const Script plain = written.plan.plain_script();
  std::size_t together = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const rc::Random random(seed);
    Script script = plain;
    script.traffic = traffic(written.plan, plain)(random, 100).value();
    EXPECT_LE(script.traffic.size(), 2U);
    EXPECT_TRUE(written.plan.compose(script));
    script.faults = faults(written.plan, plain, 3)(random, 100).value();
    EXPECT_LE(script.faults.size(), 3U);
    together +=
        written.plan.compose(script) && !script.traffic.empty() && !script.faults.empty() ? 1U : 0U;
  }
  EXPECT_GT(together, 10U);
  EXPECT_TRUE(shrunk(traffic(written.plan, plain), 1, [](const auto&) { return true; }).empty());
  const auto kills = [](const std::vector<FaultAt>& all) {
    return std::ranges::any_of(all,
                               [](const FaultAt& each) { return each.fault == Fault::killed; });
  };
  const std::vector<FaultAt> killed = shrunk(faults(written.plan, plain, 3), 1, kills);
  EXPECT_EQ(killed, (std::vector<FaultAt>{{"r_a", 1, Fault::killed, 0, ""}}));
}

}  // namespace
}  // namespace backout::simulator
