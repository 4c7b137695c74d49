#pragma once

#include <vector>

#include "postgres/catalog/database.hpp"

namespace backout::postgres {

/// The domain that a type is and those below it, the outermost first; empty: it is none.
std::vector<ObjectId> domains_of(const Database& database, const ValueType& type);

}  // namespace backout::postgres
