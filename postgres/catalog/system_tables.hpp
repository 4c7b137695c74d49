#pragma once

#include <optional>
#include <string_view>

#include "postgres/catalog/database.hpp"
#include "postgres/query/expression.hpp"

namespace backout::postgres {

/// The rows of a system catalog or a view of information_schema, in the columns that scripts ask
/// for; nothing when it is not modelled.
std::optional<Relation> system_table(const Database& database, std::string_view schema,
                                     std::string_view name);

}  // namespace backout::postgres
