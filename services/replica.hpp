#pragma once
// Replicas: what others have to know of them.

#include "services/service.hpp"

namespace backout::services {

/// Whether a service is a replica that has become the primary in this world.
bool is_promoted(const Context& context, const World& world, ServiceIndex service);
/// Whether a service is a replica that follows its primary in this world.
bool is_following(const Context& context, const World& world, ServiceIndex service);
/// The database that a replica follows; kNone when it is no replica.
ServiceIndex primary_of(const Plan& plan, ServiceIndex service);
/// The database whose content a step on `service` is about: the primary for a replica, else the
/// service itself.
ServiceIndex database_of(const Plan& plan, ServiceIndex service);

/// What the replicas of the services that the action has changed make of it: a logical one stops at
/// a change of the schema, a streaming one at a physical restore.
void follow_primaries(const Context& context, const World& world, const Action& action,
                      Outcome& outcome);
/// What they do after an action that touches `print` is part of what it touches.
void add_replicas(const Context& context, const Action& action, Footprint& print);

}  // namespace backout::services
