// PostgreSQL keeps comments in pg_description by object and column; an empty text takes the comment
// away (comment.c).
// Left out: comments on databases are accepted and not kept; columns of other relations than tables
// and views, and the kinds of objects that object_address.cpp does not find, are not known.
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/catalog/object_address.hpp"
#include "postgres/execute/handlers.hpp"

namespace backout::postgres {
namespace {

std::optional<std::string> text_of(const PgQuery__CommentStmt& statement) {
  if (statement.comment == nullptr || *statement.comment == '\0') return std::nullopt;
  return statement.comment;
}

/// An attribute of a composite type, which is named as a column; false when there is none.
bool comment_on_attribute(Database& database, ObjectId id, std::string_view name,
                          std::optional<std::string> text) {
  auto type = database.edit<Type>(id);
  for (TypeAttribute& attribute : type->attributes) {
    if (attribute.name != name) continue;
    attribute.comment = std::move(text);
    database.replace(std::move(type));
    return true;
  }
  return false;
}

Checked<void> comment_on_column(Execution& execution, const PgQuery__CommentStmt& statement) {
  Database& database = execution.database;
  const PgQuery__List& path = *statement.object->list;
  const QualifiedName name = qualified(path.items, path.n_items - 1);
  const std::string column(string_of(path.items[path.n_items - 1]));
  const ObjectId id = resolve(database, NameSpace::relation, name);
  const Stop missing = refuse(
      "42703", fmt::format("column \"{}\" of relation \"{}\" does not exist", column, name.name));
  if (id == 0) {
    const ObjectId type = resolve(database, NameSpace::type, name);
    if (const auto* composite = database.get<Type>(type);
        composite != nullptr && composite->variety == 'c')
      return comment_on_attribute(database, type, column, text_of(statement))
                 ? Checked<void>()
                 : tl::unexpected(missing);
    return tl::unexpected(
        refuse("42P01", fmt::format("relation \"{}\" does not exist", name.name)));
  }
  if (database.get<Table>(id) != nullptr) {
    auto table = database.edit<Table>(id);
    const ColumnId place = table->find(column);
    if (place == 0) return tl::unexpected(missing);
    table->column(place).comment = text_of(statement);
    database.replace(std::move(table));
    return {};
  }
  if (database.get<View>(id) == nullptr)
    return tl::unexpected(not_known("a comment on a column of this relation"));
  auto view = database.edit<View>(id);
  for (ViewColumn& candidate : view->columns) {
    if (candidate.name != column) continue;
    candidate.comment = text_of(statement);
    database.replace(std::move(view));
    return {};
  }
  return tl::unexpected(missing);
}

}  // namespace

Checked<void> comment(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__CommentStmt& statement = *node.comment_stmt;
  if (statement.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN)
    return comment_on_column(execution, statement);
  if (statement.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_DATABASE) return {};
  auto id = find_object(execution, statement.objtype, nullptr, statement.object);
  if (!id) return tl::unexpected(id.error());
  auto changed = execution.database.find(*id)->clone();
  changed->comment = text_of(statement);
  execution.database.replace(std::move(changed));
  return {};
}

}  // namespace backout::postgres
