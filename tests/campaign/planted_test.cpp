// Plans with a planted defect of each class, in random surroundings: search and campaign must both
// find it, and must both be silent on the same plan without it.
#include <algorithm>
#include <array>
#include <iostream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "planted_defects.hpp"
#include "simulator/campaign/campaign.hpp"
#include "simulator/explored.hpp"
#include "simulator/testing/draw_plan.hpp"

namespace backout::simulator {
namespace {

constexpr std::uint64_t kSurroundings = 25;
constexpr std::uint64_t kRuns = 3'000;

/// Steps that have nothing to do with a defect: rows of a store of their own, which no fault kind
/// harms that the plan does not say how to survive.
const Vocabulary& surroundings() {
  static const Vocabulary kRows = [] {
    Vocabulary rows{{{"side", "{kind: sqlite, tables: {rows: 1}}", {}}}, {}, {}, {}};
    for (const char* row : {"one", "two", "three", "four"}) {
      rows.actions.push_back({{"side", fmt::format("do: write, target: side, row: {}", row)},
                              fmt::format("do: delete, target: side, row: {}", row),
                              fmt::format("{{fact: side.rows.{}, is: absent}}", row)});
    }
    return rows;
  }();
  return kRows;
}

void insert(Chooser& chooser, const std::vector<PlantedStep>& planted,
            std::vector<StepSketch>& steps) {
  std::size_t at = chooser.choose(steps.size() + 1);
  for (const PlantedStep& each : planted) {
    StepSketch step;
    step.id = each.id;
    step.action.text = each.text;
    step.needs = each.needs;
    steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(at++), step);
  }
}

std::string plan_of(const Planted& defect, const PlantedParts& parts, std::uint64_t seed) {
  SeededChooser chooser(seed);
  PlanSketch plan =
      draw_working_plan(chooser, surroundings(), {}, std::string(defect.fault) == "lying_ok");
  plan.traffic = std::max<std::int64_t>(plan.traffic, 1);
  for (const char* service : defect.services) {
    const std::string line = service;
    plan.services.push_back({line.substr(0, line.find(':')), line.substr(line.find('{')), {}});
  }
  if (defect.last) {
    insert(chooser, parts.rollback, plan.rollback);
    const auto last = std::ranges::find(plan.rollback, parts.rollback.back().id, &StepSketch::id);
    for (const StepSketch& step : plan.rollback) {
      const bool other = step.id != last->id && std::ranges::count(last->needs, step.id) == 0;
      if (other) last->needs.push_back(step.id);
    }
  } else {
    insert(chooser, parts.rollback, plan.rollback);
  }
  insert(chooser, parts.deploy, plan.deploy);
  return to_yaml(plan) + defect.more;
}

std::vector<std::string> kinds_of(const Planted& defect) {
  return *defect.fault == 0 ? std::vector<std::string>{} : std::vector<std::string>{defect.fault};
}

using Verdicts = std::array<std::uint64_t, kVerdicts>;

Tally run(const Loaded& loaded, std::int64_t faults, const std::vector<std::string>& kinds) {
  CampaignOptions options;
  options.faults = faults;
  options.fault_kinds = kinds;
  Campaign campaign(loaded.context, loaded.start, options);
  Tally tally = campaign.blank();
  campaign.run(0, kRuns, tally);
  return tally;
}

Verdicts campaign(const Loaded& loaded, const std::vector<std::string>& kinds) {
  Verdicts all{};
  for (const PathTally& path : run(loaded, 1, kinds).paths) {
    for (std::size_t i = 0; i < kVerdicts; ++i) all[i] += path.verdicts[i];
  }
  return all;
}

Verdicts search(const Loaded& loaded, std::int64_t faults, const std::vector<std::string>& kinds) {
  Verdicts all{};
  for (const Cell& cell : loaded.matrix(faults, kinds).cells) {
    all[static_cast<std::size_t>(cell.verdict)] += cell.applicable ? 1U : 0U;
  }
  return all;
}

bool has(const Verdicts& verdicts, Verdict verdict) {
  return verdicts[static_cast<std::size_t>(verdict)] > 0;
}

bool is_silent(const Verdicts& verdicts) {
  for (std::size_t i = 0; i < kVerdicts; ++i) {
    if (verdicts[i] > 0 && is_worse(static_cast<Verdict>(i), Verdict::restored_with_residue))
      return false;
  }
  return true;
}

TEST(PlantedDefects, AreOfEveryFaultKindAndEveryVerdict) {
  std::vector<std::string> missing;
  const std::vector<Planted> defects = planted::defects();
  for (const FaultInfo& info : fault_catalogue()) {
    const bool planted = std::ranges::any_of(
        defects, [&](const Planted& each) { return std::string(each.fault) == info.name; });
    if (!planted && info.set != FaultSet::timed) missing.push_back(info.name);
  }
  for (const Verdict verdict : {Verdict::stuck, Verdict::data_lost, Verdict::incompatible,
                                Verdict::too_slow, Verdict::unknown}) {
    if (std::ranges::count(defects, verdict, &Planted::verdict) == 0)
      missing.push_back(to_string(verdict));
  }
  EXPECT_EQ(missing, std::vector<std::string>{}) << "planted_defects.hpp has no class for these";
}

class PlantedDefect : public testing::TestWithParam<std::size_t> {};

TEST_P(PlantedDefect, IsFoundBySearchAndCampaignAndNothingElseIs) {
  const std::vector<Planted> defects = planted::defects();
  const Planted& defect = defects[GetParam()];
  const std::vector<std::string> kinds = kinds_of(defect);
  std::size_t searched = 0;
  std::size_t ran = 0;
  std::size_t alarms = 0;
  for (std::uint64_t seed = 0; seed < kSurroundings; ++seed) {
    const std::string bad = plan_of(defect, defect.bad, seed);
    SCOPED_TRACE(bad);
    const Loaded loaded(bad);
    const bool by_search = has(search(loaded, 1, kinds), defect.verdict);
    const bool by_campaign = has(campaign(loaded, kinds), defect.verdict);
    EXPECT_TRUE(by_search) << verdicts(loaded.matrix(1, kinds));
    EXPECT_TRUE(by_campaign);
    EXPECT_TRUE(kinds.empty() || is_silent(search(loaded, 0, {}))) << "without the fault\n"
                                                                   << verdicts(loaded.matrix(0));
    searched += by_search ? 1U : 0U;
    ran += by_campaign ? 1U : 0U;
    const std::string good = plan_of(defect, defect.good, seed);
    SCOPED_TRACE(good);
    const Loaded mended(good);
    const bool silent = is_silent(search(mended, 1, kinds)) && is_silent(campaign(mended, kinds));
    EXPECT_TRUE(silent) << verdicts(mended.matrix(1, kinds));
    alarms += silent ? 0U : 1U;
  }
  std::cout << fmt::format("{}{}{}: search {} of {}, campaign {} of {}, false alarms {} of {}\n",
                           defect.name, kinds.empty() ? "" : ", ", defect.fault, searched,
                           kSurroundings, ran, kSurroundings, alarms, kSurroundings);
}

INSTANTIATE_TEST_SUITE_P(Classes, PlantedDefect,
                         testing::Range<std::size_t>(0, planted::defects().size()));

/// Faults that change times and decisions only: campaigns have them, the search has no clock. The
/// two plans differ in a step or in what stands behind the steps.
struct TimedPlanted {
  const char* name;
  const char* fault;
  const char* bad_step;
  const char* good_step;
  const char* bad_more;
  const char* good_more;
};

constexpr const char* kOnTime = "objectives: {rto: 60m}\n";
constexpr const char* kDecides =
    "  rules:\n    - {id: broken, when: {metric: errors, op: gt, value: 50}, decide: rollback, "
    "path: full}\n"
    "    - {id: fine, when: otherwise, decide: monitor}\n";

std::vector<TimedPlanted> timed_defects() {
  static const std::string kHold = std::string(
                                       "decisions:\n  hit: first\n  metrics: {errors: {unit: "
                                       "percent, range: [0, 100], absent: hold}}\n") +
                                   kDecides;
  static const std::string kRoll = std::string(
                                       "decisions:\n  hit: first\n  metrics: {errors: {unit: "
                                       "percent, range: [0, 100], absent: roll_back}}\n") +
                                   kDecides;
  return {
      {"a step that may hang", "slow", "takes: 10m", "takes: 10m, timeout: 15m", kOnTime, kOnTime},
      {"a person who is not there", "nobody", "takes: 1m", "takes: 1m",
       "  response: {respond: 10m}\nobjectives: {rto: 60m}\n", kOnTime},
      {"a metric that nobody misses", "no_data", "takes: 1m", "takes: 1m", kHold.c_str(),
       kRoll.c_str()}};
}

/// Whether the fault makes a rollback late, or keeps one from being decided that is decided without
/// it.
bool harms(const Loaded& loaded, const std::string& kind) {
  const Tally tally = run(loaded, 1, {kind});
  EXPECT_TRUE(kind == "nobody" || tally.faults.at(kind) > 0);
  for (const PathTally& path : tally.paths) {
    if (!path.in_time_with_faults.empty() && path.in_time_with_faults.front() < path.with_faults)
      return true;
  }
  return tally.decisions.rolled_back < run(loaded, 0, {kind}).decisions.rolled_back;
}

TEST(TimedDefects, AreOfEveryTimedFaultKind) {
  for (const FaultInfo& info : fault_catalogue()) {
    const std::vector<TimedPlanted> defects = timed_defects();
    const bool planted = std::ranges::any_of(
        defects, [&](const TimedPlanted& each) { return std::string(each.fault) == info.name; });
    EXPECT_EQ(planted, info.set == FaultSet::timed) << info.name;
  }
}

TEST(TimedDefects, AreFoundByCampaignsAndNothingElseIs) {
  for (const TimedPlanted& timed : timed_defects()) {
    std::size_t found = 0;
    std::size_t alarms = 0;
    for (std::uint64_t seed = 0; seed < kSurroundings; ++seed) {
      const auto text = [&](const char* step, const char* more) {
        const std::string back = std::string(planted::kBack) + ", " + step;
        const Planted defect{timed.name,
                             Verdict::too_slow,
                             timed.fault,
                             {planted::kConf},
                             {{planted::kSet}, {{"q", back.c_str()}}},
                             {},
                             more};
        return plan_of(defect, defect.bad, seed);
      };
      const std::string bad = text(timed.bad_step, timed.bad_more);
      const std::string good = text(timed.good_step, timed.good_more);
      SCOPED_TRACE(bad + good);
      const bool harmed = harms(Loaded(bad), timed.fault);
      const bool alarm = harms(Loaded(good), timed.fault);
      EXPECT_TRUE(harmed);
      EXPECT_FALSE(alarm);
      found += harmed ? 1U : 0U;
      alarms += alarm ? 1U : 0U;
    }
    std::cout << fmt::format("{}, {}: campaign {} of {}, false alarms {} of {}\n", timed.name,
                             timed.fault, found, kSurroundings, alarms, kSurroundings);
  }
}

TEST(WorkingPlans, GiveNoFalseAlarm) {
  std::size_t alarms = 0;
  constexpr std::uint64_t kPlans = 1'000;
  for (std::uint64_t seed = 0; seed < kPlans; ++seed) {
    SeededChooser chooser(seed);
    const std::string text =
        to_yaml(draw_working_plan(chooser, small_vocabulary(), {}, seed % 2 == 0));
    SCOPED_TRACE(text);
    const Loaded loaded(text);
    std::vector<std::string> kinds = {"fail",         "fail_applied",    "half",
                                      "timeout_none", "timeout_applied", "late",
                                      "killed",       "second_run"};
    if (seed % 2 == 0) kinds.push_back("lying_ok");
    const bool silent = is_silent(search(loaded, 2, kinds)) && is_silent(campaign(loaded, kinds));
    EXPECT_TRUE(silent) << verdicts(loaded.matrix(2, kinds));
    alarms += silent ? 0U : 1U;
  }
  std::cout << fmt::format("false alarms: {} of {} working plans\n", alarms, kPlans);
}

}  // namespace
}  // namespace backout::simulator
