// Which version a number of the history is, and what the undo of a suspended sync depends on.
#include <gtest/gtest.h>

#include <string>

#include <fmt/format.h>

#include "services/stage.hpp"

namespace backout::tests {
namespace {

/// What runs behind `rollout undo --to-revision 7`, where the plan tells no history.
std::string behind_undo(const std::string& versions) {
  Stage stage(
      fmt::format("backout: 1\nservices:\n  web: {{kind: kubernetes, versions: {{{}}}, "
                  "start: now}}\ndeploy:\n  steps:\n    - {{id: undo, do: rollout_undo, "
                  "target: web, to_revision: 7}}\n",
                  versions));
  const services::Outcome outcome = stage.run("undo");
  return outcome.ok() ? stage.fact("web.version") : "not known";
}

TEST(Revisions, WithoutAHistoryANumberIsTheOnlyVersionThatEndsInIt) {
  EXPECT_EQ(behind_undo("now: {}, chart7: {}, chart8: {}"), "chart7");
  EXPECT_EQ(behind_undo("now: {}, rev-7: {}"), "rev-7");
  EXPECT_EQ(behind_undo("now: {}, chart7: {}, rev-7: {}"), "not known");
  EXPECT_EQ(behind_undo("now: {}, chart77: {}, chart17: {}"), "not known");
}

TEST(Gitops, TheUndoOfASuspendedSyncDependsOnWhatGitSays) {
  const Stage stage(
      "backout: 1\nservices:\n  repo: {kind: git, branch: main, head: a}\n  web: {kind: "
      "kubernetes, versions: {a: {}, b: {}}, start: a}\n  argo: {kind: gitops, repo: repo, apps: "
      "web, auto_sync: true}\ndeploy:\n  steps:\n    - {id: suspend, do: suspend, target: argo}\n");
  const services::Undo undo = stage.undo("suspend");
  EXPECT_EQ(undo.kind, services::Undo::Class::conditional);
  EXPECT_EQ(undo.why, "what git says is applied when sync is automated again");
}

}  // namespace
}  // namespace backout::tests
