#pragma once
// What other kinds need to know of apps.

#include <string>

#include "services/service.hpp"

namespace backout::services {

/// Whether the service is an app that runs.
bool is_running(const World& world, ServiceIndex app);

/// `app` as it is after `version` was built and rolled out by whoever asked for it: a deploy, or a push to a branch
/// that it deploys from. Nothing goes live while a rollback pins production. Loads the configuration that it reads.
Outcome roll_out(const Context& context, const World& world, ServiceIndex app, const std::string& version);

}  // namespace backout::services
