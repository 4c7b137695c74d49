// Campaigns against the search, against themselves on other machines, and against the scenarios
// that they write.
#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "simulator/campaign/fleet.hpp"
#include "simulator/campaign/tell.hpp"
#include "simulator/explored.hpp"
#include "simulator/testing/rapidcheck.hpp"

namespace backout::simulator {
namespace {

CampaignOptions with_faults(std::int64_t faults, std::uint64_t seed = 1) {
  CampaignOptions options;
  options.faults = faults;
  options.seed = seed;
  options.fault_kinds = {"all"};
  return options;
}

CampaignOutcome whole(const Loaded& loaded, const CampaignOptions& options, std::uint64_t from,
                      std::uint64_t to, std::uint64_t runs, std::size_t threads) {
  std::vector<std::unique_ptr<Loaded>> copies;
  std::vector<std::unique_ptr<Campaign>> campaigns;
  for (std::size_t i = 0; i < threads; ++i) {
    copies.push_back(std::make_unique<Loaded>((*loaded.plan.sources)[0].text()));
    campaigns.push_back(std::make_unique<Campaign>(copies[i]->context, copies[i]->start, options));
  }
  FleetRun run = run_fleet(campaigns, from, to, nullptr);
  CampaignOutcome outcome;
  outcome.head = head_of(*campaigns.front(), options, runs, "plan.yaml");
  outcome.done = {{from, from + run.done}};
  outcome.tally = std::move(run.tally);
  add_counterexamples(outcome, *campaigns.front());
  return outcome;
}

/// Where two texts part, with a little of both; empty: nowhere.
std::string difference(const std::string& one, const std::string& other) {
  if (one == other) return {};
  const auto at = static_cast<std::size_t>(std::ranges::mismatch(one, other).in1 - one.begin());
  const std::size_t from = at > 200 ? at - 200 : 0;
  return "..." + one.substr(from, 400) + "\n--- but ---\n..." + other.substr(from, 400);
}

TEST(Campaign, OfTwoReasonsAsBadTheOneAtTheEndCounts) {
  const Loaded loaded(R"(backout: 1
name: random
services:
  conf: {kind: config, items: {a: "1"}}
  other: {kind: config, items: {k: "1"}}
  api:
    kind: app
    uses: [conf]
    versions:
      old: {operations: {need: {require: items.a, on: conf}}}
      new: {operations: {need: {require: items.b, on: conf}}}
    start: old
invariants:
  has_k: {fact: other.items.k, is: "1", when: always}
deploy:
  steps:
    - {id: d0, do: set, target: conf, key: a, value: "1", needs: [], takes: 1-3m}
    - {id: d1, do: deploy, target: api, version: new, needs: [d0], takes: 2-5m}
    - {id: d2, do: set, target: other, key: k, value: "2", needs: [d1], takes: 3-7m}
rollback:
  paths:
    back: {steps: [u0, u1, u2], full: false}
    other: {steps: [u0, u1]}
  steps:
    - {id: u0, do: set, target: conf, key: a, value: "1", always: true, on_failure: "rollback:other", undoes: [d0], needs: [], takes: 1-3m}
    - {id: u1, do: set, target: other, key: k, value: "1", always: true, on_failure: "rollback:other", needs: [u0], takes: 2-5m}
    - {id: u2, do: set, target: conf, key: a, value: "1", always: true, on_failure: "goto:u0", undoes: [d0], needs: [u1], takes: 3-7m}
)");
  Campaign campaign(loaded.context, loaded.start, with_faults(2));
  Player player(campaign.setting(), campaign.course().runner(), campaign.course().judge(),
                campaign.deploys());
  int compared = 0;
  for (std::uint64_t run = 0; run < 500; ++run) {
    const auto record = campaign.tell(run);
    if (!record || record->verdict != Verdict::incompatible) continue;
    ++compared;
    EXPECT_EQ(player.play(scenario_of(campaign, *record, "plan.yaml")).reason, record->reason);
  }
  EXPECT_GT(compared, 20);
}

/// The walk of a campaign is quick because it goes over remembered transitions; taken again one by
/// one by the player, the same run must come to the same end. Empty: they all do.
std::string differing_run(const std::string& text) {
  const Loaded loaded(text);
  Campaign campaign(loaded.context, loaded.start, with_faults(2));
  Player player(campaign.setting(), campaign.course().runner(), campaign.course().judge(),
                campaign.deploys());
  for (std::uint64_t run = 0; run < 60; ++run) {
    const auto record = campaign.tell(run);
    if (!record) continue;
    const Scenario scenario = scenario_of(campaign, *record, "plan.yaml");
    const Played played = player.play(scenario);
    const bool same = std::string(to_string(played.verdict)) == to_string(record->verdict) &&
                      (is_worse(Verdict::restored_with_residue, played.verdict) ||
                       played.reason == record->reason);
    if (same && played.mistakes.empty()) continue;
    std::string told = to_yaml(scenario);
    for (const model::Mistake& mistake : played.mistakes)
      told += mistake.message + " " + mistake.hint + "\n";
    return told + to_string(played.verdict) + ": " + played.reason;
  }
  return {};
}

RC_GTEST_PROP(CampaignProperty, ARunTakenAgainStepByStepEndsTheSame, ()) {
  RC_ASSERT(differing_run(to_yaml(*plans())) == "");
}

TEST(Campaign, ARunInCirclesEndsWhereThePlayerEndsIt) {
  EXPECT_EQ(differing_run(R"(backout: 1
name: in circles, two transitions at a time
services:
  third: {kind: config, items: {m: "0"}}
deploy:
  steps: [{id: d0, do: task, text: nothing}]
rollback:
  steps:
    - {id: u0, do: task, text: nothing, optional: true, needs: []}
    - {id: u1, do: restore, target: third, from: latest, backup_first: true, on_failure: "goto:u0", needs: []}
)"),
            "");
}

TEST(Campaign, StepsOfThePathThatWasLeftAreNotCriticalOnTheOther) {
  const Loaded loaded(R"(backout: 1
name: another way
services:
  conf: {kind: config, items: {a: "1"}}
deploy:
  steps: [{id: d1, do: set, target: conf, key: a, value: "2", takes: 1m}]
rollback:
  paths: {long: {steps: [one, two, lost], full: true}, short: {steps: [back], full: true}}
  steps:
    - {id: one, do: set, target: conf, key: b, value: "1", takes: 1m}
    - {id: two, do: unset, target: conf, key: b, takes: 1m, needs: [one]}
    - {id: lost, do: restore, target: conf, from: nowhere, takes: 1m, needs: [two], on_failure: "rollback:short"}
    - {id: back, do: set, target: conf, key: a, value: "1", takes: 1m}
)");
  const CampaignOutcome outcome = whole(loaded, with_faults(0), 0, 500, 500, 1);
  const PathTally& brief = outcome.tally.paths.at(1);
  EXPECT_EQ(outcome.tally.paths.at(0).runs, 0U)
      << "the long path always goes over to the short one";
  EXPECT_GT(brief.runs, 0U);
  EXPECT_EQ(brief.critical.at(0).count(), brief.runs);
}

/// A restore throws away what was written since the copy was made; `rate` is how often that
/// happens.
PathTally losing(const std::string& rate) {
  const Loaded loaded(R"(backout: 1
name: back to the copy
services:
  memory: {kind: sqlite, tables: {notes: 2}}
  api: {kind: app, uses: [memory], versions: {old: {operations: {remember: {write: notes, on: memory}}}}, start: old}
workload: {remember: )" +
                      rate + R"(}
deploy:
  steps:
    - {id: copy, do: backup, target: memory, file: saved, takes: 1m}
    - {id: more, do: write, target: memory, row: more, takes: 60m, needs: [copy]}
rollback:
  steps: [{id: back, do: restore, target: memory, from: saved, takes: 20m}]
)");
  return whole(loaded, with_faults(0), 0, 2000, 2000, 1).tally.paths.at(0);
}

TEST(Campaign, LostWritesAreCountedInTimeAndAtTheRateOfTheirOperation) {
  const PathTally path = losing("2/min");
  ASSERT_GT(path.losing, 100U);
  EXPECT_EQ(path.lost_age.count(), path.losing);
  EXPECT_EQ(path.lost_at_rate.count(), path.losing);
  const std::int64_t oldest_ms = path.lost_age.max_ms();
  EXPECT_GT(oldest_ms, 60 * 60'000);
  EXPECT_LE(oldest_ms, 81 * 60'000);
  EXPECT_EQ(path.lost_at_rate.max_ms(), (oldest_ms + 15'000) / 30'000)
      << "a write each half minute, rounded";
  EXPECT_EQ(losing("48/d").lost_at_rate.max_ms(), 3) << "two an hour: 2.02 to 2.7";
}

TEST(Campaign, LostWritesOfAnUnknownRateAreCountedInTimeOnly) {
  const PathTally path = losing("unknown");
  EXPECT_EQ(path.lost_age.count(), path.losing);
  EXPECT_EQ(path.lost_at_rate.count(), 0U);
}

TEST(Campaign, ARunThatGrowsForEverIsGivenUp) {
  const Loaded loaded(R"(backout: 1
name: round and round
services:
  api: {kind: app, versions: {v1: {}, v2: {}}, start: v1}
  conf: {kind: config, items: {a: "1"}}
deploy:
  steps:
    - {id: release, do: deploy, target: api, version: v2, takes: 1m}
rollback:
  paths: {back: {steps: [again, forth, lost], full: true}}
  steps:
    - {id: again, do: deploy, target: api, version: v1, takes: 1m}
    - {id: forth, do: deploy, target: api, version: v2, takes: 1m}
    - {id: lost, do: restore, target: conf, from: nowhere, takes: 1m, on_failure: "goto:again"}
)");
  Campaign campaign(loaded.context, loaded.start, with_faults(0));
  Player player(campaign.setting(), campaign.course().runner(), campaign.course().judge(),
                campaign.deploys());
  const auto record = campaign.tell(1);
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->verdict, Verdict::stuck);
  const Played played = player.play(scenario_of(campaign, *record, "plan.yaml"));
  EXPECT_EQ(played.verdict, Verdict::stuck);
  EXPECT_EQ(played.reason, record->reason);
  EXPECT_EQ(played.reason, "the run goes round in circles and never ends");
}

/// What chance finds, the search of everything must have found: from the stop of the run, by its
/// path. Chance takes opaque steps to do what they are there for, so that is what the search is
/// held against.
RC_GTEST_PROP(CampaignProperty, NoRunIsWorseThanTheMatrixSays, ()) {
  const std::string text = to_yaml(*plans());
  const Loaded loaded(text);
  const Matrix matrix = loaded.matrix_if_all_works(1, {"all"});
  if (matrix.completeness.level != Completeness::Level::exhaustive) return;
  Campaign campaign(loaded.context, loaded.start, with_faults(1));
  for (std::uint64_t run = 0; run < 150; ++run) {
    const auto record = campaign.tell(run);
    if (!record) continue;
    const Cell& cell = matrix.cells[record->row * matrix.paths.size() + record->path];
    RC_LOG() << "run " << run << ": " << to_string(record->verdict) << " " << record->reason
             << " in " << cell.interruption;
    RC_ASSERT(!is_worse(record->verdict, cell.verdict));
  }
}

RC_GTEST_PROP(CampaignProperty, ThreadsAndShardsGiveTheSameBytes, ()) {
  const Loaded loaded(to_yaml(*plans()));
  const CampaignOptions options = with_faults(1, *rc::gen::arbitrary<std::uint64_t>());
  constexpr std::uint64_t kRuns = 10'000;
  const std::string one = to_json(whole(loaded, options, 0, kRuns, kRuns, 1), "v");
  RC_ASSERT(difference(one, to_json(whole(loaded, options, 0, kRuns, kRuns, 3), "v")) == "");
  const auto cut = *rc::gen::inRange<std::uint64_t>(0, kRuns + 1);
  std::vector<CampaignOutcome> parts;
  for (const auto& [from, to] : {std::pair{cut, kRuns}, std::pair{std::uint64_t{0}, cut}}) {
    auto read = from_json(to_json(whole(loaded, options, from, to, kRuns, 1), "v"));
    RC_ASSERT(read.has_value());
    parts.push_back(std::move(*read));
  }
  const auto merged = merge(std::move(parts));
  RC_ASSERT(merged.has_value());
  RC_ASSERT(difference(one, to_json(*merged, "v")) == "");
}

/// A counterexample fails as the run did, and nothing more can be taken from it.
RC_GTEST_PROP(CampaignProperty, CounterexamplesFailAsTheRunDidAndAreSmall, ()) {
  const std::string text = to_yaml(*plans());
  const Loaded loaded(text);
  Campaign campaign(loaded.context, loaded.start, with_faults(2));
  Player player(campaign.setting(), campaign.course().runner(), campaign.course().judge(),
                campaign.deploys());
  int looked_at = 0;
  for (std::uint64_t run = 0; run < 200 && looked_at < 3; ++run) {
    const auto record = campaign.tell(run);
    if (!record || !is_worse(record->verdict, Verdict::restored_with_residue)) continue;
    ++looked_at;
    const auto small = counterexample(campaign, run, "plan.yaml");
    RC_ASSERT(small.has_value());
    const auto read = load_scenario_text("small.yaml", to_yaml(*small));
    RC_ASSERT(read.has_value());
    RC_ASSERT(to_yaml(*read) == to_yaml(*small));
    const Played played = player.play(*read);
    RC_LOG() << to_yaml(*small);
    RC_ASSERT(played.mistakes.empty());
    RC_ASSERT(played.verdict == record->verdict);
    RC_ASSERT(played.reason == record->reason);
    const Played whole = player.play(scenario_of(campaign, *record, "plan.yaml"));
    RC_ASSERT(played.deploy.size() + played.rollback.size() <=
              whole.deploy.size() + whole.rollback.size());
    for (std::size_t i = 0; i < small->deploy.size(); ++i) {
      Scenario less = *small;
      less.deploy.erase(less.deploy.begin() + static_cast<std::ptrdiff_t>(i));
      const Played other = player.play(less);
      const bool smaller = other.deploy.size() + other.rollback.size() <
                           played.deploy.size() + played.rollback.size();
      RC_ASSERT(!smaller || other.verdict != played.verdict || other.reason != played.reason);
    }
  }
}

constexpr const char* kTimed = R"(backout: 1
services:
  conf: {kind: config, items: {a: "1"}}
  api: {kind: app, versions: {v1: {}, v2: {}}, start: v1}
deploy:
  steps:
    - {id: d1, do: set, target: conf, key: a, value: "2", takes: 1m}
    - {id: d2, do: deploy, target: api, version: v2, takes: 1m}
objectives: {rto: 10m}
rollback:
  response: {detect: 1m, decide: 2m}
  steps:
    - {id: slow, do: deploy, target: api, version: v1, needs: [], takes: 4m, verify: [{manual: looks well, for: 1m}]}
    - {id: quick, do: set, target: conf, key: a, value: "1", needs: [], takes: 1m}
    - {id: last, do: task, needs: [slow, quick], takes: 30s, by: human}
)";

TEST(CampaignTest, TimesAreThoseOfTheCriticalPath) {
  const Loaded loaded(kTimed);
  const CampaignOutcome outcome = whole(loaded, with_faults(0), 0, 1'000, 1'000, 1);
  const PathTally& path = outcome.tally.paths.at(0);
  EXPECT_EQ(path.runs, 1'000u);
  EXPECT_EQ(path.with_faults, 0u);
  const std::vector<std::int64_t> expected = {60'000, 120'000, 270'000, 60'000,
                                              510'000};  // detect ... total
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(path.plain[i].min_ms(), expected[i]) << kPhases[i];
    EXPECT_EQ(path.plain[i].max_ms(), expected[i]) << kPhases[i];
  }
  EXPECT_EQ(path.in_time.at(0), 1'000u);
  EXPECT_EQ(path.critical.at(0).count(), 1'000u);  // slow
  EXPECT_EQ(path.critical.at(1).count(), 0u);      // quick
  EXPECT_EQ(path.critical.at(2).count(), 1'000u);  // last
}

TEST(CampaignTest, EveryFaultKindOfTheCatalogueFires) {
  std::string text = kTimed;
  text.replace(text.find("takes: 4m"), 9, "takes: 4m, timeout: 5m");
  const Loaded loaded(text);
  const CampaignOutcome outcome = whole(loaded, with_faults(1), 0, 40'000, 40'000, 1);
  // Nothing in this plan has parts, a check, a database, a copy, or a metric.
  const std::set<std::string> no_room = {"half",  "lying_check",  "connected", "corrupt",
                                         "stale", "wrong_format", "no_data"};
  for (const auto& [kind, times] : outcome.tally.faults) {
    if (no_room.contains(kind))
      EXPECT_EQ(times, 0u) << kind;
    else
      EXPECT_GT(times, 20u) << kind;
  }
  EXPECT_EQ(outcome.tally.faults.size(), kFaultCount);
}

TEST(CampaignTest, WhatIsWrongWithACopyFires) {
  const Loaded loaded(R"(backout: 1
services:
  db: {kind: postgres, tables: {t: {rows: 2, columns: {id: int}}}}
deploy:
  steps:
    - {id: d1, do: sql, target: db, text: "ALTER TABLE t ADD COLUMN c int", takes: 1m}
    - {id: d2, do: backup, target: db, file: saved, takes: 1m}
rollback:
  paths: {full: {steps: [r1, r2], full: true}}
  steps:
    - {id: r1, do: restore, target: db, from: saved, clean: true, takes: 1m}
    - {id: r2, do: sql, target: db, text: "ALTER TABLE t DROP COLUMN c", takes: 1m}
)");
  const CampaignOutcome outcome = whole(loaded, with_faults(1), 0, 20'000, 20'000, 1);
  for (const char* kind : {"gone", "corrupt", "stale", "wrong_format"}) {
    EXPECT_GT(outcome.tally.faults.at(kind), 20u) << kind;
  }
}

TEST(CampaignTest, ObjectivesThatAreMissedMakeARunTooSlow) {
  std::string text = kTimed;
  text.replace(text.find("rto: 10m"), 8, "rto: 8m");
  const Loaded loaded(text);
  const CampaignOutcome outcome = whole(loaded, with_faults(0), 0, 100, 100, 1);
  EXPECT_EQ(outcome.tally.paths.at(0).verdicts[static_cast<std::size_t>(Verdict::too_slow)], 100u);
  EXPECT_EQ(outcome.tally.paths.at(0).in_time.at(0), 0u);
}

TEST(MergeTest, RefusesWhatDoesNotBelongTogether) {
  const Loaded loaded(kTimed);
  const auto part = [&](std::uint64_t from, std::uint64_t to, std::uint64_t seed) {
    return whole(loaded, with_faults(0, seed), from, to, 100, 1);
  };
  EXPECT_EQ(merge({part(0, 50, 1), part(50, 100, 2)}).error(), "their seeds differ: 1 and 2");
  EXPECT_EQ(merge({part(0, 60, 1), part(50, 100, 1)}).error(), "runs 50 to 59 are in two of them");
  const auto gap = merge({part(0, 40, 1), part(50, 100, 1)});
  ASSERT_TRUE(gap.has_value());
  EXPECT_FALSE(gap->complete());
  EXPECT_TRUE(merge({part(50, 100, 1), part(0, 50, 1)})->complete());
  EXPECT_FALSE(from_json("{}").has_value());
  EXPECT_FALSE(from_json("[1,").has_value());
}

constexpr const char* kDecided = R"(backout: 1
services:
  db: {kind: postgres, tables: {calls: {columns: {id: int, note: text}}}}
  api: {kind: app, uses: [db], versions: {v1: {inserts: {calls: [note]}}, v2: {}}, start: v1}
deploy:
  steps:
    - {id: d1, do: sql, target: db, text: "ALTER TABLE calls DROP COLUMN note"}
rollback:
  paths: {full: {steps: [r1], full: true}, other: {steps: [r1]}}
  steps:
    - {id: r1, do: sql, target: db, text: "ALTER TABLE calls ADD COLUMN note text"}
decisions:
  hit: first
  metrics: {errors: {unit: percent, measures: refused}}
  rules:
    - {id: broken, when: {metric: errors, op: gt, value: 50}, decide: rollback, path: full}
    - {id: fine, when: otherwise, decide: monitor}
)";

/// How long the slowest run with faults of this kind took, and how often it fired.
std::pair<std::int64_t, std::uint64_t> slowest(const std::string& kind) {
  const Loaded loaded(R"(backout: 1
services:
  conf: {kind: config, items: {a: "1"}}
deploy:
  steps: [{id: d1, do: set, target: conf, key: a, value: "2", takes: 1m}]
rollback:
  response: {detect: 1m, respond: 1m}
  paths: {full: {steps: [r1], full: true}}
  steps: [{id: r1, do: set, target: conf, key: a, value: "1", takes: 2m}]
)");
  CampaignOptions options = with_faults(1);
  options.fault_kinds = {kind};
  const CampaignOutcome outcome = whole(loaded, options, 0, 2'000, 2'000, 1);
  return {outcome.tally.paths[0].faulty.max_ms(), outcome.tally.faults.at(kind)};
}

TEST(Campaign, TimedFaultsCostTime) {
  const auto [slow, slow_fired] = slowest("slow");
  EXPECT_GT(slow_fired, 100U);
  EXPECT_EQ(slow, (1 + 1 + 20) * 60'000);
  const auto [nobody, nobody_fired] = slowest("nobody");
  EXPECT_GT(nobody_fired, 100U);
  EXPECT_EQ(nobody, (1 + 10 + 2) * 60'000);
}

TEST(TriggersTest, MetricsAreAbsentInSomeRuns) {
  CampaignOptions options = with_faults(1);
  options.fault_kinds = {"no_data"};
  EXPECT_GT(whole(Loaded(kDecided), options, 0, 2'000, 2'000, 1).tally.faults.at("no_data"), 100U);
}

TEST(TriggersTest, AnAbsentMetricMeansWhatThePlanSays) {
  const auto decided = [](const std::string& absent) {
    std::string text = kDecided;
    const std::string metric = "measures: refused";
    text.replace(text.find(metric), metric.size(), "range: [0, 100]" + absent);
    const Loaded loaded(text);
    Campaign campaign(loaded.context, loaded.start, with_faults(0));
    Triggers triggers(campaign.setting());
    Draws draws(1, 1);
    return triggers.decide(Worlds::start(), draws, true);
  };
  EXPECT_EQ(decided(", absent: roll_back").path, 0U);
  EXPECT_EQ(decided(", absent: hold").rule, 1U);
  EXPECT_EQ(decided(", absent: hold").path, model::kNone);
  EXPECT_EQ(decided("").rule, 1U) << "otherwise speaks when nothing else is known to hold";
}

TEST(TriggersTest, MeasuredMetricsFollowTheWorld) {
  const Loaded loaded(kDecided);
  Campaign campaign(loaded.context, loaded.start, with_faults(0));
  Triggers triggers(campaign.setting());
  Draws draws(1, 1);
  const Decided healthy = triggers.decide(Worlds::start(), draws);
  EXPECT_EQ(healthy.rule, 1u);
  EXPECT_EQ(healthy.path, model::kNone);
  const std::size_t stop =
      campaign.deploys().stops(campaign.deploys().interruptions().size() - 1).front();
  const Decided broken = triggers.decide(campaign.deploys().state(stop).world, draws);
  EXPECT_EQ(broken.rule, 0u);
  EXPECT_EQ(broken.path, 0u);
}

}  // namespace
}  // namespace backout::simulator
