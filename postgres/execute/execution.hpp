#pragma once
// How statements reach the functions that execute them: one dispatch table (execution.cpp) from
// kinds of statements to handlers, which live by the kind of object that they concern:
// ddl_table.cpp, ddl_index.cpp, ddl_type.cpp, ...

#include <memory>

#include <pg_query/pg_query.pb-c.h>

#include "postgres/catalog/database.hpp"

namespace backout::postgres {

/// One statement at work.
struct Execution {
  Database& database;
  std::shared_ptr<const void> trees;  ///< keeps the parse trees alive that the catalog stores
  int depth = 0;                      ///< functions that run inside each other
};

/// Executes one kind of statement: done, refused with an SQLSTATE, or not followed. On failure the
/// caller restores the database.
using Handler = Checked<void> (*)(Execution&, const PgQuery__Node&);

/// The handler of that kind of statement, null when it is not modelled.
Handler handler_of(PgQuery__Node__NodeCase kind);

/// Executes a statement that stands inside another (CREATE SCHEMA ... CREATE TABLE, EXPLAIN, DO).
Checked<void> execute_nested(Execution& execution, const PgQuery__Node& statement);

}  // namespace backout::postgres
