#pragma once

#include <string>
#include <vector>

#include "postgres/query/expression.hpp"

namespace backout::postgres {

/// The rows of `query`, whose expressions may refer to `outer`. Knows joins, grouping, DISTINCT,
/// set operations, ORDER BY, LIMIT, WITH and simple window functions; stops with unknown at the
/// rest.
Checked<Relation> run_select(const PgQuery__SelectStmt& query, const Scope& outer,
                             Surroundings& surroundings);

/// The column name of a target of SELECT or RETURNING: that after AS, or what PostgreSQL makes of
/// the expression.
std::string output_name(const PgQuery__ResTarget& target);

/// Relations side by side: each row holds the values of all of them, one after the other.
struct Joined {
  struct Source {
    std::string alias;
    std::vector<ScopeColumn> columns;
    std::size_t offset = 0;
  };
  std::vector<Source> sources;
  std::vector<std::vector<Value>> rows{std::vector<Value>{}};
  std::vector<bool> certain{true};

  /// What an expression sees at one row; `outer` around it.
  Scope scope_at(std::size_t row, const Scope& outer) const;
};

/// Joins the items of a FROM clause (or USING, or UPDATE ... FROM) to `start`. Rows for which
/// `condition` (null: none) certainly does not hold may be left out; whoever joins drops the rest
/// of them.
Checked<Joined> join_items(Joined start, const PgQuery__Node* const* items, std::size_t count,
                           const PgQuery__Node* condition, const Scope& outer,
                           Surroundings& surroundings);

/// Keeps the rows on which `condition` (none: all) holds; a row for which that is not known stays,
/// but is no longer certain.
Checked<void> keep_where(Joined& joined, const PgQuery__Node* condition, const Scope& outer,
                         Surroundings& surroundings);

/// Evaluates the target list of SELECT or RETURNING on every row.
Checked<Relation> project(const Joined& joined, const PgQuery__Node* const* targets,
                          std::size_t count, const Scope& outer, Surroundings& surroundings);

/// Runs the queries of a WITH clause in order and adds their rows to `common`.
Checked<void> run_common(const PgQuery__WithClause* with, CommonTables& common, const Scope& outer,
                         Surroundings& surroundings);

/// Like project(), for a query that groups: GROUP BY, HAVING or an aggregate in the target list.
Checked<Relation> project_groups(const Joined& joined, const PgQuery__SelectStmt& query,
                                 const Scope& outer, Surroundings& surroundings);

/// Whether `query` groups its rows.
bool is_grouped(const PgQuery__SelectStmt& query);

}  // namespace backout::postgres
