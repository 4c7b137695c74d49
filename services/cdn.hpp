#pragma once
// Caches at the edge that fill by themselves.

#include "services/service.hpp"

namespace backout::services {

/// What caches in front of the apps keep once an action has come to `outcome`: a copy of each
/// version that serves.
void fill_caches(const Context& context, const World& world, Outcome& outcome);

/// What they keep after an action that touches `print` is part of what it touches.
void add_caches(const Context& context, Footprint& print);

}  // namespace backout::services
