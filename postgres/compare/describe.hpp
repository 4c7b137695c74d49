#pragma once

#include <map>
#include <string>
#include <utility>

#include "postgres/catalog/database.hpp"

namespace backout::postgres {

/// Definitions by kind and name, as pg_dump would tell them apart.
using Definitions = std::map<std::pair<std::string, std::string>, std::string>;

/// Adds the definitions that an object stands for: itself, its columns, comments and grants.
void describe_object(const Database& database, const Object& object, Definitions& definitions);

}  // namespace backout::postgres
