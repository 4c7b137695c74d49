#pragma once
// Who is at work in a world: the live versions of apps and the running workers.

#include <string>
#include <vector>

#include "services/service.hpp"

namespace backout::services {

/// Why no work reaches `app` in this world (maintenance, a balancer that routes elsewhere); empty
/// when it does.
std::string blocked(const Context& context, const World& world, ServiceIndex app);

/// The services that are at work on `store` now: apps that serve, get work and use it, and running
/// workers that use it. A stopped intake ends no connection.
std::vector<ServiceIndex> connected(const Context& context, const World& world, ServiceIndex store);

/// Those of them that may write to it: who takes no work in does not.
std::vector<ServiceIndex> writers(const Context& context, const World& world, ServiceIndex store);

/// Whether the value that the operation gives to the column stands for any (a placeholder).
bool is_chosen(const Operation& operation, const std::string& column);

/// Whether a version says nothing of its traffic, or that some of it is unknown; `operations: none`
/// says all.
bool is_silent(const model::Version& version);

/// Whether the plan says `unknown` of its traffic, or of some of it, in so many words.
bool is_said_unknown(const model::Version& version);

/// Whether apps depend on what a service of this kind holds or sends, so that silence of what their
/// versions do to it counts.
bool is_store(const Context& context, ServiceIndex service);

/// The services that `action` changes for the apps that work on them; of stores, those whose data,
/// shape or payload `action` changes for the apps that work on them, in plan order. To look, to
/// copy, and to keep users out for a while changes none of that.
std::vector<ServiceIndex> changed_stores(const Context& context, const Action& action);

/// Whether the versions of `app` work on `store`: the app uses it, or is called by it.
bool works_on(const Plan& plan, ServiceIndex app, ServiceIndex store);

/// The services that keep their state in `store` (`state_in` of a maintenance switch, `stored_in`
/// of flags).
std::vector<ServiceIndex> kept_in(const Plan& plan, ServiceIndex store);

/// What a restore of `store` does to them: they are again what they were before the deploy, which
/// is when the copies that a rollback restores are taken. Adds to `outcome`.
void bring_back_kept(const Context& context, const World& world, ServiceIndex store,
                     Outcome& outcome);

}  // namespace backout::services
