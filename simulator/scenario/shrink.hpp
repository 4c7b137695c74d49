#pragma once
// Makes a failing scenario smaller as long as it fails in the same way.

#include "simulator/scenario/player.hpp"

namespace backout::simulator {

/// The smallest scenario found that has the verdict and reason of `scenario`: fewer deploy steps,
/// faults, operations of traffic and detours, taken away one after the other until nothing more can
/// go. `scenario` itself when it does not fail. At most `most_plays` scenarios are played. What is
/// expected is filled in.
Scenario shrink(Player& player, const Scenario& scenario, std::size_t most_plays = 2000);

}  // namespace backout::simulator
