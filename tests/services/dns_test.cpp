// Which answers of a zone are still about, and for how long.
#include "services/dns.hpp"

#include <fmt/format.h>

#include "services/stage.hpp"

namespace backout::tests {
namespace {

Stage zone(const std::string& fields, const std::string& steps) {
  return Stage("backout: 1\nservices:\n  zone: {kind: dns, records: {www: a.example}" + fields +
               "}\ndeploy:\n  steps:\n" + steps);
}

const char* const kSteps =
    "    - {id: lower, do: set, target: zone, record: www, value: a.example, ttl: 1m}\n    - {id: "
    "to, do: set, target: zone, record: www, value: b.example}\n"
    "    - {id: back, do: set, target: zone, record: www, value: a.example}\n    - {id: gone, do: "
    "remove, target: zone, record: www}\n"
    "    - {id: wait, do: wait_ttl, target: zone, record: www}\n";

/// "www b.example 1h", one after the other.
std::string kept(const Stage& stage) {
  std::string all;
  for (const services::KeptAnswer& answer :
       services::kept_answers(stage.context(), stage.world, 0)) {
    const std::string time = answer.longest_ms ? model::format_ms(*answer.longest_ms) : "unknown";
    all += fmt::format("{}{} {} {}", all.empty() ? "" : ", ", answer.record,
                       answer.value.empty() ? "none" : answer.value, time);
  }
  return all;
}

TEST(Dns, WhoeverAskedKeepsTheAnswerInBothDirections) {
  Stage stage = zone(", ttl: 1h", kSteps);
  EXPECT_EQ(kept(stage), "");
  stage.run("to");
  EXPECT_EQ(kept(stage), "www a.example 1h");
  stage.run("back");
  EXPECT_EQ(kept(stage), "www b.example 1h");
}

TEST(Dns, ALoweredTtlCountsForThoseWhoAskFromThenOn) {
  Stage stage = zone(", ttl: 1h", kSteps);
  stage.run("lower");
  EXPECT_EQ(kept(stage), "");
  stage.run("to");
  EXPECT_EQ(kept(stage), "www a.example 1h");
  stage.run("back");
  EXPECT_EQ(kept(stage), "www b.example 1m");
}

TEST(Dns, AfterItsTtlNobodyGoesByTheLongerAnswer) {
  Stage stage = zone(", ttl: 1h", kSteps);
  for (const char* step : {"lower", "wait", "to"}) stage.run(step);
  EXPECT_EQ(kept(stage), "www a.example 1m");
}

TEST(Dns, ThatThereIsNoRecordIsKeptToo) {
  Stage stage = zone(", ttl: 1h, negative_ttl: 15m", kSteps);
  stage.run("gone");
  EXPECT_EQ(kept(stage), "www a.example 1h");
  stage.run("to");
  EXPECT_EQ(kept(stage), "www none 15m, www a.example 1h");
}

TEST(Dns, WhatThePlanDoesNotSayIsUnknown) {
  Stage stage = zone("", kSteps);
  stage.run("to");
  EXPECT_EQ(kept(stage), "www a.example unknown");
}

TEST(Dns, ARecordIsTakenBackByItsOldValue) {
  Stage stage = zone(", ttl: 1h", kSteps);
  const services::Undo undo = stage.undo("to");
  EXPECT_EQ(undo.kind, services::Undo::Class::exact);
  ASSERT_EQ(undo.actions.size(), 1U);
  EXPECT_EQ(undo.actions.front().args.text("value"), "a.example");
}

TEST(Dns, LeadsUsersToTheServiceThatARecordNames) {
  Stage stage(
      "backout: 1\nservices:\n  zone: {kind: dns, records: {www: a}, ttl: 1h}\n  a: {kind: app, "
      "versions: {v: {}}, start: v}\n  b: {kind: app, versions: {v: {}}, start: v}\n"
      "deploy:\n  steps:\n    - {id: to, do: set, target: zone, record: www, value: b}\n    - {id: "
      "wait, do: wait_ttl, target: zone, record: www}\n");
  const model::ServiceIndex a = stage.plan().find_service("a");
  const model::ServiceIndex b = stage.plan().find_service("b");
  EXPECT_EQ(services::blocked(stage.context(), stage.world, a), "");
  EXPECT_EQ(services::blocked(stage.context(), stage.world, b), "no record of 'zone' leads to it");
  stage.run("to");
  EXPECT_EQ(services::blocked(stage.context(), stage.world, a), "")
      << "who asked before still comes";
  EXPECT_EQ(services::blocked(stage.context(), stage.world, b), "");
  stage.run("wait");
  EXPECT_EQ(services::blocked(stage.context(), stage.world, a), "no record of 'zone' leads to it");
}

TEST(Dns, AnAppIsReachedThroughAnyOfItsZones) {
  Stage stage(
      "backout: 1\nservices:\n  pub: {kind: dns, records: {www: a}, ttl: 1h}\n  old: {kind: dns, "
      "records: {legacy: a, more: a}, ttl: 1m}\n  a: {kind: app, versions: {v: {}}, start: v}\n"
      "  b: {kind: app, versions: {v: {}}, start: v}\ndeploy:\n  steps:\n    - {id: drop, do: "
      "remove, target: old, record: legacy}\n    - {id: drop_more, do: remove, target: old, "
      "record: more}\n"
      "    - {id: to, do: set, target: pub, record: www, value: b}\n    - {id: wait, do: wait_ttl, "
      "target: pub, record: www}\n");
  const model::ServiceIndex a = stage.plan().find_service("a");
  for (const char* step : {"drop", "drop_more"}) EXPECT_TRUE(stage.run(step).ok());
  EXPECT_EQ(services::blocked(stage.context(), stage.world, a), "") << "'pub' still leads to it";
  stage.run("to");
  EXPECT_EQ(services::blocked(stage.context(), stage.world, a), "")
      << "who asked 'pub' before still comes";
  stage.run("wait");
  EXPECT_EQ(services::blocked(stage.context(), stage.world, a),
            "no record of 'old' or 'pub' leads to it");
}

}  // namespace
}  // namespace backout::tests
