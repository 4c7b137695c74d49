#pragma once
// What a GitOps application leaves in the cluster of the version before.

#include "services/record_kind.hpp"
#include "services/service.hpp"

namespace backout::services {

/// Notes in `outcome`, in which the application has rolled out a version of `app`, which objects of
/// the version in `world` stay: all that the new one does not have, unless it prunes.
void leave_unpruned(const Context& context, const World& world, ServiceIndex gitops,
                    ServiceIndex app, Outcome& outcome);

/// `record` of an app that went from one of its versions to another, by what deletes objects that
/// the new one does not have: what stateful ones held is gone with them.
Record without_deleted(const model::Service& app, const std::string& from, const std::string& to,
                       const Record& record);
/// `record` before the deploy: what stateful objects of the version that serves hold.
Record with_contents(const model::Service& app, const Record& record);
/// `stateful` of an app.
model::FieldSpec stateful_field();

}  // namespace backout::services
