#pragma once
// What other kinds need to know of configuration.

#include "services/service.hpp"

namespace backout::services {

/// The configuration `self` after its readers have read it again.
Record reloaded(const Context& context, ServiceIndex self, const Record& config);

}  // namespace backout::services
