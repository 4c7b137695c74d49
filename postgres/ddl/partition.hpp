#pragma once

#include <string>

#include "postgres/execute/execution.hpp"

namespace backout::postgres {

/// "RANGE (created_at)", as pg_get_partkeydef prints it: 42703 when a column does not exist.
Checked<std::string> partition_key(const Execution& execution, const Table& table,
                                   const PgQuery__PartitionSpec& spec);

/// "FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')" or "DEFAULT".
std::string partition_bound(const PgQuery__PartitionBoundSpec& bound);

/// Gives a partition the foreign keys of the partitioned table that it has not.
void inherit_foreign_keys(Execution& execution, ObjectId parent, ObjectId child);
/// Gives `child` the CHECK constraints of `parent`, and its indexes and foreign keys when it is a
/// partition.
Checked<void> inherit_from(Execution& execution, ObjectId parent, ObjectId child);

/// What ATTACH PARTITION asks of a table, 42804 when it lacks it, and gives it: foreign keys, and
/// indexes unless it has the like.
Checked<void> join_partitioned(Execution& execution, ObjectId whole, ObjectId part);
/// After DETACH PARTITION the constraints and indexes are the table's own.
void leave_partitioned(Database& database, ObjectId whole, ObjectId part);

/// ALTER INDEX whole ATTACH PARTITION part: 42809, 55000, 42P17.
Checked<void> attach_index(Execution& execution, ObjectId whole, ObjectId part);

/// Gives `part` the index that belongs to `index` of the table that it is a part of: one that it
/// has, or a copy. 23505 when its rows do not fit it.
Checked<void> add_to_partition(Execution& execution, ObjectId index, ObjectId part);
/// The same for every partition of the index's table, if it has any.
Checked<void> add_to_partitions(Execution& execution, ObjectId index);

/// LIKE ... INCLUDING CONSTRAINTS and INCLUDING INDEXES.
void copy_checks(Execution& execution, ObjectId source, ObjectId target);
Checked<void> copy_indexes(Execution& execution, ObjectId source, ObjectId target);

}  // namespace backout::postgres
