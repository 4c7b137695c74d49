#pragma once

#include <vector>

#include "postgres/dml/fire_triggers.hpp"
#include "postgres/execute/execution.hpp"
#include "postgres/query/expression.hpp"

namespace backout::postgres {

Checked<Relation> run_insert(Execution& execution, const PgQuery__InsertStmt& statement,
                             const Scope& outer);
Checked<Relation> run_update(Execution& execution, const PgQuery__UpdateStmt& statement,
                             const Scope& outer);
Checked<Relation> run_delete(Execution& execution, const PgQuery__DeleteStmt& statement,
                             const Scope& outer);

/// The table that an INSERT, UPDATE or DELETE (`event` of the grammar) writes to. Not known: a
/// view, or a table with a rule for it.
Checked<ObjectId> require_written(const Database& database, const PgQuery__RangeVar& relation,
                                  PgQuery__CmdType event);

/// TRUNCATE: 0A000 when another table references one of these and is not among them, unless
/// `cascade`; `restart`: RESTART IDENTITY, sequences that their columns own begin again.
Checked<void> truncate(Execution& execution, std::vector<ObjectId> tables, bool cascade,
                       bool restart);

/// A row of a table and what it becomes: null when it is deleted.
struct RowChange {
  std::shared_ptr<const Row> before;
  std::shared_ptr<const Row> after;
};
/// Whether what rows with the foreign key may point to is gone, or has another key.
bool leaves_key(const Constraint& key, const RowChange& change);

/// Stores changed and deleted rows of `table` together: checks rows, keys and foreign keys, and
/// follows ON UPDATE and ON DELETE.
Checked<void> apply_changes(Execution& execution, ObjectId table,
                            const std::vector<RowChange>& changes);

/// apply_changes() with the row triggers of `event` around it: `changes` becomes what is stored,
/// without the rows that a trigger drops.
Checked<void> change_rows(Execution& execution, const Table& table, const TriggerEvent& event,
                          std::vector<RowChange>& changes);

/// One item of a SET list applied to a row; `scope` sees what the statement sees.
Checked<void> assign(Execution& execution, const Table& table, const PgQuery__Node* const* targets,
                     std::size_t count, const Scope& scope, Row& row);

/// Fills generated columns anew.
Checked<void> regenerate(Execution& execution, const Table& table, Row& row);

/// RETURNING on rows of `table`.
Checked<Relation> returning(Execution& execution, const Table& table, std::string_view alias,
                            const PgQuery__Node* const* targets, std::size_t count,
                            const std::vector<std::shared_ptr<const Row>>& rows,
                            const Scope& outer);

/// Whether an assignment gives the whole column a value of its own.
inline bool is_value(const PgQuery__ResTarget& target) {
  return target.n_indirection == 0 &&
         target.val->node_case != PG_QUERY__NODE__NODE_SET_TO_DEFAULT &&
         target.val->node_case != PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF;
}

/// 42703, 42804 and the like of an assignment's target; 428C9 for generated columns.
Checked<ColumnId> target_column(const Table& table, const PgQuery__ResTarget& target);

}  // namespace backout::postgres
