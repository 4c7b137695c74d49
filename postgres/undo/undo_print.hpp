#pragma once
// Objects of a catalog as the statements that make them.

#include <string>
#include <vector>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/database.hpp"

namespace backout::postgres {

/// schema.name, quoted where it must be.
std::string sql_name(const Database& database, const Object& object);
/// Columns of a table by their names there, separated by commas; `prefix` stands before each.
std::string sql_columns(const Table& table, const std::vector<ColumnId>& columns,
                        const std::string& prefix = "");
/// "name type DEFAULT ...", without NOT NULL.
std::string sql_column(const Database& database, const Column& column);
std::string sql_type(const Database& database, const Column& column);
/// CREATE TABLE with its columns and no constraint but NOT NULL.
std::string sql_table(const Database& database, const Table& table);
/// What stands behind ADD CONSTRAINT name; empty when it cannot be written.
std::string sql_constraint(const Database& database, const Constraint& constraint);
/// CREATE INDEX.
std::string sql_index(const Database& database, const Index& index);
std::string sql_sequence(const Database& database, const Sequence& sequence);
/// CREATE TYPE of an enum; empty for other types.
std::string sql_enum(const Database& database, const Type& type);
/// The word of COMMENT ON and DROP: "TABLE", "MATERIALIZED VIEW"; empty when there is none.
std::string sql_kind(const Object& object);

}  // namespace backout::postgres
