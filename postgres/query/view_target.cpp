// PostgreSQL writes through a view of one relation without grouping, DISTINCT, LIMIT, WITH or set
// operations, and through INSTEAD OF triggers (view_query_is_auto_updatable() in rewriteHandler.c).
// Left out: views of views, of tables that others inherit from or that are partitioned, with
// expressions among their columns, a column twice or in another order than the table's, with CHECK
// OPTION or triggers: for these nothing is given.
#include "postgres/query/view_target.hpp"

#include <algorithm>

#include "postgres/catalog/names.hpp"
#include "postgres/ddl/define.hpp"
#include "postgres/query/expression.hpp"

namespace backout::postgres {
namespace {

bool is_plain(const PgQuery__SelectStmt& query) {
  const bool sorted_out = query.limit_count != nullptr || query.limit_offset != nullptr ||
                          query.n_distinct_clause > 0 || query.with_clause != nullptr;
  const bool grouped = query.n_group_clause > 0 || query.having_clause != nullptr ||
                       query.n_window_clause > 0 || query.larg != nullptr;
  return !sorted_out && !grouped && query.n_from_clause == 1 &&
         query.from_clause[0]->node_case == PG_QUERY__NODE__NODE_RANGE_VAR;
}

bool has_check_option(const View& view) {
  return std::any_of(view.options.begin(), view.options.end(),
                     [](const std::string& option) { return option.starts_with("check_option"); });
}

}  // namespace

std::optional<ViewTarget> view_target(const Database& database, const View& view) {
  const PgQuery__Node* node = view.query.node;
  if (view.materialized || node == nullptr || node->node_case != PG_QUERY__NODE__NODE_SELECT_STMT ||
      !is_plain(*node->select_stmt))
    return std::nullopt;
  if (has_check_option(view) || !database.parts_of<Trigger>(view.id).empty()) return std::nullopt;
  const PgQuery__SelectStmt& query = *node->select_stmt;
  const PgQuery__RangeVar& range = *query.from_clause[0]->range_var;
  const auto* base = database.get<Table>(resolve(database, NameSpace::relation, qualified(range)));
  if (base == nullptr || base->relkind != 'r' || !descendants(database, base->id).empty())
    return std::nullopt;
  ViewTarget target{*base, view, range.alias != nullptr ? range.alias->aliasname : base->name};
  target.table.name = view.name;
  for (Column& column : target.table.columns) column.dropped = true;
  std::size_t shown = 0;
  ColumnId last = 0;
  const auto show = [&](ColumnId id) {
    if (id == 0 || shown >= view.columns.size()) return false;
    if (id <= last) return false;  // twice, so that it has two names, or in another order
    last = id;
    Column& column = target.table.columns[id - std::size_t{1}];
    column = base->column(id);
    column.name = view.columns[shown++].name;
    return true;
  };
  for (std::size_t at = 0; at < query.n_target_list; ++at) {
    const PgQuery__Node* value = query.target_list[at]->res_target->val;
    if (value == nullptr || value->node_case != PG_QUERY__NODE__NODE_COLUMN_REF)
      return std::nullopt;
    const std::string name(last_name(*value->column_ref));
    if (!name.empty()) {
      if (!show(base->find(name))) return std::nullopt;
      continue;
    }
    while (shown < view.columns.size() && query.n_target_list == 1) {
      if (!show(base->find(view.columns[shown].name))) return std::nullopt;
    }
  }
  return shown == view.columns.size() ? std::optional(std::move(target)) : std::nullopt;
}

}  // namespace backout::postgres
