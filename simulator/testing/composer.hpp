#pragma once
// Makes a scenario of its parts: goes through the run that they describe and says what cannot
// happen in it.

#include "simulator/scenario/player.hpp"
#include "simulator/testing/script.hpp"

namespace backout::simulator {

/// What came of a script.
struct Composed {
  Scenario scenario;  ///< what happens of it; what would happen by itself at the end is left out
  std::vector<model::Mistake>
      mistakes;  ///< what cannot happen, and what could there; without places
  std::vector<TrafficAt> more_traffic;  ///< what could be served besides, each by itself
  std::vector<FaultAt>
      more_faults;  ///< what could befall an attempt that nothing befalls, each by itself
};

/// `deploys` and `player` must be of `setting` and `runner`; all must outlive the call.
struct Stage {
  Setting& setting;
  Runner& runner;
  Deploys& deploys;
  Player& player;
};

Composed compose(const Stage& stage, const Script& script);

}  // namespace backout::simulator
