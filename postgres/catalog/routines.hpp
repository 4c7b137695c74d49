#pragma once

#include <string_view>
#include <vector>

#include "postgres/catalog/database.hpp"

namespace backout::postgres {

/// Whether pg_catalog of PostgreSQL 15 has a function of that name.
bool is_built_in_function(std::string_view name);

/// User-made routines that a call `schema.name(...)` may mean, by search_path when `schema` is
/// empty.
std::vector<ObjectId> routines_named(const Database& database, const std::string& schema,
                                     const std::string& name);

}  // namespace backout::postgres
