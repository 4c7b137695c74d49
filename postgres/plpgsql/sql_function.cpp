// A function in SQL runs all statements of its body and gives the first row of the last one, all of
// them when it returns a set (functions.c). CREATE FUNCTION analyses the body and compares its
// result with the declared type (check_sql_fn_retval()).
// Left out: types of the result, only the number of columns is compared; bodies that hold anything
// but SELECT, INSERT, UPDATE and DELETE, or take rows, are not looked at when they are made. Not
// known: calls of a set where one value is wanted, deep recursion.
#include "postgres/plpgsql/sql_function.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/dml/dml.hpp"
#include "postgres/execute/handlers.hpp"
#include "postgres/query/bind.hpp"
#include "postgres/query/query.hpp"
#include "postgres/query/table_surroundings.hpp"
#include "postgres/read/sql_reader.hpp"
#include "postgres/witness/reach.hpp"

namespace backout::postgres {
namespace {

bool gives_rows(const PgQuery__Node& statement) {
  switch (statement.node_case) {
    case PG_QUERY__NODE__NODE_INSERT_STMT:
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
    case PG_QUERY__NODE__NODE_DELETE_STMT:
      return true;
    default:
      return false;
  }
}

Checked<Relation> run_statement(Execution& execution, const PgQuery__Node& statement,
                                const Scope& scope) {
  if (statement.node_case == PG_QUERY__NODE__NODE_SELECT_STMT) {
    TableSurroundings surroundings(execution);
    return run_select(*statement.select_stmt, scope, surroundings);
  }
  if (gives_rows(statement)) return run_modification(execution, statement, scope);
  if (auto done = execute_nested(execution, statement); !done) return tl::unexpected(done.error());
  return Relation{};
}

}  // namespace

Checked<Relation> run_sql_rows(Execution& execution, const Function& function,
                               const PlpgsqlArguments& arguments) {
  if (execution.depth > kMostCalls) return tl::unexpected(not_known("deep recursion of functions"));
  const Script script = Script::parse(function.body);
  if (script.mistake())
    return tl::unexpected(not_known(fmt::format("the function {}", function.name)));
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
    const Reach::Reading reading(
        execution.database,
        std::string_view(script.text()).substr(part.begin, part.end - part.begin));
    auto rows = run_statement(inner, *part.tree, scope);
    if (!rows) {
      rows.error().offset = -1;  // of the body's text, not of the script
      return rows;
    }
    last = std::move(*rows);
  }
  return last;
}

Checked<Typed> run_sql_function(Execution& execution, const Function& function,
                                const PlpgsqlArguments& arguments) {
  if (function.returns.starts_with("SETOF ") || function.returns.starts_with("TABLE(")) {
    return tl::unexpected(not_known(fmt::format("the function {}", function.name)));
  }
  const auto rows = run_sql_rows(execution, function, arguments);
  if (!rows) return tl::unexpected(rows.error());
  if (function.returns == "void" || rows->columns.empty())
    return Typed{Value(), plain(TypeClass::unknown)};
  if (!rows->rows.empty() && !rows->certain[0])
    return tl::unexpected(not_known(fmt::format("the function {}", function.name)));
  return Typed{rows->rows.empty() ? Value() : rows->rows[0][0], rows->columns[0].type};
}

namespace {

bool is_plain_query(const Script::Statement& part) {
  return part.tree->node_case == PG_QUERY__NODE__NODE_SELECT_STMT || gives_rows(*part.tree);
}

/// Columns of the table or composite type that the function returns; 0 when it returns something
/// else.
std::size_t width_of_result(const Database& database, std::string returns) {
  if (returns.starts_with("SETOF ")) returns.erase(0, 6);
  const QualifiedName name = name_from_text(returns);
  if (const auto* table = database.get<Table>(resolve(database, NameSpace::relation, name)))
    return visible_columns(*table).columns.size();
  const auto* type = database.get<Type>(resolve(database, NameSpace::type, name));
  return type != nullptr && type->variety == 'c' ? type->attributes.size() : 0;
}

/// Columns that a query says it gives; 0 where `*` or something else leaves that open.
std::size_t written_width(const PgQuery__Node& node) {
  if (node.node_case != PG_QUERY__NODE__NODE_SELECT_STMT) return 0;
  const PgQuery__SelectStmt* query = node.select_stmt;
  while (query->larg != nullptr) query = query->larg;
  for (std::size_t at = 0; at < query->n_target_list; ++at) {
    const PgQuery__Node* value = query->target_list[at]->res_target->val;
    if (value == nullptr) return 0;
    const bool whole = value->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
                       last_name(*value->column_ref).empty();
    if (whole || value->node_case == PG_QUERY__NODE__NODE_A_INDIRECTION) return 0;
  }
  return query->n_target_list;
}

bool takes_rows(const Database& database, const Function& function) {
  return std::any_of(function.input_types.begin(), function.input_types.end(),
                     [&](const std::string& type) {
                       return type == "record" ||
                              resolve(database, NameSpace::relation, name_from_text(type)) != 0 ||
                              width_of_result(database, type) > 0;
                     });
}

}  // namespace

Checked<void> check_sql_body(const Execution& execution, const Function& function) {
  const Script script = Script::parse(function.body);
  if (script.mistake() && script.mistake()->sqlstate == "42601")
    return tl::unexpected(refuse("42601", script.mistake()->message));
  if (script.mistake() || script.statements().empty() || takes_rows(execution.database, function))
    return {};
  if (!std::all_of(script.statements().begin(), script.statements().end(), is_plain_query))
    return {};
  Database trial = execution.database.without_rows();
  Execution nowhere{trial, execution.trees, 0};
  PlpgsqlArguments arguments;
  for (const std::string& name : function.input_names) {
    arguments.push_back(
        {name, {Value::symbol(Symbol::opaque, trial.new_identity()), plain(TypeClass::unknown)}});
  }
  const auto rows = run_sql_rows(nowhere, function, arguments);
  if (!rows) {
    const Stop& stop = rows.error();
    // Where a statement that was not followed may have made what is missing, whoever runs this one
    // says so.
    const bool wrong =
        stop.kind == Stop::Kind::refused && (stop.sqlstate == "42P01" || stop.sqlstate == "42703");
    if (wrong) return tl::unexpected(stop);
  }
  const std::size_t width = width_of_result(execution.database, function.returns);
  const std::size_t given =
      rows ? rows->columns.size() : written_width(*script.statements().back().tree);
  if (width > 0 && given > 1 && given != width) {
    return tl::unexpected(refuse(
        "42P13",
        fmt::format("return type mismatch in function declared to return {}", function.returns)));
  }
  return {};
}

}  // namespace backout::postgres
