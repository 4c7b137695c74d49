// PostgreSQL's planner, too, proves from CHECK constraints that no row can satisfy a condition
// (predicate_refuted_by() in predtest.c). Here the condition is tried on a row of which only NOT
// NULL is known, and constants that it compares for equality on the CHECK constraints.
// Left out: proofs from several parts of the condition together, from other comparisons than = and
// IN, from keys; what holds a subquery may hold.
#include "postgres/query/may_hold.hpp"

#include <algorithm>
#include <vector>

#include "postgres/catalog/names.hpp"
#include "postgres/dml/row_checks.hpp"
#include "postgres/query/expression.hpp"
#include "postgres/query/query.hpp"
#include "postgres/query/table_surroundings.hpp"
#include "postgres/read/tree_walk.hpp"

namespace backout::postgres {
namespace {

bool has_subquery(const PgQuery__Node& node) {
  bool found = false;
  walk(node.base, [&](const ProtobufCMessage& message) {
    found = found || message.descriptor == &pg_query__sub_link__descriptor;
    return !found;
  });
  return found;
}

class Possible {
 public:
  Possible(Execution& execution, const Table& table, const std::string& alias)
      : execution_(execution), table_(table), alias_(alias) {}

  bool holds_of_some(const PgQuery__Node& node) {
    if (node.node_case == PG_QUERY__NODE__NODE_BOOL_EXPR &&
        node.bool_expr->boolop != PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR) {
      const auto one = [&](const PgQuery__Node* part) { return holds_of_some(*part); };
      PgQuery__Node* const* parts = node.bool_expr->args;
      const bool all = node.bool_expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR;
      return all ? std::all_of(parts, parts + node.bool_expr->n_args, one)
                 : std::any_of(parts, parts + node.bool_expr->n_args, one);
    }
    if (has_subquery(node)) return true;
    const VisibleColumns visible = visible_columns(table_);
    const Row row = any_row(execution_.database, table_);
    std::vector<Value> values;
    for (const ColumnId id : visible.ids) values.push_back(row.at(id - std::size_t{1}));
    Scope scope;
    scope.relations.push_back({alias_, visible.columns, values});
    TableSurroundings surroundings(execution_);
    const auto answer = holds(node, scope, surroundings);
    return (!answer || *answer != Truth::no) && some_value_is_allowed(node, scope);
  }

 private:
  /// `column = 'a'`, `column IN ('a', 'b')`: whether the CHECK constraints take one of the values.
  bool some_value_is_allowed(const PgQuery__Node& node, const Scope& scope) {
    if (node.node_case != PG_QUERY__NODE__NODE_A_EXPR) return true;
    const PgQuery__AExpr& both = *node.a_expr;
    const bool plain = both.kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP ||
                       both.kind == PG_QUERY__A__EXPR__KIND__AEXPR_IN;
    if (!plain || both.n_name != 1 || std::string_view(both.name[0]->string->sval) != "=" ||
        both.rexpr == nullptr || both.lexpr == nullptr)
      return true;
    if (both.lexpr->node_case != PG_QUERY__NODE__NODE_COLUMN_REF) return true;
    const ColumnId column = table_.find(last_name(*both.lexpr->column_ref));
    if (column == 0) return true;
    if (both.rexpr->node_case != PG_QUERY__NODE__NODE_LIST)
      return is_allowed(column, *both.rexpr, scope);
    const PgQuery__List& list = *both.rexpr->list;
    return std::any_of(list.items, list.items + list.n_items,
                       [&](const PgQuery__Node* item) { return is_allowed(column, *item, scope); });
  }

  bool is_allowed(ColumnId column, const PgQuery__Node& constant, const Scope& scope) {
    TableSurroundings surroundings(execution_);
    const auto computed = evaluate(constant, scope, surroundings);
    if (!computed || !computed->value.is_known()) return true;
    const auto value = coerce(*computed, table_.column(column).type, false, surroundings);
    if (!value || !value->is_known()) return true;
    // Columns that a view does not show are not NULL for that.
    Row row = any_row(execution_.database, *execution_.database.get<Table>(table_.id));
    row.set(column - std::size_t{1}, *value);
    const auto checks = execution_.database.parts_of<Constraint>(table_.id);
    return std::none_of(checks.begin(), checks.end(), [&](const Constraint* check) {
      if (check->type != 'c' || check->not_valid) return false;
      const RowScope checked(execution_.database, check->check, row);
      const auto kept = not_violated(*check->check.node, checked.scope(), surroundings);
      return kept && *kept == Truth::no;
    });
  }

  Execution& execution_;
  const Table& table_;
  const std::string& alias_;
};

}  // namespace

Row any_row(Database& database, const Table& table) {
  Row row;
  for (const Column& column : table.columns) {
    row.values.push_back(column.dropped
                             ? Value()
                             : Value::symbol(column.not_null ? Symbol::present : Symbol::opaque,
                                             database.new_identity()));
  }
  return row;
}

bool may_hold(const Execution& execution, const Table& table, const std::string& alias,
              const PgQuery__Node* where) {
  if (where == nullptr) return true;
  // Functions that WHERE calls may write, and tell whoever watches.
  Database trial = execution.database;
  trial.watch(nullptr);
  Execution nowhere{trial, execution.trees, execution.depth};
  return Possible(nowhere, table, alias).holds_of_some(*where);
}

}  // namespace backout::postgres
