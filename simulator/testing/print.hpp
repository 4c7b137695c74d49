#pragma once
// How test frameworks show what failed: as backout's own files and lines.

#include <ostream>

#include "simulator/testing/plan_under_test.hpp"

namespace backout::simulator {

/// A plan, as the file that backout reads.
inline std::ostream& operator<<(std::ostream& out, const PlanSketch& plan) {
  return out << to_yaml(plan);
}
/// A scenario, as the file that `backout replay` reads.
inline std::ostream& operator<<(std::ostream& out, const Scenario& scenario) {
  return out << to_yaml(scenario);
}
/// A script and its parts, a line each.
inline std::ostream& operator<<(std::ostream& out, const Script& script) {
  return out << describe(script);
}
inline std::ostream& operator<<(std::ostream& out, const TrafficAt& traffic) {
  return out << describe(traffic);
}
inline std::ostream& operator<<(std::ostream& out, const FaultAt& fault) {
  return out << describe(fault);
}
inline std::ostream& operator<<(std::ostream& out, Verdict verdict) {
  return out << to_string(verdict);
}

}  // namespace backout::simulator
