#pragma once
// Kinds of one's own, outside the tree: written against services/row_kind.hpp (or Kind itself) and
// added at start.

#include <memory>

#include "services/service.hpp"

namespace backout::services {

/// Adds a kind to all_kinds(), find_kind() and catalog(), behind those that backout brings. Call it
/// before the first plan is loaded, from one thread. Returns the kind; nullptr, and nothing is
/// added, when its name or one of its aliases is taken.
const Kind* add_kind(std::unique_ptr<const Kind> kind);

}  // namespace backout::services
