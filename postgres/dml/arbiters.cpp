// ON CONFLICT (columns) means every unique index over just these columns and expressions, of
// partial ones those whose condition follows from its WHERE (infer_arbiter_indexes() in plancat.c).
// Left out: whether one condition follows from another that is written differently, or an
// expression is the same as another: not known. Collations and operator classes are not heeded.
#include "postgres/dml/arbiters.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "postgres/dml/row_checks.hpp"
#include "postgres/query/bind.hpp"

namespace backout::postgres {
namespace {

/// What ON CONFLICT (...) names.
struct Arbiter {
  std::set<ColumnId> columns;
  std::set<std::string> expressions;
  std::string where;
};

Checked<std::string> text_of(const Execution& execution, const PgQuery__Node& node,
                             const Table& table, TypeClass type) {
  std::vector<Dependency> needs;
  auto bound = bind_expression(execution, node, table.id, plain(type), needs);
  if (!bound) return tl::unexpected(bound.error());
  return std::move(bound->text);
}

Checked<Arbiter> named_by(const Execution& execution, const Table& table,
                          const PgQuery__InferClause& infer) {
  Arbiter named;
  for (std::size_t at = 0; at < infer.n_index_elems; ++at) {
    const PgQuery__IndexElem& element = *infer.index_elems[at]->index_elem;
    if (element.expr != nullptr) {
      auto text = text_of(execution, *element.expr, table, TypeClass::unknown);
      if (!text) return tl::unexpected(text.error());
      named.expressions.insert(std::move(*text));
      continue;
    }
    const ColumnId column = table.find(element.name);
    if (column == 0)
      return tl::unexpected(refuse(
          "42703", fmt::format("column \"{}\" does not exist", element.name), infer.location));
    named.columns.insert(column);
  }
  if (infer.where_clause == nullptr) return named;
  auto where = text_of(execution, *infer.where_clause, table, TypeClass::boolean);
  if (!where) return tl::unexpected(where.error());
  named.where = std::move(*where);
  return named;
}

/// Whether a unique index is over what is named.
Truth fits(const Index& index, const Arbiter& named) {
  Arbiter own;
  for (const IndexColumn& column : index.columns) {
    if (column.column != 0)
      own.columns.insert(column.column);
    else
      own.expressions.insert(column.expression.text);
  }
  if (own.columns != named.columns) return Truth::no;
  if (own.expressions.empty() != named.expressions.empty()) return Truth::no;
  if (index.where && named.where.empty()) return Truth::no;
  const bool same =
      own.expressions == named.expressions && (!index.where || index.where.text == named.where);
  return same ? Truth::yes : Truth::unknown;
}

Checked<std::vector<ObjectId>> of_constraint(const Database& database, const Table& table,
                                             const PgQuery__InferClause& infer) {
  const auto* constraint =
      database.get<Constraint>(database.lookup(NameSpace::constraint, table.id, infer.conname));
  if (constraint == nullptr) {
    return tl::unexpected(refuse(
        "42704",
        fmt::format("constraint \"{}\" for table \"{}\" does not exist", infer.conname, table.name),
        infer.location));
  }
  if (constraint->type == 'f' || constraint->index == 0) {
    return tl::unexpected(
        refuse("42809", "constraint in ON CONFLICT clause has no associated index"));
  }
  return std::vector<ObjectId>{constraint->index};
}

}  // namespace

Checked<std::vector<ObjectId>> arbiters(const Execution& execution, const Table& table,
                                        const PgQuery__OnConflictClause& conflict) {
  const Database& database = execution.database;
  const PgQuery__InferClause* infer = conflict.infer;
  std::vector<ObjectId> found;
  if (infer == nullptr) {
    if (conflict.action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE) {
      return tl::unexpected(refuse(
          "42601", "ON CONFLICT DO UPDATE requires inference specification or constraint name",
          conflict.location));
    }
    for (const Index* index : database.parts_of<Index>(table.id)) {
      if (index->unique || is_exclusion(*index)) found.push_back(index->id);
    }
    return found;
  }
  if (infer->conname != nullptr && *infer->conname != '\0')
    return of_constraint(database, table, *infer);
  const auto named = named_by(execution, table, *infer);
  if (!named) return tl::unexpected(named.error());
  bool open = false;
  for (const Index* index : database.parts_of<Index>(table.id)) {
    const Truth fit = index->unique ? fits(*index, *named) : Truth::no;
    if (fit == Truth::yes) found.push_back(index->id);
    open = open || fit == Truth::unknown;
  }
  if (!found.empty()) return found;
  if (open) return tl::unexpected(not_known("which index ON CONFLICT means", infer->location));
  return tl::unexpected(
      refuse("42P10",
             "there is no unique or exclusion constraint matching the ON CONFLICT "
             "specification",
             conflict.location));
}

}  // namespace backout::postgres
