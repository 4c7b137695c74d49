#pragma once
// By which ways users get to the apps of a plan.

#include <cstdint>
#include <optional>
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

/// The ways that the service may send users by, as listed; of a zone those that a step sets, too.
/// Empty: it routes nobody.
std::vector<Route> routes_of(const Plan& plan, ServiceIndex router);

/// Whether users come by that way, as the router's facts are.
bool is_open(const Plan& plan, const Record& router, const Route& route);

/// Whether users came to `app` by ways of the plan before the deploy (a side, a record of a zone),
/// and come by none of them in this world.
bool is_left_by_users(const Plan& plan, const World& world, ServiceIndex app);

/// The app that did the work of `app` before the deploy: the one to which a balancer's live side or
/// the same record of a zone led then; itself where users came to it, or where none did.
ServiceIndex worker_before(const Plan& plan, ServiceIndex app);

/// What a side or place bears, in percent of all users (`bears`: a share, or name: share); nullopt:
/// nobody says.
std::optional<std::int64_t> bears(const model::Service& self, const std::string& name);

/// `retries` of a service that routes users: how often clients try again at once what fails. What
/// comes back behind an outage gets that many times more (SRE book, "Addressing Cascading
/// Failures", "Retries").
model::FieldSpec retries_field();

/// What is wrong with `bears` of a service that routes users to `names`: a share that is no whole
/// number, a name that is none of them.
void check_bears(const model::Service& self, const std::vector<std::string>& names,
                 std::vector<model::Mistake>& mistakes);

}  // namespace backout::services
