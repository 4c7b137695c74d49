#pragma once
// Another major version of PostgreSQL on the same content, and the way back from it.

#include "services/postgres_state.hpp"
#include "services/record_kind.hpp"

namespace backout::services {

/// The verb `upgrade`.
model::VerbSpec postgres_upgrade_verb();

/// The major version before the deploy, where a step of the plan changes it; empty: none does, or
/// the plan does not say.
std::string major_before(const Plan& plan, ServiceIndex self);

/// What `upgrade` does. The old cluster of a `copy`, `clone` or `dump` stays as it was then, and
/// serves again without what was written since; that of a `link` or an upgrade in place is no more.
/// Source: PostgreSQL manual, "pg_upgrade", "Reverting to old cluster".
Outcome upgrade_postgres(const Action& action, PostgresState state);

Undo undo_of_upgrade(const PostgresState& before, const Action& action);

}  // namespace backout::services
