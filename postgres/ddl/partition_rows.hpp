#pragma once
// Which partition takes a row. Rows are stored in the partitions; a partitioned table itself holds
// only those of which that is not known (partitions by hash, keys that are expressions).

#include <map>
#include <string>
#include <vector>

#include "postgres/catalog/rows.hpp"
#include "postgres/ddl/partition_bounds.hpp"
#include "postgres/execute/execution.hpp"

namespace backout::postgres {

/// The partition below `table` that takes `row`, at any depth, and the row with the columns as that
/// one has them.
struct Place {
  ObjectId table = 0;  ///< the partitioned table itself when it is not known
  Row row;
};

/// The partitions of a table, without those below them.
std::vector<ObjectId> partitions_of(const Database& database, ObjectId table);

/// The table and, for a partition, those that it is a part of, the outermost last.
std::vector<ObjectId> with_partitioned(const Database& database, ObjectId table);

/// The outermost table that `table` is a partition of; the table itself when it is none.
ObjectId outermost(const Database& database, ObjectId table);

/// A row of `from` with the columns as `to` has them, by their names.
Row row_as(const Table& from, const Table& to, const Row& row);

/// Where a row of a partitioned table goes: 23514 when no partition takes it.
Checked<Place> partition_for(Execution& execution, const Table& table, Row row);

/// A partition that is being made or attached: 42P17 when its bound is not one that its table takes
/// beside its other partitions.
Checked<void> check_new_bound(Execution& execution, ObjectId partition);

/// A partition that has just been made or attached: 23514 when rows that it should hold lie in the
/// partition that takes the rest, or when it holds rows that its bound does not take.
Checked<void> check_new_partition(Execution& execution, ObjectId partition);

/// Before a partition is dropped or detached: what the whole holds itself may lie in there, so that
/// its rows are in doubt.
void doubt_unplaced_rows(Database& database, ObjectId partition);

/// The rows of a table and of all partitions below it, with the columns as the table has them; its
/// doubt, or that of one of them.
TableRows rows_with_partitions(const Database& database, const Table& table);

/// How many rows a table and all partitions below it have.
std::size_t count_rows(const Database& database, const Table& table);

/// 23514 when a row that is written into a partition itself does not fit its bound, or that of what
/// it is a part of.
Checked<void> check_bound(Execution& execution, const Table& partition, const Row& row);

/// Texts of the bounds of a partitioned table's partitions, by columns of its key: values of which
/// some are in a partition.
std::vector<std::map<std::string, std::string>> values_in_bounds(const Database& database,
                                                                 const Table& table);

}  // namespace backout::postgres
