#pragma once
// Things that act by themselves: `reconciles` of a service.

#include <string>
#include <vector>

#include "services/service.hpp"

namespace backout::services {

/// A service with `reconciles`, resolved.
struct Reconciler {
  ServiceIndex self = model::kNone;
  std::vector<ServiceIndex> what;    ///< what it puts back
  ServiceIndex from = model::kNone;  ///< a service that says what to; kNone: `facts` do
  const model::Node* facts = nullptr;
};
/// Those of the plan, in plan order.
std::vector<Reconciler> reconcilers(const Plan& plan);

/// The apps of a GitOps application in the order in which it syncs them.
std::vector<ServiceIndex> in_waves(const Plan& plan, ServiceIndex gitops);
/// Why the waves behind that of `app`, which is to be `version`, are not reached; empty: they are.
std::string why_wave_stops(const Context& context, const World& world, ServiceIndex gitops,
                           ServiceIndex app, const std::string& version);

/// Whether it is neither stopped nor suspended in this world.
bool is_active(const World& world, const Reconciler& reconciler);

/// What the services that act by themselves do once the action has come to `outcome`. Where one of
/// them takes back what the action did, the outcome becomes a noop that says so.
void put_back(const Context& context, const World& world, const Action& action, Outcome& outcome);

/// What they put back after an action that touches `print` is part of what it touches.
void add_reconciled(const Context& context, Footprint& print);

}  // namespace backout::services
