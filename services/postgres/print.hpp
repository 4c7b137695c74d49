#pragma once

#include <functional>
#include <string>

#include <pg_query/pg_query.pb-c.h>

#include "services/postgres/value.hpp"

namespace backout::postgres {

/// How the parts of an expression print that only a catalog knows: texts of the catalog (mark.hpp).
struct Printing {
  std::function<std::string(const PgQuery__ColumnRef&)> column;
  /// A type name as format_type prints it, without the modifiers that a stored cast loses.
  std::function<std::string(const PgQuery__TypeName&)> type;
  /// The relation that the text of a regclass literal names.
  std::function<std::string(std::string_view)> relation;
  /// A relation of a FROM clause; none: its name as written.
  std::function<std::string(const PgQuery__RangeVar&)> range;
};

/// The expression in one spelling, close to pg_get_expr's: IN lists as = ANY, BETWEEN as comparisons, `<>` for `!=`.
/// A text of the catalog: what the user wrote is escaped, see mark.hpp.
std::string print_tree(const PgQuery__Node& node, const Printing& printing);

/// The same with all names as they are written: text of the user's.
std::string print_plain(const PgQuery__Node& node);

/// `text` between single quotes.
std::string quote_literal(std::string_view text);
/// `name` as an identifier, quoted when it must be.
std::string quote_identifier(std::string_view name);

}  // namespace backout::postgres
