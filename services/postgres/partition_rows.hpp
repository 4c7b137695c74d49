#pragma once
// Which partition takes a row. Rows are stored in the partitions; a partitioned table itself holds only those of which that is not known
// (partitions by hash, keys that are expressions).

#include <map>
#include <string>
#include <vector>

#include "services/postgres/execution.hpp"
#include "services/postgres/rows.hpp"

namespace backout::postgres {

/// The partition below `table` that takes `row`, at any depth, and the row with the columns as that one has them.
struct Place {
  ObjectId table = 0;  ///< the partitioned table itself when it is not known
  Row row;
};

/// Whether a partitioned table has partitions that are known.
bool has_partitions(const Database& database, ObjectId table);

/// Where a row of a partitioned table goes: 23514 when no partition takes it.
Checked<Place> partition_for(Execution& execution, const Table& table, Row row);

/// Whether the bound of `partition` takes `row`, a row of the table that it is a part of.
Checked<Truth> bound_takes(Execution& execution, const Table& whole, const Table& partition, const Row& row);

/// A partition that has just been made or attached: 23514 when rows that it should hold lie in the partition that takes the rest, or when it holds
/// rows that its bound does not take.
Checked<void> check_new_partition(Execution& execution, ObjectId partition);

/// Before a partition is dropped or detached: what the whole holds itself may lie in there, so that its rows are in doubt.
void doubt_unplaced_rows(Database& database, ObjectId partition);

/// The rows of a table and of all partitions below it, with the columns as the table has them; its doubt, or that of one of them.
TableRows rows_with_partitions(const Database& database, const Table& table);

/// The outermost table that `table` is a partition of; the table itself when it is none.
ObjectId outermost(const Database& database, ObjectId table);

/// 23514 when a row that is written into a partition itself does not fit its bound.
Checked<void> check_bound(Execution& execution, const Table& partition, const Row& row);

/// Texts of a bound by columns of the key of `whole`: what a row of `part` may hold.
std::map<std::string, std::string> values_in_bound(const Table& whole, const Table& part);

/// Texts of the bounds of a partitioned table's partitions, by columns of its key: values of which some are in a partition.
std::vector<std::map<std::string, std::string>> values_in_bounds(const Database& database, const Table& table);

}  // namespace backout::postgres
