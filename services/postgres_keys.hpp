#pragma once
// Which row a statement of live traffic meets.

#include <map>
#include <string>

#include "postgres/catalog/database.hpp"

namespace backout::services {

/// Literals for the placeholders by which an UPDATE or DELETE picks its rows ("WHERE id = :id"):
/// the values of the first row of `rows` that no foreign key there keeps as it is, so that the
/// statement meets one. By ":name", as with_literals() takes them; empty where there is no such
/// row, or where the statement picks none that way. `tag` as for run_sql().
std::map<std::string, std::string> keys_of_met_row(const postgres::Database& rows,
                                                   const std::string& sql, const std::string& tag);

}  // namespace backout::services
