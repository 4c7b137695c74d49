#pragma once
// What generators drew, counted: a property that holds says little when the interesting cases never
// came.

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "simulator/testing/plan_under_test.hpp"

namespace backout::simulator {

/// Counts the scenarios that a property was tried on.
class Drawn {
 public:
  /// What is counted: the last step of the deploy, the path, the faults, the traffic, the verdict.
  enum class What { stop, path, fault, traffic, verdict };
  /// How often each came, by its name; "none" where a scenario has none of it.
  using Counts = std::map<std::string, std::size_t>;

  explicit Drawn(PlanUnderTest plan) : plan_(std::move(plan)) {}

  /// Counts one.
  void note(const Played& played);
  std::size_t scenarios() const { return scenarios_; }
  const Counts& counts(What what) const;
  /// What the plan has and what never came: its paths, the steps of its deploy as the last one, its
  /// operations.
  std::vector<std::string> missing() const;
  /// All of it for people, a line each: "  path     full          61 %".
  std::string text() const;

 private:
  PlanUnderTest plan_;
  std::size_t scenarios_ = 0;
  std::map<What, Counts> counts_;
};

const char* to_string(Drawn::What what);  ///< "stop", "path", "fault", "traffic", "verdict"

}  // namespace backout::simulator
