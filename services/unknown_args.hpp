#pragma once
// Arguments whose value nobody knows: what an action does with them is known only when it is the
// same with any value.

#include "services/service.hpp"

namespace backout::services {

/// `outcome` of `action` in `world`, or opaque when an argument that is `unknown` makes a
/// difference to it: one that takes few values (true or false, one of some words, a number) or that
/// is the value that is set.
Outcome without_guess(const Context& context, const World& world, const Action& action,
                      Outcome outcome);

}  // namespace backout::services
