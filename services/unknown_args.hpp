#pragma once
// Arguments and fields whose value nobody knows: what an action does with them is known only when
// it is the same with any value.

#include <functional>

#include "services/service.hpp"

namespace backout::services {

/// Whether a field of a service or of a version is `unknown`, or something in it.
bool says_unknown(const Plan& plan);

/// `outcome` of `action` in `world`, or opaque when an argument that is `unknown` makes a
/// difference to it: one that takes few values (true or false, one of some words, a number) or that
/// is the value that is set.
Outcome without_guess(const Context& context, const World& world, const Action& action,
                      Outcome outcome);

using Happens = std::function<Outcome(const Context&, const World&, const Action&)>;

/// What `happens`, or opaque when a field of a service that is `unknown` makes a difference to it.
/// A field of which the state before the deploy depends does so to all that touches the service.
Outcome whatever_fields_say(const Context& context, const World& world, const Action& action,
                            const Happens& happens);

/// The same of what no action does, like an operation of live traffic, and of fields of those
/// services.
using HappensIn = std::function<Outcome(const Context&, const World&)>;
Outcome whatever_fields_say(const Context& context, const World& world,
                            const std::vector<ServiceIndex>& about, const HappensIn& happens);

}  // namespace backout::services
