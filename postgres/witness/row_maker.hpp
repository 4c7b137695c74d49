#pragma once
// Makes rows of one table that its constraints allow, together with the rows that its foreign keys
// ask for.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "postgres/catalog/database.hpp"
#include "postgres/witness/clues.hpp"
#include "postgres/witness/sample_values.hpp"

namespace backout::postgres {

/// Values by column; a column that is missing takes its default.
using Values = std::map<ColumnId, Value>;

enum class RowShape : std::uint8_t {
  full,   ///< every column has a value
  least,  ///< only what is required and has no default
  nulls,  ///< NULL wherever allowed
};

/// A row that was stored, and where.
struct StoredRow {
  ObjectId table = 0;
  std::shared_ptr<const Row> row;
};

/// Rows in the order in which they were stored, those that others point to before them.
using RowLog = std::vector<StoredRow>;

/// The row as a statement that a reader can run.
std::string insert_statement(const Database& database, const StoredRow& stored);

/// Stores a row as an INSERT does: the triggers of its table fire, as far as they can be followed,
/// and what one refuses or drops is refused. Statement triggers are left out. `keeps_checks`: the
/// row, as it is given, keeps to every CHECK of the table.
Checked<std::shared_ptr<const Row>> write_row(Execution& execution, const Table& table, Row row,
                                              bool keeps_checks = false);

/// Makes rows for one table. What it stores goes into `log`, which may be null.
class RowMaker {
 public:
  RowMaker(Database& database, ObjectId table, RowLog* log, int depth = 0);

  const Table& table() const { return table_; }
  /// Columns of foreign keys.
  const std::set<ColumnId>& foreign() const { return foreign_; }
  /// Columns of unique indexes.
  const std::set<ColumnId>& unique() const { return unique_; }
  /// The columns of each unique index.
  const std::vector<std::vector<ColumnId>>& keys() const { return keys_; }
  /// Why the last row that was refused or not understood could not be stored.
  const std::string& doubt() const { return doubt_; }
  /// Columns that take values: neither dropped nor generated.
  const std::vector<ColumnId>& columns() const { return columns_; }
  const CheckHints& hints(ColumnId column) const { return hints_[column - std::size_t{1}]; }
  bool is_required(const Column& column) const;

  std::optional<Value> sample(ColumnId column, const Sample& wanted, const CheckHints& hints);
  std::optional<Value> sample(ColumnId column, const Sample& wanted) {
    return sample(column, wanted, hints(column));
  }
  /// Nothing when the column's type does not read the literal.
  std::optional<Value> read(ColumnId column, const std::string& literal);
  /// Nothing when a required value cannot be made.
  std::optional<Values> values(RowShape shape, const Sample& wanted, bool heed_checks = true);
  /// `values` with what the clue says of this table; nothing when it says nothing of it.
  std::optional<Values> values_of(const Clue& clue, const Sample& wanted);

  /// Stores the row when the schema allows it, after the rows that it points to. A row that breaks
  /// a CHECK constraint is mended when one or two other values do that. A row of which it is not
  /// known whether it is allowed is not stored.
  bool put(const std::optional<Values>& values);

  /// Values that it makes up follow from this number from now on, and not from how many rows there
  /// are.
  void number_by(long number) { number_ = number; }

  /// What it stores goes there from now on.
  void log_into(RowLog& log) { log_ = &log; }

  /// How many rows the log holds; taking back those after the first `count`, for whoever restores
  /// the database.
  std::size_t logged() const { return log_ == nullptr ? 0 : log_->size(); }
  void forget_after(std::size_t count) {
    if (log_ != nullptr) log_->resize(count);
  }

 private:
  struct RowCheck {
    Constraint constraint;
    bool is_of_row = false;  ///< the values of the columns that it names decide on it
  };

  long number_of(ObjectId table, long first) const;
  /// Whether `row` has in the columns of the check what the last row had that kept to all.
  bool is_as_kept(const RowCheck& check, const Row& row) const;
  bool are_checks_kept(const Row& row) const;
  Checked<Row> complete(const Values& values);
  /// A row that no partition takes gets the values of one's bound.
  void lie_in_a_partition(Row& row);
  void complete_partners(Row& row);
  bool make_partner(const Constraint& key, const Row& row);
  bool mend(Row& row);
  std::optional<Constraint> broken_check(const Row& row);
  std::vector<Value> candidates(ColumnId column, const Constraint& check, const Row& row);

  static constexpr int kDeepest = 5;

  Database& database_;
  const Table table_;
  const std::vector<CheckHints> hints_;  ///< by column
  std::vector<RowCheck> checks_;
  std::optional<Row> kept_;  ///< the last row of which every CHECK was asked and that keeps to all
  RowLog* log_;
  int depth_;
  std::optional<long> number_;
  std::set<ColumnId> foreign_;
  std::set<ColumnId> unique_;
  std::vector<std::vector<ColumnId>> keys_;
  std::vector<ColumnId> columns_;
  std::string doubt_;
};

}  // namespace backout::postgres
