#pragma once
// What scripts say of the values of columns: the literals, patterns, list members, JSON keys and
// bounds of their conditions, lists of values, assignments and calls, in function bodies too. Each
// becomes a row that some statement treats in a way of its own.

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "postgres/read/sql_reader.hpp"

namespace backout::postgres {

/// Values of a row by column name, as literals; nothing: NULL. Names "#1", "#2" are positions in
/// the table.
using ClueValues = std::map<std::string, std::optional<std::string>, std::less<>>;

/// A row that a script speaks of.
struct Clue {
  std::string table;  ///< of VALUES lists; empty: any table that has one of the columns
  ClueValues values;
  bool operator==(const Clue&) const = default;
};

/// A column as a statement names it; `part` is empty where it says only the column.
struct NamedColumn {
  std::string part;
  std::string column;
  bool operator==(const NamedColumn&) const = default;
};

/// What one statement asks of rows: parts are the tables that it reads or writes, by alias.
struct JointClue {
  std::vector<std::pair<std::string, std::string>> parts;                    ///< alias, table
  std::vector<std::pair<NamedColumn, std::optional<std::string>>> literals;  ///< nothing: NULL
  std::vector<std::pair<NamedColumn, NamedColumn>> equal;
  bool operator==(const JointClue&) const = default;
};

/// What a script tells of rows.
struct Clues {
  std::vector<Clue> rows;
  std::vector<JointClue> joint;  ///< at most 24
  /// Columns by which rows are matched with others or put together: joins, GROUP BY, PARTITION BY,
  /// IN (SELECT ...).
  std::set<std::string, std::less<>> matched;
  bool writes = false;  ///< it changes rows, types of columns, or runs code: values matter

  /// Those of another script, too.
  void add(const Clues& other);
};

/// The clues of a whole script, those of the statements in its function bodies included. At most
/// 60, the first ones.
Clues clues_of(const Script& script);

/// Tables that the script makes by CREATE TABLE ... AS or SELECT ... INTO, without their schemas.
std::set<std::string> names_of_copies(const Script& script);

/// The clues of one expression: a CHECK constraint, the predicate of an index. `number` tells its
/// samples from those of others.
std::vector<Clue> clues_of(const PgQuery__Node& expression, long number);

}  // namespace backout::postgres
