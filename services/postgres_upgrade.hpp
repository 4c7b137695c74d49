#pragma once
// Another major version of PostgreSQL on the same content, and the way back from it.

#include "services/row_kind.hpp"

namespace backout::services {

/// The verb `upgrade`.
VerbRow postgres_upgrade_row();

/// The major version before the deploy, where a step of the plan changes it; empty: none does, or
/// the plan does not say.
std::string major_before(const Plan& plan, ServiceIndex self);

}  // namespace backout::services
