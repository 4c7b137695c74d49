#pragma once

#include <optional>
#include <vector>

#include "postgres/catalog/rows.hpp"
#include "postgres/execute/execution.hpp"

namespace backout::postgres {

/// Where the values of a row hold a column.
inline std::size_t slot_of(ColumnId column) { return column - std::size_t{1}; }

/// Checks one row against the NOT NULL of its table's columns: 23502.
Checked<void> check_nulls(const Table& table, const Row& row);

/// Checks one row against NOT NULL and the CHECK constraints of its table: 23502, 23514.
Checked<void> check_row(Execution& execution, const Table& table, const Row& row);

/// A row in a unique index. What the index's expressions make of it is worked out once, however
/// many rows it is compared with.
class IndexedRow {
 public:
  /// All outlive it, and nothing that the index depends on changes meanwhile.
  IndexedRow(Execution& execution, const Index& index, const Row& row);

  /// Whether both rows have all columns of the index and the same values in them.
  Checked<Truth> collides_with(const Row& other);

 private:
  Checked<Truth> is_in();
  const Checked<Typed>& key(std::size_t at);
  Checked<Truth> agree(std::size_t at, const Row& other);

  Execution& execution_;
  const Index& index_;
  const Table& table_;
  const Row& row_;
  std::optional<Checked<Truth>> in_;
  std::vector<std::optional<Checked<Typed>>>
      keys_;  ///< by column of the index, as far as they were asked for
};

/// Whether it is the index of an EXCLUDE constraint.
bool is_exclusion(const Index& index);

/// 23505 (of EXCLUDE 23P01) when `row` collides in one index with another row; `ignored` is its
/// older self.
Checked<void> check_unique_in(Execution& execution, const Index& index, const Row& row,
                              const Row* ignored);

/// The same in all indexes of `table`, but for those whose check waits (deferred.hpp).
Checked<void> check_unique(Execution& execution, const Table& table, const Row& row,
                           const Row* ignored);

/// Whether an update leaves a foreign key as it was in `before`.
bool keeps_key(const Constraint& key, const Row& row, const Row* before);

/// 23503 when a foreign key of `table` finds no partner for `row`. Of an update `before` is the
/// older row: keys that it leaves as they were are not looked at, as in PostgreSQL
/// (RI_FKey_fk_upd_check_required). Null for new rows.
Checked<void> check_references(Execution& execution, const Table& table, const Row& row,
                               const Row* before);

/// Whether the row that `key` points to from `row` exists; yes when a part of the key is NULL.
Checked<Truth> has_partner(Execution& execution, const Constraint& key, const Row& row);

/// Whether `row` points to `target` by `key`.
Checked<Truth> points_to(Execution& execution, const Constraint& key, const Row& row,
                         const Row& target);

/// Foreign keys of any table that reference `table`.
std::vector<const Constraint*> referencing(const Database& database, ObjectId table);

}  // namespace backout::postgres
