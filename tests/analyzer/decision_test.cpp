// Decision tables: gaps and conflicts of tables that are small enough to see them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analyzer/decision.hpp"

namespace backout::analyzer {
namespace {

using model::Condition;
using model::DecisionRule;
using Op = Condition::Op;
using Outcome = DecisionRule::Outcome;
using testing::ElementsAre;
using testing::IsEmpty;

Condition metric(const std::string& name, Op op, double value, double high = 0) {
  Condition condition;
  condition.name = name;
  condition.op = op;
  condition.value = value;
  condition.high = high;
  return condition;
}

Condition both(Condition one, Condition other) {
  Condition condition;
  condition.type = Condition::Type::all;
  condition.parts = {std::move(one), std::move(other)};
  return condition;
}

model::Decisions table(std::vector<std::pair<Condition, Outcome>> rules) {
  model::Decisions decisions;
  for (const char* name : {"errors", "users"}) {
    model::Metric each;
    each.name = name;
    each.high = 100;
    decisions.metrics.push_back(each);
  }
  for (auto& [when, decide] : rules) {
    DecisionRule rule;
    rule.when = std::move(when);
    rule.decide = decide;
    decisions.rules.push_back(std::move(rule));
  }
  return decisions;
}

std::vector<std::string> gap_texts(const model::Decisions& decisions) {
  std::vector<std::string> texts;
  for (const Region& region : gaps(decisions)) texts.push_back(region.text);
  return texts;
}

TEST(Gaps, LieBetweenThresholds) {
  EXPECT_THAT(gap_texts(table({{metric("errors", Op::gt, 1), Outcome::roll_back},
                               {metric("errors", Op::lt, 0.1), Outcome::monitor}})),
              ElementsAre("errors from 0.1 to 1"));
}

TEST(Gaps, MayBeOneValue) {
  EXPECT_THAT(gap_texts(table({{metric("errors", Op::gt, 1), Outcome::roll_back},
                               {metric("errors", Op::lt, 1), Outcome::monitor}})),
              ElementsAre("errors of exactly 1"));
}

TEST(Gaps, AreNoneWhereThresholdsMeet) {
  EXPECT_THAT(gap_texts(table({{metric("errors", Op::ge, 1), Outcome::roll_back},
                               {metric("errors", Op::lt, 1), Outcome::monitor}})),
              IsEmpty());
}

TEST(Gaps, AreNoneBelowTheOnlyTrigger) {
  EXPECT_THAT(gap_texts(table({{metric("errors", Op::gt, 5), Outcome::roll_back}})), IsEmpty());
}

TEST(Gaps, OfTwoMetricsAreOneBox) {
  // Rolled back from 10 on in both, watched below 1 in both; joined in one table by the last rule.
  const auto decisions =
      table({{metric("errors", Op::ge, 10), Outcome::roll_back},
             {metric("users", Op::ge, 10), Outcome::roll_back},
             {both(metric("errors", Op::lt, 1), metric("users", Op::lt, 1)), Outcome::monitor}});
  EXPECT_THAT(gap_texts(decisions), ElementsAre("errors below 10, users from 1 to below 10",
                                                "errors from 1 to below 10, users below 10"));
}

TEST(Gaps, AreManyOnlyUpToALimit) {
  std::vector<std::pair<Condition, Outcome>> rules;
  for (int i = 0; i < 20; ++i)
    rules.emplace_back(metric("errors", Op::between, 2 * i, 2 * i + 1), Outcome::monitor);
  const std::vector<std::string> texts = gap_texts(table(std::move(rules)));
  ASSERT_EQ(texts.size(), 9u);
  EXPECT_EQ(texts.back(), "11 smaller gaps of the same table");
}

TEST(Gaps, AreNoneWhereLowValuesAreTheBadOnes) {
  // Few users or many errors roll back: many users and few errors are what everybody wants.
  Condition either = both(metric("users", Op::lt, 95), metric("errors", Op::gt, 5));
  either.type = Condition::Type::any;
  EXPECT_THAT(gap_texts(table({{either, Outcome::roll_back}})), IsEmpty());
}

TEST(Conflicts, AreOverlapsThatDisagree) {
  const auto found = conflicts(table({{metric("errors", Op::gt, 5), Outcome::roll_back},
                                      {metric("errors", Op::lt, 10), Outcome::monitor}}));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].where, "errors above 5 to below 10");
}

TEST(Conflicts, AreNoneWhenTheFirstRuleWins) {
  auto decisions = table({{metric("errors", Op::gt, 5), Outcome::roll_back},
                          {metric("errors", Op::lt, 10), Outcome::monitor}});
  decisions.hit = "first";
  EXPECT_THAT(conflicts(decisions), IsEmpty());
}

TEST(Conflicts, AreNoneWhereAgreed) {
  EXPECT_THAT(conflicts(table({{metric("errors", Op::gt, 5), Outcome::roll_back},
                               {metric("errors", Op::gt, 50), Outcome::must_roll_back}})),
              IsEmpty());
}

TEST(UnknownThresholds, HideGaps) {
  auto decisions = table({{metric("errors", Op::gt, 1), Outcome::roll_back},
                          {metric("errors", Op::lt, 0.1), Outcome::monitor},
                          {metric("errors", Op::gt, 0), Outcome::maybe}});
  decisions.rules.back().when.value_unknown = true;
  EXPECT_THAT(gap_texts(decisions), IsEmpty());
}

}  // namespace
}  // namespace backout::analyzer
