#pragma once
// Small questions about load balancers that several rules ask.

#include <cstdlib>
#include <string>
#include <vector>

#include "analyzer/facts.hpp"

namespace backout::analyzer {

/// A side of a load balancer and the app behind it.
struct Side {
  std::string name;
  model::ServiceIndex app = model::kNone;
};

/// The sides of a service that is a load balancer; empty when it is none.
inline std::vector<Side> sides_of(const model::Plan& plan, model::ServiceIndex service) {
  std::vector<Side> sides;
  if (service == model::kNone || plan.services[service].kind != "load_balancer") return sides;
  const model::Node* written = plan.services[service].fields.find("sides");
  if (written == nullptr) return sides;
  for (const model::Node::Entry& side : written->entries) {
    const model::ServiceIndex app = plan.find_service(side.value.text);
    if (app != model::kNone && !plan.services[app].versions.empty()) sides.push_back({side.key, app});
  }
  return sides;
}

/// The side's share of the traffic in percent.
inline std::int64_t weight_of(const services::World& world, model::ServiceIndex balancer, const Side& side) {
  return std::atoll(world.record(balancer).get("weight." + side.name).c_str());
}

}  // namespace backout::analyzer
