#include "services/postgres_guards.hpp"

#include <fmt/format.h>

#include "postgres/query/print.hpp"
#include "postgres/read/sql_reader.hpp"
#include "services/postgres_sql.hpp"

namespace backout::services {

namespace pg = postgres;

namespace {

/// The rows that a plain "SELECT count(*) FROM table WHERE ..." counts, as the statement that
/// deletes them; empty: it is none.
std::string deletes_counted(const std::string& sql) {
  const pg::Script script = pg::Script::parse(sql);
  if (script.mistake() || script.statements().size() != 1) return {};
  const PgQuery__Node& node = *script.statements().front().tree;
  if (node.node_case != PG_QUERY__NODE__NODE_SELECT_STMT) return {};
  const PgQuery__SelectStmt& select = *node.select_stmt;
  const bool plain = select.n_target_list == 1 && select.n_from_clause == 1 &&
                     select.n_group_clause == 0 && select.having_clause == nullptr &&
                     select.limit_count == nullptr && select.limit_offset == nullptr &&
                     select.with_clause == nullptr && select.larg == nullptr;
  if (!plain || select.from_clause[0]->node_case != PG_QUERY__NODE__NODE_RANGE_VAR) return {};
  const PgQuery__Node* counted = select.target_list[0]->res_target->val;
  if (counted == nullptr || counted->node_case != PG_QUERY__NODE__NODE_FUNC_CALL ||
      counted->func_call->agg_star == 0)
    return {};
  if (counted->func_call->agg_filter != nullptr || counted->func_call->over != nullptr) return {};
  const PgQuery__RangeVar& from = *select.from_clause[0]->range_var;
  std::string table = pg::quote_identifier(from.relname);
  if (!std::string_view(from.schemaname).empty())
    table = pg::quote_identifier(from.schemaname) + '.' + table;
  if (from.inh == 0) table = "ONLY " + table;
  if (from.alias != nullptr) table += " AS " + pg::quote_identifier(from.alias->aliasname);
  return fmt::format(
      "DELETE FROM {}{}", table,
      select.where_clause == nullptr ? "" : " WHERE " + pg::print_plain(*select.where_clause));
}

std::size_t count_rows(const pg::Database& database) {
  std::size_t all = 0;
  for (const auto& [id, stored] : database.rows().all()) all += stored->rows.size();
  return all;
}

}  // namespace

std::optional<RunsSql> guard_of(const model::Check& check) {
  if (check.type != model::Check::Type::sql || check.args.text("expect") != "0")
    return std::nullopt;
  const std::string sql = deletes_counted(check.args.text("sql"));
  if (sql.empty()) return std::nullopt;
  return [sql](pg::Database& database) {
    pg::Database trial = database;
    trial.session().replica = true;
    return run_sql(trial, sql, SqlRun::Mode::transaction, "").result == Outcome::Result::done &&
           count_rows(trial) < count_rows(database);
  };
}

}  // namespace backout::services
