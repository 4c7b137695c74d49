#include "services/postgres_keys.hpp"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "postgres/catalog/names.hpp"
#include "postgres/ddl/partition_rows.hpp"
#include "postgres/query/expression.hpp"
#include "postgres/query/print.hpp"
#include "postgres/read/sql_reader.hpp"
#include "services/postgres_literals.hpp"
#include "services/postgres_sql.hpp"
#include "services/postgres_state.hpp"

namespace backout::services {

namespace pg = postgres;

namespace {

/// What stands for a placeholder while the statement is looked at.
constexpr std::string_view kMark = "placeholder ";

std::string placeholder_of(const PgQuery__Node* node) {
  while (node != nullptr && node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
    node = node->type_cast->arg;
  if (node == nullptr || node->node_case != PG_QUERY__NODE__NODE_A_CONST ||
      node->a_const->val_case != PG_QUERY__A__CONST__VAL_SVAL)
    return {};
  const std::string_view text = node->a_const->sval->sval;
  return text.starts_with(kMark) ? std::string(text.substr(kMark.size())) : std::string();
}

/// A column and the placeholder that it must equal.
using ColumnAndValue = std::pair<std::string, std::string>;

/// So many rows are tried.
constexpr std::size_t kMostTried = 8;

/// The columns that must equal a placeholder for the condition to hold.
void add_keys(const PgQuery__Node* where, std::vector<ColumnAndValue>& keys) {
  if (where == nullptr) return;
  if (where->node_case == PG_QUERY__NODE__NODE_BOOL_EXPR &&
      where->bool_expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR) {
    for (std::size_t i = 0; i < where->bool_expr->n_args; ++i)
      add_keys(where->bool_expr->args[i], keys);
  }
  if (where->node_case != PG_QUERY__NODE__NODE_A_EXPR) return;
  const PgQuery__AExpr& both = *where->a_expr;
  if (both.kind != PG_QUERY__A__EXPR__KIND__AEXPR_OP || both.n_name != 1 ||
      std::string_view(both.name[0]->string->sval) != "=")
    return;
  for (const auto& [column, value] :
       {std::pair(both.lexpr, both.rexpr), std::pair(both.rexpr, both.lexpr)}) {
    const std::string name = placeholder_of(value);
    if (!name.empty() && column != nullptr &&
        column->node_case == PG_QUERY__NODE__NODE_COLUMN_REF) {
      keys.emplace_back(pg::last_name(*column->column_ref), name);
    }
  }
}

/// What the placeholders are where the row is picked; empty: it cannot be.
std::map<std::string, std::string> literals_of(const pg::Table& table, const pg::Row& row,
                                               const std::vector<ColumnAndValue>& keys) {
  std::map<std::string, std::string> literals;
  for (const auto& [name, placeholder] : keys) {
    const pg::ColumnId column = table.find(name);
    if (column == 0 || !row.at(column - std::size_t{1}).is_known()) return {};
    const std::string literal = pg::quote_literal(row.at(column - std::size_t{1}).text());
    if (literals.emplace(':' + placeholder, literal).first->second != literal) return {};
  }
  return literals;
}

}  // namespace

std::map<std::string, std::string> keys_of_met_row(const pg::Database& rows, const std::string& sql,
                                                   const std::string& tag) {
  std::map<std::string, std::string> marks;
  for (const auto& [name, column] : placeholders(sql))
    marks[':' + name] = fmt::format("'{}{}'", kMark, name);
  if (marks.empty()) return {};
  const pg::Script script = pg::Script::parse(with_literals(rows, sql, "", marks));
  if (script.mistake() || script.statements().size() != 1) return {};
  const PgQuery__Node& node = *script.statements().front().tree;
  const bool update = node.node_case == PG_QUERY__NODE__NODE_UPDATE_STMT;
  if (!update && node.node_case != PG_QUERY__NODE__NODE_DELETE_STMT) return {};
  const auto id =
      pg::require_table(rows, update ? *node.update_stmt->relation : *node.delete_stmt->relation);
  const auto* table = id && *id != 0 ? rows.get<pg::Table>(*id) : nullptr;
  std::vector<ColumnAndValue> keys;
  add_keys(update ? node.update_stmt->where_clause : node.delete_stmt->where_clause, keys);
  if (table == nullptr || keys.empty()) return {};
  std::size_t tried = 0;
  for (const auto& row : pg::rows_with_partitions(rows, *table).rows) {
    const std::map<std::string, std::string> literals =
        row->certain ? literals_of(*table, *row, keys) : std::map<std::string, std::string>();
    if (literals.empty()) continue;
    pg::Database trial = rows;
    const SqlRun run =
        run_sql(trial, with_literals(rows, sql, tag, literals), SqlRun::Mode::transaction, tag);
    const bool kept = run.result == Outcome::Result::refused &&
                      run.sqlstate == "23503";  // by rows that point to it
    if (!kept) return literals;
    if (++tried == kMostTried) break;
  }
  return {};
}

}  // namespace backout::services
