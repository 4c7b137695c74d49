#pragma once
// Small questions about load balancers that several rules ask.

#include <cstdlib>
#include <string>
#include <vector>

#include "analyzer/facts.hpp"
#include "services/routing.hpp"

namespace backout::analyzer {

/// A side of a load balancer and the app behind it.
struct Side {
  std::string name;
  model::ServiceIndex app = model::kNone;
};

/// The sides of a service that is a load balancer, or the places of a region; empty when it is
/// neither. Those without versions are left out.
inline std::vector<Side> sides_of(const model::Plan& plan, model::ServiceIndex service) {
  std::vector<Side> sides;
  if (service == model::kNone || plan.services[service].kind == "dns") return sides;
  for (const services::Route& route : services::routes_of(plan, service)) {
    if (!plan.services[route.app].versions.empty()) sides.push_back({route.name, route.app});
  }
  return sides;
}

/// The side's share of the traffic in percent: of a region, an even one of the places that take
/// users.
inline std::int64_t weight_of(const services::World& world, model::ServiceIndex balancer,
                              const Side& side) {
  const std::string& serves = world.record(balancer).get("serves." + side.name);
  if (!serves.empty()) {
    std::int64_t places = 0;
    for (const auto& [fact, value] : world.record(balancer).facts())
      places += fact.starts_with("serves.") && value == "true" ? 1 : 0;
    return serves == "true" ? 100 / places : 0;
  }
  return std::atoll(world.record(balancer).get("weight." + side.name).c_str());
}

}  // namespace backout::analyzer
