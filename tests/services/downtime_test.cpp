// Which steps of a path keep users out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/downtime.hpp"
#include "stage.hpp"

namespace backout::services {
namespace {

using backout::tests::Stage;

using testing::ElementsAre;

/// A deploy of an app and its workers, and a path of `steps`; `deploy` is one more step of it.
std::vector<std::string> outage(const std::string& steps, const std::string& deploy = "") {
  const Stage stage(
      "backout: 1\nservices:\n  api: {kind: app, versions: {v1: {}, v2: {}}, start: v1}\n  jobs: "
      "{kind: workers}\n"
      "  sign: {kind: maintenance, fronts: [api]}\n  conf: {kind: config, items: {a: '1'}}\n"
      "deploy:\n  steps:\n    - {id: code, do: deploy, target: api, version: v2}\n" +
      deploy + "rollback:\n  paths: {back: {steps: [" + steps +
      "]}}\n  steps:\n    - {id: look, do: set, target: conf, key: a, value: '1'}\n"
      "    - {id: rest, do: stop, target: jobs}\n    - {id: hide, do: 'on', target: sign}\n    - "
      "{id: old, do: deploy, target: api, version: v1}\n"
      "    - {id: show, do: 'off', target: sign}\n    - {id: wake, do: start, target: jobs}\n    - "
      "{id: tell, do: set, target: conf, key: a, value: '2'}\n");
  std::vector<std::string> ids;
  for (const model::StepIndex step :
       outage_of_path(stage.context(), stage.world, stage.plan().paths.front()).steps)
    ids.push_back(stage.plan().steps[step].id);
  return ids;
}

TEST(Downtime, BeginsWhereSomethingIsTakenDownAndEndsWhereAllServes) {
  EXPECT_THAT(outage("look, hide, old, show, tell"), ElementsAre("hide", "old", "show"));
  EXPECT_THAT(outage("look, rest, hide, old, show, wake, tell"),
              ElementsAre("rest", "hide", "old", "show", "wake"));
  EXPECT_THAT(outage("hide, show, look, rest, wake, tell"),
              ElementsAre("hide", "show", "look", "rest", "wake"))
      << "with what lies between";
}

TEST(Downtime, OfAPathThatTakesNothingDownIsNone) {
  EXPECT_THAT(outage("look, tell"), ElementsAre());
}

TEST(Downtime, ThatNeverEndsIsThatOfAllSteps) {
  EXPECT_THAT(outage("look, rest, tell"), ElementsAre("rest", "tell"));
}

TEST(Downtime, OfWhatIsDownAlreadyBeginsWithThePath) {
  const std::string halt = "    - {id: halt, do: stop, target: jobs}\n";
  EXPECT_THAT(outage("look, wake, tell", halt), ElementsAre("look", "wake"));
}

}  // namespace
}  // namespace backout::services
