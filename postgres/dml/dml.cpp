// PostgreSQL runs INSERT, UPDATE and DELETE as plans under a ModifyTable node (nodeModifyTable.c),
// inside of WITH, too; TRUNCATE empties tables without looking at rows (ExecuteTruncate() in
// tablecmds.c). Here the statements are handed to dml_insert.cpp and dml_change.cpp.
// Left out: SELECT INTO and MERGE are not known; FOR UPDATE and its like lock nothing.
#include "postgres/dml/dml.hpp"

#include <utility>

#include "postgres/catalog/names.hpp"
#include "postgres/dml/dml_write.hpp"
#include "postgres/execute/handlers.hpp"
#include "postgres/query/query.hpp"
#include "postgres/query/table_surroundings.hpp"

namespace backout::postgres {

Checked<Relation> run_modification(Execution& execution, const PgQuery__Node& statement,
                                   const Scope& outer) {
  switch (statement.node_case) {
    case PG_QUERY__NODE__NODE_INSERT_STMT:
      return run_insert(execution, *statement.insert_stmt, outer);
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
      return run_update(execution, *statement.update_stmt, outer);
    case PG_QUERY__NODE__NODE_DELETE_STMT:
      return run_delete(execution, *statement.delete_stmt, outer);
    default:
      return tl::unexpected(not_known("a statement inside WITH"));
  }
}

namespace {

Checked<void> without_result(const Checked<Relation>& result) {
  if (!result) return tl::unexpected(result.error());
  return {};
}

}  // namespace

Checked<void> select_rows(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__SelectStmt& query = *node.select_stmt;
  if (query.into_clause != nullptr) return tl::unexpected(not_known("SELECT INTO"));
  TableSurroundings surroundings(execution);
  return without_result(run_select(query, {}, surroundings));
}

Checked<void> insert_rows(Execution& execution, const PgQuery__Node& node) {
  return without_result(run_insert(execution, *node.insert_stmt, {}));
}

Checked<void> update_rows(Execution& execution, const PgQuery__Node& node) {
  return without_result(run_update(execution, *node.update_stmt, {}));
}

Checked<void> delete_rows(Execution& execution, const PgQuery__Node& node) {
  return without_result(run_delete(execution, *node.delete_stmt, {}));
}

Checked<void> truncate_tables(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__TruncateStmt& statement = *node.truncate_stmt;
  std::vector<ObjectId> tables;
  for (std::size_t at = 0; at < statement.n_relations; ++at) {
    auto id = require_table(execution.database, *statement.relations[at]->range_var);
    if (!id) return tl::unexpected(id.error());
    tables.push_back(*id);
  }
  return truncate(execution, std::move(tables),
                  statement.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE,
                  statement.restart_seqs != 0);
}

}  // namespace backout::postgres
