#pragma once
// The times of a plan, ready to be drawn.

#include <vector>

#include "simulator/campaign/course.hpp"
#include "simulator/campaign/sampler.hpp"

namespace backout::simulator {

/// What one attempt at a task takes.
struct TaskTime {
  Sampler work;     ///< `takes`
  Sampler check;    ///< `after` and the windows of its checks
  Sampler timeout;  ///< `timeout`; 0 without one
};

/// Of one path.
struct PathTime {
  std::vector<TaskTime> tasks;  ///< by position
  std::int64_t likely_ms = 0;   ///< about how long it takes in all: the steps' high ends together
  std::vector<model::StepIndex>
      unestimated;  ///< steps without `takes`: they count as 0 and the times are lower bounds
};

/// Of a plan.
struct Timing {
  std::vector<PathTime> paths;
  std::vector<Sampler> deploy;  ///< by deploy step
  Sampler detect;
  Sampler respond;
  bool detect_known = false;  ///< the plan states it
  bool respond_known = false;
};

Timing timing_of(const model::Plan& plan, const Playbooks& books);

}  // namespace backout::simulator
