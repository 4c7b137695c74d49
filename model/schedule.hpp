#pragma once
// How long steps take together: critical paths over ranges.

#include <cstdint>
#include <string>
#include <vector>

#include "model/plan.hpp"

namespace backout::model {

/// The time of a set of steps run in their order, one runner per independent branch.
struct Schedule {
  std::int64_t low_ms = 0;
  std::int64_t high_ms = 0;
  bool strict = false;  ///< the high end is not reached: the last step on the path said `<`
  std::vector<StepIndex> critical_path;  ///< the steps that give high_ms, in order
  std::vector<StepIndex>
      unestimated;  ///< steps without `takes` or with `unknown`: the sum is a lower bound
  std::int64_t verify_low_ms =
      0;  ///< the part of low_ms/high_ms that is checks' `for` windows and waits
  std::int64_t verify_high_ms = 0;
};

/// Time of one rollback path, from its first step to its last check.
Schedule schedule_path(const Plan& plan, const RollbackPath& path);
/// Time of the deploy steps.
Schedule schedule_deploy(const Plan& plan);
/// Time of one step: takes + after + the longest `for` of its checks.
Schedule schedule_step(const Plan& plan, StepIndex step);

}  // namespace backout::model
