#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "postgres/catalog/names.hpp"
#include "postgres/execute/execution.hpp"

namespace backout::postgres {

/// Stores a parse tree as an expression of the catalog: binds its columns to `table` (0: it may
/// name none), checks that they exist (42703), collects what it needs (types, sequences, routines)
/// into `needs`, and normalises its text. `target` is the type of the place that it fills; untyped
/// literals print with it.
Checked<Expression> bind_expression(const Execution& execution, const PgQuery__Node& node,
                                    ObjectId table, const ValueType& target,
                                    std::vector<Dependency>& needs);

/// The relation that the text of a regclass names: `public."Tickets_id_seq"`.
QualifiedName name_from_text(std::string_view text);

/// A text of the catalog (mark.hpp) as PostgreSQL would print it now, with the present names of
/// relations and columns.
std::string present_names(const Database& database, std::string_view text);

}  // namespace backout::postgres
