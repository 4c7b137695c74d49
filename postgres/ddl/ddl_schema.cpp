// CREATE SCHEMA makes the objects inside of it with the new schema in front of search_path
// (CreateSchemaCommand() in schemacmds.c). SET SCHEMA takes along what belongs to a table: indexes,
// constraints and the sequences that its columns own (AlterTableNamespaceInternal() in
// tablecmds.c).
// Left out: PostgreSQL puts the elements in order (sequences, tables, views, indexes, triggers,
// grants), here they run as written; routines are not refused when the other schema has one of the
// same arguments.
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/catalog/object_address.hpp"
#include "postgres/execute/handlers.hpp"

namespace backout::postgres {

Checked<void> create_schema(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__CreateSchemaStmt& statement = *node.create_schema_stmt;
  Database& database = execution.database;
  auto schema = std::make_shared<Schema>();
  const char* role = statement.authrole != nullptr ? statement.authrole->rolename : nullptr;
  const bool named = statement.schemaname != nullptr && *statement.schemaname != '\0';
  schema->name = named ? statement.schemaname : (role != nullptr ? role : "");
  if (role != nullptr && *role != '\0') schema->owner = role;
  if (database.schema_named(schema->name) != 0) {
    if (statement.if_not_exists != 0) return {};
    return tl::unexpected(
        refuse("42P06", fmt::format("schema \"{}\" already exists", schema->name)));
  }
  if (schema->name.starts_with("pg_")) {
    return tl::unexpected(
        refuse("42939", fmt::format("unacceptable schema name \"{}\"", schema->name)));
  }
  const std::string name = schema->name;
  database.add(std::move(schema));
  const auto path = database.session().search_path;
  database.session().search_path.insert(database.session().search_path.begin(), name);
  for (std::size_t at = 0; at < statement.n_schema_elts; ++at) {
    if (auto done = execute_nested(execution, *statement.schema_elts[at]); !done) return done;
  }
  database.session().search_path = path;
  return {};
}

namespace {

/// An extension lies in no schema, only what it has brought does.
Checked<void> move_extension(Database& database, ObjectId id, ObjectId schema) {
  for (const ObjectId part : database.dependents(id)) {
    const Object& member = *database.find(part);
    const bool brought = std::ranges::any_of(member.needs, [&](const Dependency& need) {
      return need.on == id && need.kind == DependencyKind::extension;
    });
    if (!brought) continue;
    auto moved = member.clone();
    moved->schema = schema;
    database.replace(std::move(moved));
  }
  auto extension = database.edit<Extension>(id);
  extension->definition = database.find(schema)->name;
  database.replace(std::move(extension));
  return {};
}

}  // namespace

Checked<void> alter_object_schema(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__AlterObjectSchemaStmt& statement = *node.alter_object_schema_stmt;
  Database& database = execution.database;
  auto id = find_object(execution, statement.object_type, statement.relation, statement.object);
  if (!id) return statement.missing_ok != 0 ? Checked<void>() : tl::unexpected(id.error());
  auto schema = creation_schema(database, statement.newschema);
  if (!schema) return tl::unexpected(schema.error());
  const Object& object = *database.find(*id);
  if (object.kind == ObjectKind::extension) return move_extension(database, *id, *schema);
  if (object.schema == *schema) return {};
  if (database.lookup(name_space_of(object.kind), *schema, object.name) != 0 &&
      object.kind != ObjectKind::function) {
    return tl::unexpected(
        refuse("42P07", fmt::format("relation \"{}\" already exists in schema \"{}\"", object.name,
                                    statement.newschema)));
  }
  auto changed = object.clone();
  const ObjectId old = changed->schema;
  changed->schema = *schema;
  database.replace(std::move(changed));
  // What belongs to a table moves along.
  for (const ObjectId part : database.dependents(*id)) {
    const Object& belonging = *database.find(part);
    const auto* sequence = database.get<Sequence>(part);
    if (belonging.schema != old ||
        (belonging.parent != *id && (sequence == nullptr || sequence->owned_by != *id)))
      continue;
    auto moved = belonging.clone();
    moved->schema = *schema;
    database.replace(std::move(moved));
  }
  return {};
}

}  // namespace backout::postgres
