// The graph of a small plan, edge by edge, and its drawing.
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analyzer/graph.hpp"
#include "model/load.hpp"

namespace backout::analyzer {
namespace {

constexpr const char* kPlan = R"(
backout: 1
name: small
services:
  api: {kind: app, versions: {v1: {}, v2: {}}, start: v1}
  settings: {kind: config, items: {mode: old}}
deploy:
  steps:
    - {id: mode, do: set, target: settings, key: mode, value: new, undo: mode_back}
    - {id: code, do: deploy, target: api, version: v2, undo: code_back}
    - {id: again, do: set, target: settings, key: mode, value: newer, needs: [mode], undo: {none: later}}
rollback:
  paths:
    full: [code_back, mode_back]
  steps:
    - {id: code_back, do: deploy, target: api, version: v1}
    - {id: mode_back, do: set, target: settings, key: mode, value: old}
)";

model::Plan small_plan() {
  auto plan = model::load_plan_text("small.yaml", kPlan, "", services::catalog());
  EXPECT_TRUE(plan.has_value());
  return std::move(*plan);
}

TEST(Graph, HasTheEdgesOfOrderUndoAndData) {
  const model::Plan plan = small_plan();
  std::vector<model::Mistake> mistakes;
  const Facts facts = derive_facts(plan, mistakes);
  std::vector<std::string> edges;
  for (const GraphEdge& edge : dependency_edges(facts)) {
    const char* type = edge.type == GraphEdge::Type::order  ? "order"
                       : edge.type == GraphEdge::Type::undo ? "undo"
                                                            : "data";
    edges.push_back(plan.steps[edge.from].id + " " + type + " " + plan.steps[edge.to].id);
  }
  EXPECT_THAT(
      edges, testing::UnorderedElementsAre("mode order code", "mode order again", "mode data again",
                                           "mode undo mode_back", "code undo code_back",
                                           "code_back order mode_back"));
}

TEST(Graph, IsDrawnWithEveryStep) {
  const model::Plan plan = small_plan();
  std::vector<model::Mistake> mistakes;
  std::ostringstream out;
  write_dot(derive_facts(plan, mistakes), out);
  EXPECT_THAT(out.str(), testing::StartsWith("digraph \"small\" {"));
  EXPECT_THAT(out.str(), testing::EndsWith("}\n"));
  for (const model::Step& step : plan.steps)
    EXPECT_THAT(out.str(), testing::HasSubstr("\"" + step.id + "\" [label="));
}

}  // namespace
}  // namespace backout::analyzer
