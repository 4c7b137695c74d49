#pragma once
// What a GitOps application leaves in the cluster of the version before.

#include "services/service.hpp"

namespace backout::services {

/// Notes in `outcome`, in which the application has rolled out a version of `app`, which objects of
/// the version in `world` stay: all that the new one does not have, unless it prunes.
void leave_unpruned(const Context& context, const World& world, ServiceIndex gitops,
                    ServiceIndex app, Outcome& outcome);

}  // namespace backout::services
