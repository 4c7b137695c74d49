#pragma once

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/plpgsql/plpgsql.hpp"
#include "postgres/query/expression.hpp"

namespace backout::postgres {

/// Runs the body of a function in language sql, which sees its arguments by name and as $1, $2, ...
///
/// The value is the first column of the first row that the last statement gives, NULL when it gives
/// none or the function returns void. Stops with unknown at bodies that cannot be read and at
/// functions that return sets.
Checked<Typed> run_sql_function(Execution& execution, const Function& function,
                                const PlpgsqlArguments& arguments);

/// The rows that the last statement of a function in language sql gives.
Checked<Relation> run_sql_rows(Execution& execution, const Function& function,
                               const PlpgsqlArguments& arguments);

/// What CREATE FUNCTION refuses of a body in SQL: relations and columns that do not exist (42P01,
/// 42703), a row of too many or too few columns for the type that it returns (42P13). Bodies that
/// make objects, and functions of rows, are taken as they are.
Checked<void> check_sql_body(const Execution& execution, const Function& function);

}  // namespace backout::postgres
