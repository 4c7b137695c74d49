#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "postgres/execute/execution.hpp"
#include "postgres/query/expression.hpp"
#include "postgres/values/value.hpp"

namespace backout::postgres {

/// Names and values that a PL/pgSQL body starts with: the arguments of its function.
using PlpgsqlArguments = std::vector<std::pair<std::string, Typed>>;

/// Functions that run inside each other beyond this are not followed.
constexpr int kMostCalls = 12;

/// Why an EXECUTE is not followed: nothing is known of what it does.
inline constexpr const char* kUnknownText = "EXECUTE of a text that is not known";

/// Runs a PL/pgSQL body: blocks with exception handlers, IF, loops over queries and numbers, SQL,
/// EXECUTE, PERFORM, assignment, RAISE and RETURN. Stops with unknown at the rest. The value of
/// RETURN, NULL when there is none.
Checked<Typed> run_plpgsql(Execution& execution, const std::string& body,
                           const PlpgsqlArguments& arguments);

/// The rows of RETURN QUERY.
Checked<Relation> run_plpgsql_rows(Execution& execution, const std::string& body,
                                   const PlpgsqlArguments& arguments);

/// A row as a trigger function sees it: NEW or OLD.
struct TriggerRow {
  std::vector<ScopeColumn> columns;
  std::vector<Value> values;
};

/// What a trigger function is called for: 'i' insert, 'u' update, 'd' delete; 'b' before or 'a'
/// after.
struct TriggerCall {
  char what = 'i';
  char timing = 'b';
  bool row = true;
  std::string name;
  std::string table;
  std::string schema;
  std::vector<std::string> arguments;
  std::optional<TriggerRow> now;
  std::optional<TriggerRow> old;
};

/// Runs the body of a trigger function: the row that it returns, nothing for RETURN NULL.
Checked<std::optional<TriggerRow>> run_trigger(Execution& execution, const std::string& body,
                                               const TriggerCall& call);

}  // namespace backout::postgres
