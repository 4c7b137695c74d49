// The lanes model: a deploy of LANES x STEPS steps, each lane in its order, with edges across, one app that writes, and
// its rollback in reverse order. `lanes plan 4 4` prints it as a plan; `lanes search 4 4` searches every interruption.
#include <chrono>
#include <cstdint>
#include <ctime>
#include <cstdio>
#include <cstring>
#include <string>

#include <fmt/format.h>

#include "model/load.hpp"
#include "services/service.hpp"
#include "simulator/cells.hpp"

namespace {

using namespace backout;

/// Lane 0 sets items of service c0, and so on. Step j of each lane but the first also needs step j - 1 of the lane before.
std::string lanes_plan(int lanes, int steps, const std::string& kinds) {
  std::string text = "backout: 1\nname: lanes\nservices:\n  memory: {kind: sqlite, tables: {notes: 1}}\n"
                     "  api:\n    kind: app\n    uses: [memory]\n    versions:\n"
                     "      old: {operations: {remember: {write: notes, on: memory}}}\n    start: old\n";
  for (int lane = 0; lane < lanes; ++lane) text += fmt::format("  c{}: {{kind: config, items: {{base: \"1\"}}}}\n", lane);
  text += "limits: {traffic: 1, faults: 1, fault_kinds: [" + kinds + "]}\ndeploy:\n  steps:\n";
  std::string rollback;
  std::string path;
  for (int at = 0; at < lanes * steps; ++at) {
    const int lane = at / steps;
    const int step = at % steps;
    std::string needs = step > 0 ? fmt::format("d{}_{}", lane, step - 1) : "";
    if (lane > 0 && step > 1) needs += fmt::format(", d{}_{}", lane - 1, step - 2);
    text += fmt::format("    - {{id: d{0}_{1}, do: set, target: c{0}, key: k{1}, value: \"1\", timeout: 1m, needs: [{2}]}}\n", lane, step,
                        needs);
  }
  for (int at = lanes * steps - 1; at >= 0; --at) {
    const int lane = at / steps;
    const int step = at % steps;
    std::string needs = step + 1 < steps ? fmt::format("u{}_{}", lane, step + 1) : "";
    if (lane + 1 < lanes && step + 2 < steps) needs += fmt::format(", u{}_{}", lane + 1, step + 2);
    rollback += fmt::format("    - {{id: u{0}_{1}, do: unset, target: c{0}, key: k{1}, timeout: 1m, needs: [{2}], undoes: [d{0}_{1}]}}\n",
                            lane, step, needs);
    path += fmt::format("{}u{}_{}", path.empty() ? "" : ", ", lane, step);
  }
  return text + "rollback:\n  paths: {back: {steps: [" + path + "], full: true}}\n  steps:\n" + rollback;
}

int search(const std::string& text, bool reduction) {
  const std::clock_t cpu = std::clock();
  const auto began = std::chrono::steady_clock::now();
  auto plan = model::load_plan_text("lanes.yaml", text, "", services::catalog());
  if (!plan) {
    std::fputs(plan.error().mistakes.front().message.c_str(), stderr);
    return 1;
  }
  const services::Context context(*plan);
  std::vector<model::Mistake> mistakes;
  const services::World start = services::initial_world(context, mistakes);
  simulator::Worlds worlds(context, start);
  std::vector<std::string> unknown;
  simulator::Setting setting(worlds, simulator::fault_set(plan->limits.fault_kinds, unknown));
  simulator::Search search(setting, ~0ULL >> 1, {reduction});
  simulator::Deploys deploys(setting, search.runner(), true);
  deploys.explore();
  const auto deployed = std::chrono::steady_clock::now();
  simulator::Verdict worst = simulator::Verdict::restored;
  for (std::size_t stop = 0; stop < deploys.states(); ++stop) {
    for (std::int64_t faults = 0; faults <= 1; ++faults) {
      const auto run = simulator::begin_at(deploys, search.runner(), stop, 0, faults);
      if (!run) continue;
      worst = std::min(worst, search.worst(*run).judgement.verdict);
    }
  }
  const double seconds = std::min(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(), double(std::clock() - cpu) / CLOCKS_PER_SEC);
  fmt::print("{} states, {} transitions, {}: {:.3f} s ({:.3f} s the deploy), {:.2f} M states/s, {:.1f} bytes a state, {} worlds\n", deploys.states() + search.states(), search.transitions(), simulator::to_string(worst),
             seconds, std::chrono::duration<double>(deployed - began).count(), static_cast<double>(search.states()) / seconds / 1e6,
             static_cast<double>(search.bytes()) / static_cast<double>(search.states()), worlds.count());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const std::string text = lanes_plan(std::atoi(argv[2]), std::atoi(argv[3]), argv[4]);
  if (std::strcmp(argv[1], "search") == 0) return search(text, argc < 6);
  fmt::print("{}", text);
  return 0;
}
