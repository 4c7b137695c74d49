#pragma once

#include <string>

#include "analyzer/migrations/verdict.hpp"

namespace backout::analyzer {

/// What an object is not any more that it was before the up; of tables in the words of SQL.
std::string said_of(const SchemaDifference& difference);

}  // namespace backout::analyzer
