// A decision for a path that works from nowhere is reported once per path, at the decision.
#include "plans/plan_findings.hpp"

namespace backout::tests {
namespace {

std::vector<std::string> failing_decisions(const std::string& back) {
  const std::string text = R"(
backout: 1
name: decisions
services:
  web: {kind: app, versions: {v1: {artefact: "web@sha256:01"}, v2: {artefact: "web@sha256:02"}}, start: v1}
  api: {kind: app, versions: {v1: {artefact: "api@sha256:01"}, v2: {artefact: "api@sha256:02"}}, start: v1}
  mon: {kind: monitor, metrics: {errors: percent}, absent_means: roll_back}
deploy:
  steps:
    - {id: new_web, do: deploy, target: web, version: v2}
    - {id: new_api, do: deploy, target: api, version: v2}
rollback:
  paths:
    full: {steps: [web_back, api_back], full: true}
  steps:
    - {id: web_back, do: deploy, target: web, version: )" +
                           back + R"(}
    - {id: api_back, do: deploy, target: api, version: v1}
decisions:
  hit: any
  rules:
    - {when: {metric: errors, op: gt, value: 5%}, decide: rollback, path: full}
    - {when: {metric: errors, op: gt, value: 50%}, decide: must_rollback, path: full}
)";
  const auto plan = model::load_plan_text("decisions.yaml", text, "", services::catalog());
  if (!plan) {
    for (const model::Mistake& mistake : plan.error().mistakes) ADD_FAILURE() << mistake.message;
    return {};
  }
  std::vector<model::Mistake> mistakes;
  const services::Context context(*plan);
  const services::World start = services::initial_world(context, mistakes);
  std::vector<std::string> messages;
  for (const model::Finding& finding :
       simulator::findings_of(context, simulator::explore(context, start, {}))) {
    if (finding.rule != "decision-path-fails") continue;
    messages.push_back(finding.message);
    EXPECT_EQ(finding.severity, model::Severity::error);
    EXPECT_EQ(finding.related.size(), 2U);  // the path, and the other decision
  }
  return messages;
}

TEST(DecisionPaths, ThatWorkFromNowhereAreReportedOnce) {
  EXPECT_EQ(failing_decisions("v2"),
            std::vector<std::string>{"the decision is for path 'full', which works from nowhere: "
                                     "at best it is NOT RESTORED, when the deploy stops after "
                                     "'new_web'"});
}

TEST(DecisionPaths, ThatWorkAreNot) {
  EXPECT_EQ(failing_decisions("v1"), std::vector<std::string>{});
}

}  // namespace
}  // namespace backout::tests
