// How the cost of loading and analysing grows with the number of steps: docs/performance.md has the
// table.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "analyzer/facts.hpp"
#include "analyzer/rule.hpp"
#include "model/load.hpp"
#include "services/service.hpp"

namespace {

/// A plan of `steps` deploy steps in lanes of ten: schema changes, configuration, deploys and flags
/// of one app per lane, each with its undo. Shaped like a release train, not like one long
/// migration.
std::string generate_plan(std::int64_t steps) {
  const std::int64_t lanes = std::max<std::int64_t>(1, steps / 10);
  std::string services = "services:\n";
  std::string deploy;
  std::string rollback;
  const auto step = [](std::string& out, std::int64_t lane, std::int64_t at,
                       std::string_view body) {
    out += fmt::format("    - {{id: l{}s{}, {}, takes: 1-2m{}}}\n", lane, at, body,
                       at == 0 ? ", needs: []" : fmt::format(", needs: [l{}s{}]", lane, at - 1));
  };
  for (std::int64_t lane = 0; lane < lanes; ++lane) {
    services += fmt::format(
        "  conf{0}: {{kind: config, items: {{a: \"1\"}}}}\n"
        "  app{0}: {{kind: app, versions: {{v1: {{}}, v2: {{}}}}, start: v1}}\n",
        lane);
    for (std::int64_t at = 0; at < 10; ++at) {
      const std::string body =
          at % 3 == 2
              ? fmt::format("do: deploy, target: app{}, version: v{}", lane, 1 + at % 2)
              : fmt::format("do: set, target: conf{}, key: k{}, value: \"{}\"", lane, at % 4, at);
      step(deploy, lane, at, fmt::format("{}, undo: auto", body));
    }
    rollback += fmt::format(
        "    - {{id: r{0}, do: deploy, target: app{0}, version: v1, needs: [], takes: 1m}}\n",
        lane);
  }
  return fmt::format("backout: 1\nname: scale\n{}deploy:\n  steps:\n{}rollback:\n  steps:\n{}",
                     services, deploy, rollback);
}

void LoadAndAnalyse(benchmark::State& state) {
  const std::string text = generate_plan(state.range(0));
  const backout::model::Catalog catalog = backout::services::catalog();
  for (auto _ : state) {
    auto plan = backout::model::load_plan_text("scale.yaml", text, "", catalog);
    if (!plan) {
      state.SkipWithError(plan.error().mistakes.front().message.c_str());
      return;
    }
    std::vector<backout::model::Mistake> mistakes;
    const auto facts = backout::analyzer::derive_facts(*plan, mistakes);
    benchmark::DoNotOptimize(backout::analyzer::report(facts, {}, true, "2026-01-01"));
  }
  state.SetComplexityN(state.range(0));
}
BENCHMARK(LoadAndAnalyse)
    ->RangeMultiplier(10)
    ->Range(1000, 100000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity();

}  // namespace
