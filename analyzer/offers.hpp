#pragma once
// From where a path may be chosen.

#include "model/plan.hpp"

namespace backout::analyzer {

/// Whether the path may be chosen after the first `prefix` steps of the deploy, run in listed
/// order: it says nothing, or names one of those that no other of them follows.
bool is_offered(const model::Plan& plan, const model::RollbackPath& path, std::size_t prefix);

/// The longest part of the deploy after which the path may be chosen; the whole deploy when there
/// is none.
std::size_t last_offer(const model::Plan& plan, const model::RollbackPath& path);

}  // namespace backout::analyzer
