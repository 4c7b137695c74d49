#pragma once
// What other kinds need to know of places for backups.

#include "services/service.hpp"

namespace backout::services {

/// Whether a place for backups has read the copy that `action` restores back, to its end, in this
/// world. False for actions that restore nothing, and for copies that no place says it holds
/// (`holds: {<copy>: {of: <service>}}`).
bool was_read_back(const Context& context, const World& world, const Action& action);

}  // namespace backout::services
