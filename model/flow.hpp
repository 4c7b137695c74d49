#pragma once
// What follows a step that fails.

#include "model/plan.hpp"

namespace backout::model {

/// Whether nothing follows the step where it or its checks fail.
inline bool stops_the_run(const Step& step) {
  const bool stops = step.on_failure.type == OnFailure::Type::abort ||
                     step.on_failure.type == OnFailure::Type::rollback;
  return stops && step.critical && !step.optional;
}

}  // namespace backout::model
