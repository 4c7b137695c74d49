#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <pg_query/pg_query.pb-c.h>

#include "postgres/values/value.hpp"

namespace backout::postgres {

/// How the parts of an expression print that only a catalog knows: texts of the catalog (mark.hpp).
struct Printing {
  std::function<std::string(const PgQuery__ColumnRef&)> column;
  /// A type name as format_type prints it, without the modifiers that a stored cast loses.
  std::function<std::string(const PgQuery__TypeName&)> type;
  /// The relation that the text of a regclass literal names.
  std::function<std::string(std::string_view)> relation;
  /// A literal as its type prints it, without quotes (`5 minutes` as interval: `00:05:00`); nothing
  /// when it stays as it is. May be empty.
  std::function<std::optional<std::string>(std::string_view, const PgQuery__TypeName&)> literal;
  /// The type of a column as `type` prints it: literals beside it are of that type anyway, and a
  /// cast of a text to another kind of text is no more than a way of writing it. Empty: not known.
  /// May be empty itself.
  std::function<std::string(const PgQuery__ColumnRef&)> type_of;
  /// A relation of a FROM clause; none: its name as written.
  std::function<std::string(const PgQuery__RangeVar&)> range;
};

/// Whether values of the type (as format_type prints it) are texts without a bound.
bool is_text_type(std::string_view type);

/// The expression in one spelling, close to pg_get_expr's: IN lists as = ANY, BETWEEN as
/// comparisons, `<>` for `!=`. Casts that pg_get_expr adds to what users write are left out: of
/// literals, arrays and columns of text to a type of text, of numbers to one of numbers. A text of
/// the catalog: what the user wrote is escaped, see mark.hpp.
std::string print_tree(const PgQuery__Node& node, const Printing& printing);

/// The same with all names as they are written: text of the user's.
std::string print_plain(const PgQuery__Node& node);

/// `text` between single quotes.
std::string quote_literal(std::string_view text);
/// `name` as an identifier, quoted when it must be.
std::string quote_identifier(std::string_view name);

}  // namespace backout::postgres
