// The lanes model: a deploy of LANES x STEPS steps, each lane in its order, with edges across, one
// app that writes, and the rollback in reverse order. `lanes plan 4 4` prints it as a plan, `lanes
// promela 4 4` as SPIN's users would write it, `lanes full 4 4` searches every state of every
// interruption, `lanes reduced 4 4` merges and leaves out orders. A search prints what it saw,
// milliseconds of CPU time last; a fifth word is how many threads it uses.
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <string>

#include <fmt/format.h>

#include "model/load.hpp"
#include "services/service.hpp"
#include "simulator/cells.hpp"

namespace {

using namespace backout;

/// Lane i sets items of service ci. Step j also needs step j - 2 of the lane before; the rollback
/// has the same edges in reverse, and a report behind everything.
std::string lanes_plan(int lanes, int steps) {
  std::string text =
      "backout: 1\nname: lanes\nservices:\n  memory: {kind: sqlite, tables: {notes: 1}}\n"
      "  api:\n    kind: app\n    uses: [memory]\n    versions:\n"
      "      old: {operations: {remember: {write: notes, on: memory}}}\n    start: old\n";
  std::string deploy;
  std::string rollback;
  std::string path;
  std::string ends;
  for (int lane = 0; lane < lanes; ++lane) {
    text += fmt::format("  c{}: {{kind: config, items: {{base: \"1\"}}}}\n", lane);
    for (int step = 0; step < steps; ++step) {
      std::string needs = step > 0 ? fmt::format("d{}_{}", lane, step - 1) : "";
      if (lane > 0 && step > 1) needs += fmt::format(", d{}_{}", lane - 1, step - 2);
      deploy += fmt::format(
          "    - {{id: d{0}_{1}, do: set, target: c{0}, key: k{1}, value: \"1\", takes: 1-3m, "
          "timeout: 5m, "
          "needs: [{2}]}}\n",
          lane, step, needs);
      std::string waits = step + 1 < steps ? fmt::format("u{}_{}", lane, step + 1) : "";
      if (lane + 1 < lanes && step + 2 < steps)
        waits += fmt::format(", u{}_{}", lane + 1, step + 2);
      rollback += fmt::format(
          "    - {{id: u{0}_{1}, do: unset, target: c{0}, key: k{1}, takes: 1-3m, timeout: 5m, "
          "needs: [{2}], "
          "undoes: [d{0}_{1}]}}\n",
          lane, step, waits);
      path += fmt::format("u{}_{}, ", lane, step);
    }
    ends += fmt::format("{}u{}_0", lane > 0 ? ", " : "", lane);
  }
  rollback += fmt::format("    - {{id: report, do: task, text: it is over, needs: [{}]}}\n", ends);
  return text +
         "limits: {traffic: 1, faults: 1, fault_kinds: [fail, fail_applied, timeout_none, "
         "timeout_applied]}\n"
         "deploy:\n  steps:\n" +
         deploy + "rollback:\n  paths: {back: {steps: [" + path +
         "report], full: true}}\n  steps:\n" + rollback;
}

/// The same by hand, for SPIN: a counter per lane instead of a world, one process, every transition
/// indivisible. A fault leaves a person at the lane's next step, who looks whether it took effect.
std::string lanes_promela(int lanes, int steps) {
  std::string text = fmt::format(
      "byte done[{0}], left[{0}], at, budget;\nbool written, began, landed, stopped, over;\n\n"
      "active proctype deploy_and_rollback() {{\n  do\n  :: d_step {{ !written -> written = true "
      "}}\n",
      lanes);
  for (int lane = 0; lane < lanes; ++lane) {
    const std::string before =
        lane > 0 ? fmt::format(" && done[{}] + 2 > done[{}]", lane - 1, lane) : "";
    text +=
        fmt::format("  :: d_step {{ done[{0}] < {1}{2} -> done[{0}]++ }}\n", lane, steps, before);
  }
  text += "  :: d_step { true -> ";
  for (int lane = 0; lane < lanes; ++lane) text += fmt::format("left[{0}] = done[{0}]; ", lane);
  text +=
      "} break\n  od;\n  if\n  :: budget = 1\n  :: budget = 0\n  fi;\nend: do\n"
      "  :: d_step { !written && !over -> written = true }\n";
  std::string none = "!stopped && !over";
  for (int lane = 0; lane < lanes; ++lane) {
    std::string ready = fmt::format("!stopped && left[{}] > 0", lane);
    // Step j of this lane is taken back behind step j + 2 of the next one.
    if (lane + 1 < lanes) ready += fmt::format(" && left[{}] <= left[{}] + 1", lane + 1, lane);
    text += fmt::format("  :: d_step {{ {0} -> left[{1}]--; began = true }}\n", ready, lane);
    for (const char* landed :
         {"false", "true", "false", "true"}) {  // fail, fail_applied, and so with timeouts
      text += fmt::format(
          "  :: d_step {{ {} && budget -> budget = 0; stopped = true; at = {}; landed = {}; "
          "began = true }}\n",
          ready, lane, landed);
    }
    text += fmt::format(
        "  :: d_step {{ stopped && at == {0} -> left[{0}]--; stopped = false; landed = false; at = "
        "0 }}\n",
        lane);
    none += fmt::format(" && left[{}] == 0", lane);
  }
  return text + "  :: d_step { " + none + " -> over = true }\n  od\n}\n";
}

/// Searches from every begin of a rollback, with no fault and with one.
int search(const std::string& text, bool reduction, std::size_t threads) {
  const std::clock_t began = std::clock();
  const auto plan = model::load_plan_text("lanes.yaml", text, "", services::catalog());
  if (!plan) return EXIT_FAILURE;
  const services::Context context(*plan);
  std::vector<model::Mistake> mistakes;
  const services::World start = services::initial_world(context, mistakes);
  simulator::Worlds worlds(context, start);
  std::vector<std::string> unknown;
  simulator::Setting setting(worlds, simulator::fault_set(plan->limits.fault_kinds, unknown));
  simulator::Search search(setting, ~0ULL >> 1, {.reduction = reduction, .threads = threads});
  simulator::Deploys deploys(setting, search.runner(), true);
  deploys.explore();
  std::vector<simulator::RunState> begins;
  for (std::size_t stop = 0; stop < deploys.states(); ++stop) {
    for (std::int64_t faults = 0; faults <= 1; ++faults) {
      if (const auto run = simulator::begin_at(deploys, search.runner(), stop, 0, faults))
        begins.push_back(*run);
    }
  }
  const auto searching = std::chrono::steady_clock::now();
  search.prepare(begins);
  const std::chrono::duration<double> searched = std::chrono::steady_clock::now() - searching;
  simulator::Verdict worst = simulator::Verdict::restored;
  for (const simulator::RunState& begin : begins)
    worst = std::min(worst, search.worst(begin).judgement.verdict);
  const double seconds = static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
  const auto states = static_cast<double>(search.states());
  fmt::print(
      "{} states behind {} of the deploy, {} transitions, {}: {:.2f} M states/s, {:.1f} bytes a "
      "state, {:.4f} s of "
      "search alone\n",
      states, deploys.states(), search.transitions(), simulator::to_string(worst),
      states / seconds / 1e6, static_cast<double>(search.bytes()) / states, searched.count());
  fmt::print("{:.1f}\n", seconds * 1000);
  return worst == simulator::Verdict::restored ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const std::string what = argv[1];
  const std::string text = lanes_plan(std::atoi(argv[2]), std::atoi(argv[3]));
  if (what == "full" || what == "reduced") {
    return search(text, what == "reduced",
                  argc > 4 ? static_cast<std::size_t>(std::atoi(argv[4])) : 1);
  }
  fmt::print("{}",
             what == "promela" ? lanes_promela(std::atoi(argv[2]), std::atoi(argv[3])) : text);
  return EXIT_SUCCESS;
}
