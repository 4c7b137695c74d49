#pragma once

#include <optional>
#include <string>
#include <vector>

#include "postgres/catalog/database.hpp"

namespace backout::postgres {

/// What the CHECK constraints of a table say of one column, as far as comparisons with literals
/// show it.
struct CheckHints {
  struct Bound {
    std::string op;  ///< "=", "<", "<=", ">", ">="
    long number = 0;
  };
  std::vector<std::string> literals;  ///< values that a list or an equality allows
  std::optional<Bound> length;
  std::vector<Bound> bounds;
};
/// By column.
std::vector<CheckHints> hints_of(const Database& database, const Table& table);

/// Which sample value of a column is wanted.
struct Sample {
  long number = 7001;  ///< rows with different numbers hold different values
  bool wide = false;   ///< the longest or largest value
  bool small = false;  ///< small numbers
};

/// A value of the column's type that heeds `hints`: NULL for composite types; unknown for types
/// without samples.
Checked<Value> sample_value(Database& database, const Table& table, ColumnId column,
                            const Sample& sample, const CheckHints& hints);

}  // namespace backout::postgres
