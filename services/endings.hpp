#pragma once
// What a way back counts on and that ends by itself: a password that a rotation keeps for an hour,
// a certificate, a token.

#include <set>
#include <string>
#include <utility>

#include "services/service.hpp"

namespace backout::services {

/// A version of a certificate, secret or token: the service, and the version.
using Counted = std::pair<ServiceIndex, std::string>;

/// What `after` counts on and `before` did not, whichever verb brought it back: the versions that
/// are current in it, and those that the versions at work in it require.
std::set<Counted> newly_counted_on(const Context& context, const World& before, const World& after);

/// Whether `back` is there for `step` of the deploy, behind which something ends by itself: it
/// takes the step back or works on the same service.
bool is_way_back_of(const Plan& plan, model::StepIndex step, model::StepIndex back);
/// What `step` of the deploy has let end after a while: the version that was current before it.
Counted former_of(const Plan& plan, model::StepIndex step, const World& before);

/// Whether anything in the plan ends by itself: the answer of most plans is no.
bool has_endings(const Context& context);

}  // namespace backout::services
