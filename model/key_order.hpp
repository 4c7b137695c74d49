#pragma once
// The order of keys in a plan means nothing: whatever is worked out from a plan goes by one
// canonical order of its maps.

#include "model/node.hpp"

namespace backout::model {

/// Puts the keys of every map of the plan into their order: numbers by value, words by their bytes,
/// in `rollback.paths` those that claim to restore everything first, `full` before the others. The
/// columns of a table stay as written: statements may go by where they stand.
void put_in_order(Node& plan);

}  // namespace backout::model
