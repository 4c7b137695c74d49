#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "postgres/catalog/persistent_map.hpp"
#include "postgres/values/value.hpp"

struct PgQuery__Node;

namespace backout::postgres {

class Database;
struct Execution;

/// A representative row: one value per column slot (PostgreSQL's attnum minus one; dropped columns
/// keep their slot).
struct Row {
  std::vector<Value> values;
  /// False when a statement whose condition could not be decided may have deleted (or never
  /// inserted) it.
  bool certain = true;
  /// Names the write that made the row, for whoever follows it through updates; 0 = nobody does.
  /// Updates keep it.
  std::uint64_t identity = 0;

  /// The value in `slot`; NULL when the row is shorter.
  const Value& at(std::size_t slot) const;
  void set(std::size_t slot, Value value);
};

/// The rows of one table. Immutable once stored: writers copy it and store the copy.
struct TableRows {
  std::vector<std::shared_ptr<const Row>> rows;
  /// Not empty: what the fake could not follow and what may therefore have changed these rows.
  std::string doubt;
};

/// Keeps what a running statement replaces until the next one starts, so that whoever looks at it
/// may go on.
using Replaced = std::vector<std::shared_ptr<const void>>;

/// The rows of all tables, by the id of the table in the catalog. Copies share everything.
class RowStore {
 public:
  using Stored = std::shared_ptr<const TableRows>;

  /// The rows of `table`, an empty set when none were stored.
  const TableRows& of(std::uint32_t table) const;
  void store(std::uint32_t table, TableRows rows);
  void erase(std::uint32_t table);
  /// Everything stored, in order of table ids.
  std::vector<std::pair<std::uint32_t, Stored>> all() const;
  /// Tables whose rows may differ, in no meaningful order. Costs what the two do not share.
  static std::vector<std::uint32_t> differing(const RowStore& before, const RowStore& after);
  /// Whether nothing was stored since one was copied from the other.
  bool shares_all_with(const RowStore& other) const;
  /// Null: keeps nothing.
  void keep_replaced_in(std::shared_ptr<Replaced> replaced) { replaced_ = std::move(replaced); }

 private:
  PersistentMap<Stored> tables_;
  std::shared_ptr<Replaced> replaced_;
};

// What DDL asks of rows. Each is called when the catalog of `database` already has the new shape,
// and refuses as PostgreSQL refuses (the SQLSTATE in Stop), or says that it cannot tell
// (Stop::Kind::unknown). Tables without rows cost nothing.

/// ADD COLUMN, also with NOT NULL, a default, an identity, a serial or a generation expression:
/// fills the slot of the column.
Checked<void> fill_column(Execution& execution, std::uint32_t table, std::uint16_t column);

/// ALTER COLUMN TYPE: converts the slot of the column from type `before`; `conversion` is the USING
/// expression or null.
Checked<void> convert_column(Execution& execution, std::uint32_t table, std::uint16_t column,
                             const ValueType& before, const PgQuery__Node* conversion);

/// SET NOT NULL and PRIMARY KEY: refuses with 23502 when a row has NULL there.
Checked<void> check_not_null(const Database& database, std::uint32_t table, std::uint16_t column);

/// ADD CONSTRAINT and VALIDATE CONSTRAINT of every kind, by the constraint's name: 23514, 23505,
/// 23503, 23P01.
Checked<void> check_constraint(const Database& database, std::uint32_t table,
                               const std::string& constraint);

/// ALTER DOMAIN ... ADD CONSTRAINT, SET NOT NULL: every row with a value of the domain keeps to it
/// (23514, 23502).
Checked<void> check_domain(const Database& database, std::uint32_t domain);

/// ALTER TYPE ... RENAME VALUE: the rows show the new label.
void rename_label(Database& database, std::uint32_t type, const std::string& before,
                  const std::string& after);

/// CREATE UNIQUE INDEX, by the index's id: 23505 when two rows agree.
Checked<void> check_unique_index(const Database& database, std::uint32_t index);

}  // namespace backout::postgres
