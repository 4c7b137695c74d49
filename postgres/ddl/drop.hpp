#pragma once

#include <vector>

#include "postgres/catalog/database.hpp"

namespace backout::postgres {

/// Drops the objects together, with all that belongs to them; with `cascade` also what depends on
/// them, else 2BP01.
Checked<void> drop_objects(Database& database, const std::vector<ObjectId>& objects, bool cascade);

/// Drops a column of a table with its indexes, constraints and owned sequences; 2BP01 when a view
/// or another object needs it.
Checked<void> drop_column(Database& database, ObjectId table, ColumnId column, bool cascade);

}  // namespace backout::postgres
