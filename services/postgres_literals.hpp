#pragma once
// Statements of live operations have placeholders; a world runs them with literals.

#include <map>
#include <string>

#include "postgres/catalog/database.hpp"

namespace backout::services {

/// The placeholders of `sql` (`:name` or `$1`) and the columns that they stand for: those that the
/// statement gives them to, else those of their names.
std::map<std::string, std::string> placeholders(const std::string& sql);

/// `sql` with each placeholder (`:column`, `$1`) replaced by a literal that stands for the column's
/// type; `tag` makes literals of one write differ from those of another. `chosen` says literals of
/// columns. A column that was renamed since `start` gets what it got under its first name.
std::string with_literals(const postgres::Database& database, const std::string& sql,
                          const std::string& tag,
                          const std::map<std::string, std::string>& chosen = {},
                          const postgres::Database* start = nullptr);

}  // namespace backout::services
