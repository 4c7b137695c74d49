#pragma once
// Caches of which the plan speaks without declaring them (kind `cdn`): nobody knows what they keep.

#include <string>

#include "services/service.hpp"

namespace backout::services {

/// Whether any service of the plan stands behind such caches, or holds their rules.
bool has_unsaid_caches(const Plan& plan);

/// What they may go on with where `service` changes from one world to the other: what the version
/// before answered under the same names, or what was kept by the rule before. Empty: nothing.
std::string left_in_caches(const Context& context, const World& before, const World& after,
                           ServiceIndex service);

/// Whether a step says in words that it throws copies away.
bool purges_in_words(const model::Step& step);

}  // namespace backout::services
