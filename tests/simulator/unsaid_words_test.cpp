// What the reader of an UNKNOWN cell is told to write, and where.
#include "simulator/unsaid_words.hpp"

#include <gtest/gtest.h>

#include "services/stage.hpp"

namespace backout::tests {
namespace {

const model::Plan& plan() {
  static const model::Plan kPlan = load(
      "backout: 1\nname: unsaid\nservices:\n"
      "  key: {kind: secret, current: k1}\n"
      "  gh: {kind: ci, older_runs: unknown}\n"
      "  web: {kind: app, versions: {a: {}, b: {}}, start: a}\n"
      "deploy:\n  steps:\n"
      "    - {id: rotate, do: rotate, target: key, to: k2}\n"
      "    - {id: keep, do: rotate, target: key, to: k2, keep_old: unknown}\n");
  return kPlan;
}

TEST(UnsaidWords, AreNamedAtTheStepThatLacksThem) {
  EXPECT_EQ(
      simulator::what_to_say(plan(),
                             "what 'rotate' does is not known: whether 'k1' stays valid after "
                             "the rotation, the plan does not say (`keep_old`)"),
      "say it at 'rotate' (line 9): `keep_old`");
}

TEST(UnsaidWords, AreNamedWhereUnknownStands) {
  EXPECT_EQ(
      simulator::what_to_say(plan(),
                             "what 'keep' does is not known: what its `keep_old` is, the plan "
                             "does not say"),
      "write what `keep_old` of 'keep' is, in place of `unknown` (line 10)");
  EXPECT_EQ(
      simulator::what_to_say(plan(),
                             "what 'keep' does is not known: what `older_runs` of 'gh' is, the "
                             "plan does not say"),
      "write what `older_runs` of 'gh' is, in place of `unknown` (line 5)");
  EXPECT_EQ(simulator::what_to_say(
                plan(), "what 'keep' does is not known: it stands on `to` and on `keep_old`"),
            "write what `keep_old` of 'keep' is, in place of `unknown` (line 10)");
}

TEST(UnsaidWords, AreNamedAtTheServiceThatOwnsThem) {
  EXPECT_EQ(
      simulator::what_to_say(plan(),
                             "what 'rotate' does is not known: whether 'gh' still keeps it, the "
                             "plan does not say (`artefacts`, `retention` or `rebuilds` of 'gh')"),
      "say it at 'gh' (line 5): `artefacts` or `retention` or `rebuilds`");
}

TEST(UnsaidWords, OfAReasonWithoutAnyNothingIsSaid) {
  EXPECT_EQ(simulator::what_to_say(plan(), "'web' writes while the file is replaced"), "");
}

TEST(UnsaidWords, WhatTheServiceSaysIsSaidThereNotAtItsStep) {
  EXPECT_EQ(
      simulator::what_to_say(
          plan(), "what 'rotate' does is not known: how long, the plan does not say (`expires`)"),
      "say it at 'key' (line 4): `expires`");
}

TEST(UnsaidWords, AnAbsentFactOfAnotherNameIsAskedForByItsOwn) {
  EXPECT_EQ(simulator::what_to_check(
                "its check fails: job.running is absent, not true; 'job' has version, "
                "suspended"),
            "ask for a fact that 'job' has (`backout kinds` explains them)");
  EXPECT_EQ(simulator::what_to_check("its check fails: job.suspended is absent, not true"), "");
  EXPECT_EQ(simulator::what_to_check("'job' has stopped"), "");
}

}  // namespace
}  // namespace backout::tests
