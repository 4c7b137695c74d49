#pragma once
// By which ways users get to the apps of a plan.

#include <string>
#include <vector>

#include "services/service.hpp"

namespace backout::services {

/// A way to an app: a side of a load balancer, a place of a region, a record of a zone.
struct Route {
  std::string name;  ///< "blue", "east", "www"
  std::string fact;  ///< of the router: "weight.blue", "serves.east", "records.www"
  ServiceIndex app = model::kNone;
  bool at_start = false;  ///< users come this way before the deploy
};

/// The ways that the service may send users by, as listed; of a zone those that a step sets, too. Empty: it routes nobody.
std::vector<Route> routes_of(const Plan& plan, ServiceIndex router);

/// Whether users come by that way, as the router's facts are.
bool is_open(const Plan& plan, const Record& router, const Route& route);

/// The app that did the work of `app` before the deploy: the one to which a balancer's live side or the same record of a
/// zone led then; itself where users came to it, or where none did.
ServiceIndex worker_before(const Plan& plan, ServiceIndex app);

/// What a side or place bears, in percent of all users (`bears`: a share, or name: share); 0: nobody says.
std::int64_t bears(const model::Service& self, const std::string& name);

}  // namespace backout::services
