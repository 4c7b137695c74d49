#pragma once
// What a progressive rollout does by itself.

#include <optional>

#include "services/service.hpp"

namespace backout::services {

/// The rollout as its failed analysis leaves it: all users go back to the stable version, the
/// canary is gone, and the new version stays what is wanted. Nullopt: none is under way, or no
/// metric of an `analysis` decides.
std::optional<Record> aborted_by_analysis(const Context& context, const World& world,
                                          ServiceIndex app);

}  // namespace backout::services
