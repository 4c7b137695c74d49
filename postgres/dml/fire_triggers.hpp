#pragma once
// User triggers on INSERT, UPDATE, DELETE and TRUNCATE. Bodies in PL/pgSQL are run; of one that
// cannot be followed the columns that it names are no longer known when that is all that it can do,
// else the statement is not followed.

#include <vector>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/execute/execution.hpp"

namespace backout::postgres {

/// What a trigger fires on: 'i' insert, 'u' update, 'd' delete, 't' truncate.
struct TriggerEvent {
  char what = 'i';
  std::vector<ColumnId> columns;  ///< that an UPDATE sets
};

/// The triggers of `table` that fire on `event`, in the order of their names; none while
/// session_replication_role is replica. Row triggers of partitioned tables fire on their
/// partitions.
std::vector<Trigger> triggers_on(const Database& database, ObjectId table,
                                 const TriggerEvent& event, char timing, bool row);

/// Fires the BEFORE ROW triggers: `after` (of an insert or update) becomes what they make of it;
/// false when one of them drops the row from the statement. `before` is null on inserts, `after` on
/// deletes.
Checked<bool> fire_before(Execution& execution, const Table& table, const TriggerEvent& event,
                          const Row* before, Row* after);

/// Fires the AFTER ROW triggers of one row, then has what they refuse.
Checked<void> fire_after(Execution& execution, const Table& table, const TriggerEvent& event,
                         const Row* before, const Row* after);

/// Fires the triggers FOR EACH STATEMENT: timing 'b' or 'a'.
Checked<void> fire_statement(Execution& execution, const Table& table, const TriggerEvent& event,
                             char timing);

}  // namespace backout::postgres
