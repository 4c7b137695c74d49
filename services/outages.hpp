#pragma once
// What does not serve in a world, and by which of its facts.

#include <string>
#include <vector>

#include "services/service.hpp"

namespace backout::services {

/// A service that does not do for its users what it is there for.
struct Outage {
  ServiceIndex service = model::kNone;
  std::string path;  ///< the fact that makes it so: "api.running", "maint.state"
  std::string why;   ///< "'api' does not run"
};

/// All of them, in plan order: apps that do not run, are unhealthy, take in no work or are hidden
/// by maintenance; workers that do not run; balancers that send traffic to an app that does not
/// answer. An app behind a balancer counts with it: the side without traffic may stand still.
std::vector<Outage> outages(const Context& context, const World& world);

}  // namespace backout::services
