// Objects keep their identity through a rename, and what names them prints with the new name.
// Columns are renamed in all tables that inherit them, CHECK constraints, too (renameatt(),
// rename_constraint_internal() and RenameRelation() in tablecmds.c).
// Left out: constraints that are inherited keep their old name in the children; constraints of
// domains are not known; a routine is not refused when its new name is
// taken for its argument types.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/catalog/object_address.hpp"
#include "postgres/ddl/define.hpp"
#include "postgres/execute/handlers.hpp"

namespace backout::postgres {
namespace {

Checked<void> rename_view_column(Database& database, ObjectId id,
                                 const PgQuery__RenameStmt& statement) {
  auto view = database.edit<View>(id);
  const auto column = std::ranges::find(view->columns, statement.subname, &ViewColumn::name);
  if (column == view->columns.end()) {
    return tl::unexpected(
        refuse("42703", fmt::format("column \"{}\" does not exist", statement.subname)));
  }
  const std::string name = truncated_identifier(statement.newname);
  if (std::ranges::find(view->columns, name, &ViewColumn::name) != view->columns.end()) {
    return tl::unexpected(refuse(
        "42701", fmt::format("column \"{}\" of relation \"{}\" already exists", name, view->name)));
  }
  column->name = name;
  database.replace(std::move(view));
  return {};
}

Checked<void> rename_column(Execution& execution, const PgQuery__RenameStmt& statement) {
  Database& database = execution.database;
  auto relation = require_relation(database, *statement.relation);
  if (!relation) return tl::unexpected(relation.error());
  if (database.get<View>(*relation) != nullptr)
    return rename_view_column(database, *relation, statement);
  if (database.get<Table>(*relation) == nullptr)
    return tl::unexpected(not_known("RENAME COLUMN of what is no table"));
  auto tables = descendants(database, *relation);
  tables.insert(tables.begin(), *relation);
  for (const ObjectId id : tables) {
    auto changed = database.edit<Table>(id);
    const ColumnId column = changed->find(statement.subname);
    if (column == 0) {
      if (id != *relation) continue;
      return tl::unexpected(
          refuse("42703", fmt::format("column \"{}\" does not exist", statement.subname)));
    }
    if (id == *relation && changed->column(column).inherited) {
      return tl::unexpected(
          refuse("42P16", fmt::format("cannot rename inherited column \"{}\"", statement.subname)));
    }
    const std::string name = truncated_identifier(statement.newname);
    if (changed->find(name) != 0) {
      return tl::unexpected(refuse(
          "42701",
          fmt::format("column \"{}\" of relation \"{}\" already exists", name, changed->name)));
    }
    changed->column(column).name = name;
    database.replace(std::move(changed));
  }
  return {};
}

Checked<void> rename_attribute(Execution& execution, const PgQuery__RenameStmt& statement) {
  const ObjectId id = resolve(execution.database, NameSpace::type, qualified(*statement.relation));
  if (execution.database.get<Type>(id) == nullptr)
    return tl::unexpected(refuse("42704", "type does not exist"));
  auto type = execution.database.edit<Type>(id);
  for (TypeAttribute& attribute : type->attributes) {
    if (attribute.name != statement.subname) continue;
    attribute.name = statement.newname;
    execution.database.replace(std::move(type));
    return {};
  }
  return tl::unexpected(
      refuse("42703", fmt::format("column \"{}\" does not exist", statement.subname)));
}

/// A constraint and its index carry one name.
void rename_twin(Database& database, ObjectId id, const std::string& name) {
  if (const auto* constraint = database.get<Constraint>(id);
      constraint != nullptr && constraint->type != 'f' && constraint->index != 0) {
    auto index = database.edit<Index>(constraint->index);
    index->name = name;
    database.replace(std::move(index));
  }
  const auto* index = database.get<Index>(id);
  if (index == nullptr) return;
  for (const Constraint* constraint : database.parts_of<Constraint>(index->parent)) {
    if (constraint->index != id || constraint->type == 'f') continue;
    auto changed = database.edit<Constraint>(constraint->id);
    changed->name = name;
    database.replace(std::move(changed));
    return;
  }
}

Checked<void> rename_constraint(Execution& execution, const PgQuery__RenameStmt& statement) {
  Database& database = execution.database;
  auto relation = require_relation(database, *statement.relation);
  if (!relation) return tl::unexpected(relation.error());
  const ObjectId id = database.lookup(NameSpace::constraint, *relation, statement.subname);
  if (id == 0) {
    return tl::unexpected(
        refuse("42704", fmt::format("constraint \"{}\" for table \"{}\" does not exist",
                                    statement.subname, statement.relation->relname)));
  }
  if (database.lookup(NameSpace::constraint, *relation, statement.newname) != 0) {
    return tl::unexpected(refuse(
        "42710", fmt::format("constraint \"{}\" for relation already exists", statement.newname)));
  }
  const auto* constraint = database.get<Constraint>(id);
  const bool indexed = constraint->index != 0 && constraint->type != 'f';
  if (indexed && database.lookup(NameSpace::relation, constraint->schema, statement.newname) != 0) {
    return tl::unexpected(
        refuse("42P07", fmt::format("relation \"{}\" already exists", statement.newname)));
  }
  auto changed = database.edit<Constraint>(id);
  changed->name = truncated_identifier(statement.newname);
  const std::string name = changed->name;
  database.replace(std::move(changed));
  rename_twin(database, id, name);
  return {};
}

/// ALTER TABLE ... RENAME and ALTER INDEX ... RENAME reach relations of every kind.
PgQuery__ObjectType effective_type(const Database& database, const PgQuery__RenameStmt& statement) {
  const bool any = statement.rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE ||
                   statement.rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_INDEX;
  if (!any || statement.relation == nullptr) return statement.rename_type;
  const Object* object =
      database.find(resolve(database, NameSpace::relation, qualified(*statement.relation)));
  if (object == nullptr) return statement.rename_type;
  switch (object->kind) {
    case ObjectKind::index:
      return PG_QUERY__OBJECT_TYPE__OBJECT_INDEX;
    case ObjectKind::sequence:
      return PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE;
    case ObjectKind::view:
      return static_cast<const View&>(*object).materialized ? PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW
                                                            : PG_QUERY__OBJECT_TYPE__OBJECT_VIEW;
    case ObjectKind::table:
      return static_cast<const Table&>(*object).relkind == 'f'
                 ? PG_QUERY__OBJECT_TYPE__OBJECT_FOREIGN_TABLE
                 : PG_QUERY__OBJECT_TYPE__OBJECT_TABLE;
    default:
      return statement.rename_type;
  }
}

bool is_missing_object(const Stop& stop) {
  return stop.sqlstate == "42P01" || stop.sqlstate == "42704" || stop.sqlstate == "3F000";
}

}  // namespace

Checked<void> rename(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__RenameStmt& statement = *node.rename_stmt;
  Database& database = execution.database;
  const bool optional = statement.missing_ok != 0 && statement.relation != nullptr &&
                        resolve(database, NameSpace::relation, qualified(*statement.relation)) == 0;
  if (optional) return {};
  switch (statement.rename_type) {
    case PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN:
      return rename_column(execution, statement);
    case PG_QUERY__OBJECT_TYPE__OBJECT_ATTRIBUTE:
      return rename_attribute(execution, statement);
    case PG_QUERY__OBJECT_TYPE__OBJECT_TABCONSTRAINT:
      return rename_constraint(execution, statement);
    default:
      break;
  }
  PgQuery__Node part = PG_QUERY__NODE__INIT;
  PgQuery__String name_of_part = PG_QUERY__STRING__INIT;
  const PgQuery__Node* object = statement.object;
  const bool by_subname =
      object == nullptr && statement.subname != nullptr && *statement.subname != '\0';
  if (by_subname) {
    name_of_part.sval = statement.subname;
    part.node_case = PG_QUERY__NODE__NODE_STRING;
    part.string = &name_of_part;
    object = &part;
  }
  auto id = find_object(execution, effective_type(database, statement), statement.relation, object);
  if (!id)
    return statement.missing_ok != 0 && is_missing_object(id.error()) ? Checked<void>()
                                                                      : tl::unexpected(id.error());
  const Object& old = *database.find(*id);
  const std::string name = truncated_identifier(statement.newname);
  const ObjectId within = old.kind == ObjectKind::trigger || old.kind == ObjectKind::policy ||
                                  old.kind == ObjectKind::rule
                              ? old.parent
                              : old.schema;
  if (old.kind != ObjectKind::function &&
      database.lookup(name_space_of(old.kind), within, name) != 0) {
    const bool relation = name_space_of(old.kind) == NameSpace::relation;
    const bool schema = old.kind == ObjectKind::schema;
    return tl::unexpected(refuse(relation ? "42P07" : (schema ? "42P06" : "42710"),
                                 fmt::format("\"{}\" already exists", name)));
  }
  auto changed = old.clone();
  changed->name = name;
  database.replace(std::move(changed));
  rename_twin(database, *id, name);
  return {};
}

}  // namespace backout::postgres
