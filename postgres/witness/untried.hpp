#pragma once

#include <string>
#include <vector>

#include "postgres/catalog/database.hpp"

namespace backout::postgres {

/// CHECK constraints and unique indexes of `before` that `after` has no longer, and that no row of
/// `after` breaks though nothing in it forbids such rows: whether they can be put back has not been
/// tried. What to say of each.
std::vector<std::string> untried(const Database& before, const Database& after);

}  // namespace backout::postgres
