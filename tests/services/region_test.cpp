// Where the users of a region go, what the places bear, and a deploy that goes from place to place.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "services/stage.hpp"

namespace backout::tests {
namespace {

Stage three(const std::string& bears, const std::string& steps) {
  std::string text = "backout: 1\nservices:\n";
  for (const char* place : {"a", "b", "c"})
    text += std::string("  ") + place +
            ": {kind: app, images: [v1, v2], versions: {v1: {}, v2: {}, v3: {}}, start: v1}\n";
  return Stage(text + "  places: {kind: region, places: [a, b, c]" + bears +
               "}\ndeploy:\n  steps:\n" + steps);
}

TEST(Region, DrainsOnlyWhatTheOthersBear) {
  Stage stage = three(", bears: 50",
                      "    - {id: a, do: drain, target: places, place: a}\n    - {id: b, do: "
                      "drain, target: places, place: b}\n");
  EXPECT_TRUE(stage.run("a").ok());
  EXPECT_EQ(stage.run("b").message,
            "each of the 1 places that are left gets 100 % of the users and bears 50 %");
}

TEST(Region, PlacesMayBearDifferentShares) {
  Stage stage = three(", bears: {a: 100, b: 30, c: 30}",
                      "    - {id: a, do: drain, target: places, place: a}\n    - {id: b, do: "
                      "drain, target: places, place: b}\n");
  EXPECT_EQ(stage.run("a").message,
            "each of the 2 places that are left gets 50 % of the users and bears 30 %");
  EXPECT_TRUE(stage.run("b").ok());
}

TEST(Region, WhatAPlaceBearsMayBeUnsaid) {
  for (const char* rest : {"", ", c: unknown"}) {
    Stage stage = three(std::string(", bears: {a: 100, b: 30") + rest + "}",
                        "    - {id: a, do: drain, target: places, place: a}\n    - {id: b, do: "
                        "drain, target: places, place: b}\n");
    const services::Outcome outcome = stage.run("a");
    EXPECT_EQ(outcome.result, services::Outcome::Result::opaque);
    EXPECT_EQ(outcome.message, "what 'c' bears, the plan does not say");
    EXPECT_TRUE(stage.run("b").ok()) << "one bears all users";
  }
}

/// The mistakes of a balancer and of a region whose `bears` is this.
std::vector<std::string> mistakes_of_bears(const std::string& bears) {
  const model::Plan plan = load(
      "backout: 1\nservices:\n  a: {kind: app, versions: {v1: {}}, start: v1}\n  b: {kind: app, "
      "versions: {v1: {}}, start: v1}\n"
      "  lb: {kind: load_balancer, sides: {a: a, b: b}, live: a, bears: " +
      bears +
      "}\n"
      "  places: {kind: region, places: [a, b], bears: " +
      bears + "}\ndeploy: {steps: []}\n");
  std::vector<model::Mistake> mistakes;
  services::initial_world(services::Context(plan), mistakes);
  std::vector<std::string> told;
  for (const model::Mistake& mistake : mistakes) {
    const model::Place place = plan.sources->place(mistake.span);
    told.push_back(
        fmt::format("{}:{}: {} ({})", place.line, place.column, mistake.message, mistake.hint));
  }
  return told;
}

TEST(Bears, IsAWholeNumberOrUnknownOfEachThatUsersAreSentTo) {
  using ::testing::ElementsAre;
  using ::testing::IsEmpty;
  for (const char* fine : {"60", "0", "unknown", "{a: 60, b: unknown}", "{a: 150}"})
    EXPECT_THAT(mistakes_of_bears(fine), IsEmpty()) << fine;
  for (const char* wrong : {"60%", "half", "[60]", "-1", "0.5"}) {
    EXPECT_THAT(mistakes_of_bears(wrong),
                ElementsAre("5:66: what each part of 'lb' bears is a whole number, in percent of "
                            "all users (like 60; or unknown)",
                            "6:49: what each part of 'places' bears is a whole number, in percent "
                            "of all users (like 60; or unknown)"))
        << wrong;
  }
  EXPECT_THAT(
      mistakes_of_bears("{a: much, z: 10}"),
      ElementsAre(
          "5:70: what 'a' bears is a whole number, in percent of all users (like 60; or unknown)",
          "5:76: 'lb' sends no users to 'z' (known: a, b)",
          "6:53: what 'a' bears is a whole number, in percent of all users (like 60; or unknown)",
          "6:59: 'places' sends no users to 'z' (known: a, b)"));
}

TEST(Region, APlaceThatDoesNotAnswerTakesNobody) {
  Stage stage = three("",
                      "    - {id: stop_b, do: stop, target: b}\n    - {id: stop_c, do: stop, "
                      "target: c}\n    - {id: a, do: drain, target: places, place: a}\n");
  stage.run("stop_b");
  stage.run("stop_c");
  EXPECT_EQ(stage.run("a").message, "no place would be left that answers");
}

TEST(Region, ADrainedPlaceGetsNoWork) {
  Stage stage = three("", "    - {id: drain, do: drain, target: places, place: a}\n");
  EXPECT_EQ(services::blocked(stage.context(), stage.world, 0), "");
  stage.run("drain");
  EXPECT_EQ(services::blocked(stage.context(), stage.world, 0),
            "'places' sends its users elsewhere");
  EXPECT_EQ(services::blocked(stage.context(), stage.world, 1), "");
}

TEST(Region, ADeployGoesFromPlaceToPlaceInItsOrder) {
  Stage stage = three("",
                      "    - {id: go, do: deploy, target: places, version: v2, order: [c, a, b]}\n "
                      "   - {id: back, do: deploy, target: places, version: v1}\n");
  const auto parts = services::parts_of(stage.context(), stage.world, stage.action("go"));
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_TRUE(stage.run(parts[0]).ok());
  EXPECT_EQ(stage.fact("c.version"), "v2");
  EXPECT_EQ(stage.fact("a.version"), "v1");
  EXPECT_TRUE(stage.run("go").ok());
  EXPECT_EQ(stage.fact("b.version"), "v2");
  EXPECT_TRUE(stage.run("back").ok());
  EXPECT_EQ(stage.fact("a.version"), "v1");
}

TEST(Region, ADeployStopsAtThePlaceThatRefuses) {
  Stage stage(
      "backout: 1\nservices:\n  a: {kind: ecs, versions: {v1: {}, v2: {}}, start: v1}\n  b: {kind: "
      "app, images: [v1, v2], versions: {v1: {}, v2: {}}, start: v1}\n"
      "  c: {kind: app, images: [v1, v2], versions: {v1: {}, v2: {}}, start: v1}\n  places: {kind: "
      "region, places: [a, b, c]}\n"
      "deploy:\n  steps:\n    - {id: gone, do: deregister, target: a, version: v2}\n    - {id: go, "
      "do: deploy, target: places, version: v2, order: [c, a, b]}\n");
  EXPECT_TRUE(stage.run("gone").ok());
  const services::Outcome outcome = stage.run("go");
  EXPECT_EQ(outcome.result, services::Outcome::Result::refused);
  EXPECT_FALSE(outcome.reported_ok);
  EXPECT_TRUE(outcome.message.starts_with("a: ")) << outcome.message;
  EXPECT_EQ(stage.fact("c.version"), "v2");
  EXPECT_EQ(stage.fact("a.version"), "v1");
  EXPECT_EQ(stage.fact("b.version"), "v1");
}

TEST(Region, ADeployIsTakenBackByTheVersionThatAllHad) {
  Stage stage = three("",
                      "    - {id: go, do: deploy, target: places, version: v2}\n    - {id: one, "
                      "do: deploy, target: a, version: v2}\n");
  EXPECT_EQ(stage.undo("go").kind, services::Undo::Class::conditional);
  stage.run("one");
  EXPECT_EQ(stage.undo("go").kind, services::Undo::Class::unknown);
}

TEST(Region, APlaceOutsideTheOrderStaysWhenTheDeployIsTakenBack) {
  Stage stage = three("",
                      "    - {id: c, do: deploy, target: c, version: v2}\n    - {id: go, do: "
                      "deploy, target: places, version: v2, order: [a, b]}\n");
  stage.run("c");
  const services::Undo undo = stage.undo("go");
  ASSERT_EQ(undo.actions.size(), 1U);
  EXPECT_TRUE(stage.run("go").ok());
  EXPECT_TRUE(stage.run(undo.actions.front()).ok());
  EXPECT_EQ(stage.fact("a.version"), "v1");
  EXPECT_EQ(stage.fact("b.version"), "v1");
  EXPECT_EQ(stage.fact("c.version"), "v2");
}

TEST(Region, APartOfADeployIsTakenBackInItsPlace) {
  Stage stage = three("",
                      "    - {id: c, do: deploy, target: c, version: v2}\n    - {id: go, do: "
                      "deploy, target: places, version: v2, order: [a, b]}\n");
  stage.run("c");
  const auto parts = services::parts_of(stage.context(), stage.world, stage.action("go"));
  ASSERT_EQ(parts.size(), 2U);
  const services::Undo undo = services::undo_of(stage.context(), stage.world, parts.front());
  ASSERT_EQ(undo.actions.size(), 1U);
  EXPECT_TRUE(stage.run("go").ok());
  EXPECT_TRUE(stage.run(undo.actions.front()).ok());
  EXPECT_EQ(stage.fact("a.version"), "v1");
  EXPECT_EQ(stage.fact("b.version"), "v2");
  EXPECT_EQ(stage.fact("c.version"), "v2");
}

}  // namespace
}  // namespace backout::tests
