#pragma once
// Jobs under way, which more than one rule asks for.

#include "analyzer/facts.hpp"
#include "services/versioned.hpp"

namespace backout::analyzer {

/// Whether the step is about workers.
inline bool is_about_workers(const model::Plan& plan, model::StepIndex step) {
  const model::ServiceIndex target = plan.steps[step].target;
  return target != model::kNone && plan.services[target].kind == "workers";
}

/// Whether the workers that the step is about have jobs under way where it runs; also where it runs
/// in no replay.
inline bool finds_work(const Facts& facts, model::StepIndex step) {
  bool any = false;
  const auto works = [&](const Replay& replay) {
    for (const Replayed& replayed : replay.steps) {
      if (replayed.step != step) continue;
      any = true;
      const services::Record& now = replayed.before.record(facts.plan->steps[step].target);
      if (now.get("running") == "true" || now.has(services::kUnderWay)) return true;
    }
    return false;
  };
  return works(facts.deploy) || std::ranges::any_of(facts.paths, works) || !any;
}

}  // namespace backout::analyzer
