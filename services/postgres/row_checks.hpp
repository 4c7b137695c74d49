#pragma once

#include <vector>

#include "services/postgres/execution.hpp"
#include "services/postgres/rows.hpp"

namespace backout::postgres {

/// Checks one row against NOT NULL and the CHECK constraints of its table: 23502, 23514.
Checked<void> check_row(Execution& execution, const Table& table, const Row& row);

/// Whether two rows collide in a unique index: both have all of its columns and the same values in them.
Checked<Truth> collide(Execution& execution, const Index& index, const Row& one, const Row& two);

/// 23505 when `row` collides with another row of its table; `ignored` is its older self.
Checked<void> check_unique(Execution& execution, const Table& table, const Row& row, const Row* ignored);

/// 23503 when a foreign key of `table` finds no partner for `row`.
Checked<void> check_references(Execution& execution, const Table& table, const Row& row);

/// Whether the row that `key` points to from `row` exists; yes when a part of the key is NULL.
Checked<Truth> has_partner(Execution& execution, const Constraint& key, const Row& row);

/// Whether `row` points to `target` by `key`.
Checked<Truth> points_to(Execution& execution, const Constraint& key, const Row& row, const Row& target);

/// Foreign keys of any table that reference `table`.
std::vector<const Constraint*> referencing(const Database& database, ObjectId table);

}  // namespace backout::postgres
