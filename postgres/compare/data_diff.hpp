#pragma once

#include <memory>
#include <string>
#include <vector>

#include "postgres/catalog/database.hpp"

namespace backout::postgres {

/// What became of rows that were there before.
struct DataDifference {
  enum class Kind : std::uint8_t {
    table_gone,   ///< with rows in it
    column_gone,  ///< with a value other than NULL in it
    changed,      ///< rows are missing, or hold other values
    extra,        ///< all rows are there, and others as well
    unknown,      ///< cannot be told, because of `why`
  };
  Kind kind = Kind::changed;
  std::string table;                 ///< with its schema
  std::vector<std::string> columns;  ///< that are gone, or whose content differs
  std::string before;                ///< a row that is missing, as an INSERT statement
  std::string why;
  ObjectId id = 0;                           ///< of the table
  std::shared_ptr<const Row> row = nullptr;  ///< that row
};

/// Compares the rows of `before` with those of `after`, tables and columns by name, in the columns
/// that both have, as text and whatever their order. Sequences are not compared.
std::vector<DataDifference> data_differences(const Database& before, const Database& after);

/// A column that held a known value in a row and holds what an UPDATE worked out of it, which is
/// not known and which nothing took back.
struct Overwritten {
  std::string table;
  std::string column;
  std::string before;  ///< an INSERT of the row as it was
};

/// Of columns whose type is the same in all three states.
std::vector<Overwritten> overwritten_columns(const Database& before, const Database& after_up,
                                             const Database& after_down);

}  // namespace backout::postgres
