#pragma once
// How long a rollback path keeps users out: the clock of `downtime`.

#include "model/objective.hpp"
#include "model/plan.hpp"
#include "model/schedule.hpp"
#include "services/service.hpp"

namespace backout::services {

/// The path with only the steps of its outage, in listed order: from its first step that takes
/// something down which served before the deploy (while it runs, or behind it) to the one behind
/// which all of that serves again; to its end where that never comes, and from its first where
/// something is down already when the whole deploy ran. Without steps: it takes nothing down. What
/// fails, and a new version that answers errors, does not count: the clock is that of the method.
model::RollbackPath outage_of_path(const Context& context, const World& start,
                                   const model::RollbackPath& path);

/// Whether the objective's clock is that of the outage.
inline bool is_downtime(const model::Objective& objective) { return objective.phase == "downtime"; }

/// What the objective's clock runs over: the outage of the path, or the `whole` of it.
model::Schedule schedule_for(const Context& context, const World& start,
                             const model::RollbackPath& path, const model::Objective& objective,
                             const model::Schedule& whole);

}  // namespace backout::services
