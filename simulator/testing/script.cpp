#include "simulator/testing/script.hpp"

#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace backout::simulator {
namespace {

template <typename Value>
std::vector<std::vector<Value>> without_one(const std::vector<Value>& values) {
  std::vector<std::vector<Value>> all;
  for (std::size_t i = values.size(); i-- > 0;) {
    all.push_back(values);
    all.back().erase(all.back().begin() + static_cast<std::ptrdiff_t>(i));
  }
  return all;
}

}  // namespace

std::vector<std::vector<TrafficAt>> simpler(const std::vector<TrafficAt>& traffic) {
  return without_one(traffic);
}

std::vector<std::vector<FaultAt>> simpler(const std::vector<FaultAt>& faults) {
  std::vector<std::vector<FaultAt>> all = without_one(faults);
  for (const FaultAt& gone : faults) {
    // Without the attempt that fails the next one is not made: what befell it comes earlier.
    std::vector<FaultAt> earlier = faults;
    std::erase(earlier, gone);
    bool any = false;
    for (FaultAt& each : earlier) {
      if (each.step != gone.step || each.attempt <= gone.attempt) continue;
      --each.attempt;
      any = true;
    }
    if (any) all.push_back(std::move(earlier));
  }
  for (std::size_t i = 0; i < faults.size(); ++i) {
    if (faults[i].attempt > 1) --all.emplace_back(faults)[i].attempt;
    if (faults[i].part > 0) --all.emplace_back(faults)[i].part;
  }
  return all;
}

std::vector<Script> simpler(const Script& script) {
  std::vector<Script> all;
  if (!script.deploy.empty()) all.emplace_back(script).deploy.pop_back();
  for (auto& faults : simpler(script.faults)) all.emplace_back(script).faults = std::move(faults);
  for (auto& traffic : simpler(script.traffic))
    all.emplace_back(script).traffic = std::move(traffic);
  return all;
}

std::string describe(const TrafficAt& traffic) {
  return fmt::format("'{}' before '{}'", traffic.operation, traffic.before);
}

std::string describe(const FaultAt& fault) {
  if (fault.step.empty()) return to_string(fault.fault);
  std::string text =
      fmt::format("{} at attempt {} of '{}'", to_string(fault.fault), fault.attempt, fault.step);
  if (fault.fault == Fault::half) text += fmt::format(", part {}", fault.part);
  if (!fault.lands.empty()) text += fmt::format(", before '{}'", fault.lands);
  return text;
}

std::string describe(const Script& script) {
  std::string text =
      fmt::format("deploy: {}\npath: {}\n", fmt::join(script.deploy, ", "), script.path);
  for (const TrafficAt& traffic : script.traffic)
    text += fmt::format("traffic: {}\n", describe(traffic));
  for (const FaultAt& fault : script.faults) text += fmt::format("fault: {}\n", describe(fault));
  return text;
}

}  // namespace backout::simulator
