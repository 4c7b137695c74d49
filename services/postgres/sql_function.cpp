#include "services/postgres/sql_function.hpp"

#include <fmt/format.h>

#include "services/postgres/dml.hpp"
#include "services/postgres/handlers.hpp"
#include "services/postgres/query.hpp"
#include "services/postgres/sql_reader.hpp"
#include "services/postgres/table_surroundings.hpp"

namespace backout::postgres {
namespace {

bool gives_rows(const PgQuery__Node& statement) {
  switch (statement.node_case) {
    case PG_QUERY__NODE__NODE_INSERT_STMT:
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
    case PG_QUERY__NODE__NODE_DELETE_STMT: return true;
    default: return false;
  }
}

Checked<Relation> run_statement(Execution& execution, const PgQuery__Node& statement, const Scope& scope) {
  if (statement.node_case == PG_QUERY__NODE__NODE_SELECT_STMT) {
    TableSurroundings surroundings(execution);
    return run_select(*statement.select_stmt, scope, surroundings);
  }
  if (gives_rows(statement)) return run_modification(execution, statement, scope);
  if (auto done = execute_nested(execution, statement); !done) return tl::unexpected(done.error());
  return Relation{};
}

}  // namespace

Checked<Relation> run_sql_rows(Execution& execution, const Function& function, const PlpgsqlArguments& arguments) {
  if (execution.depth > kMostCalls) return tl::unexpected(not_known("deep recursion of functions"));
  const Script script = Script::parse(function.body);
  if (script.mistake()) return tl::unexpected(not_known(fmt::format("the function {}", function.name)));
  std::vector<ScopeColumn> columns;
  std::vector<Value> values;
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    const auto& [name, argument] = arguments[at];
    columns.push_back({fmt::format("${}", at + 1), argument.type});
    values.push_back(argument.value);
    if (name.empty()) continue;
    columns.push_back({name, argument.type});
    values.push_back(argument.value);
  }
  Scope scope;
  scope.relations.push_back({function.name, columns, values});
  Execution inner{execution.database, script.owner(), execution.depth + 1};
  Relation last;
  for (const Script::Statement& part : script.statements()) {
    auto rows = run_statement(inner, *part.tree, scope);
    if (!rows) {
      rows.error().offset = -1;  // of the body's text, not of the script
      return rows;
    }
    last = std::move(*rows);
  }
  return last;
}

Checked<Typed> run_sql_function(Execution& execution, const Function& function, const PlpgsqlArguments& arguments) {
  if (function.returns.starts_with("SETOF ") || function.returns.starts_with("TABLE(")) {
    return tl::unexpected(not_known(fmt::format("the function {}", function.name)));
  }
  const auto rows = run_sql_rows(execution, function, arguments);
  if (!rows) return tl::unexpected(rows.error());
  if (function.returns == "void" || rows->columns.empty()) return Typed{Value(), plain(TypeClass::unknown)};
  if (!rows->rows.empty() && !rows->certain[0]) return tl::unexpected(not_known(fmt::format("the function {}", function.name)));
  return Typed{rows->rows.empty() ? Value() : rows->rows[0][0], rows->columns[0].type};
}

}  // namespace backout::postgres
