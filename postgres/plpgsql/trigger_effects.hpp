#pragma once

#include <optional>
#include <set>
#include <string>

#include "postgres/catalog/database.hpp"

namespace backout::postgres {

/// The fields of NEW that a trigger function's body in PL/pgSQL may set when that, and returning
/// NEW, is all that it can do: it writes to no table, raises no error and drops no row. Nothing
/// when it may do more, or when it cannot be read.
std::optional<std::set<std::string>> fields_set_by(const Database& database,
                                                   const std::string& body);

/// Whether the body of a trigger function writes to no table and raises no error.
bool is_quiet(const Database& database, const std::string& body);

}  // namespace backout::postgres
