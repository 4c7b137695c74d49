#pragma once
// How a deploy came to where it stopped, for the age of what was written on the way.

#include <string>
#include <vector>

#include "simulator/interruptions.hpp"

namespace backout::simulator {

/// The shortest way to a state of the deploy.
struct DeployWay {
  /// An operation of live traffic on the way. It may have come at any time between two of the
  /// events: that makes no difference to the state. `at` and `earliest` count the events before it.
  struct Write {
    std::string operation;  ///< OperationKey::name
    SetId before = 0;       ///< the expected data before and after it
    SetId after = 0;
    std::size_t earliest = 0;
    std::size_t at = 0;
  };
  std::vector<model::StepIndex> steps;  ///< of each event; kNone for traffic
  std::vector<Write> writes;
};

DeployWay way_to(Deploys& deploys, const model::Plan& plan, std::size_t stop);

}  // namespace backout::simulator
