// PostgreSQL turns the names that DROP, ALTER, COMMENT and RENAME give into one object, and refuses
// those that are of another kind (get_object_address() in objectaddress.c).
// Left out: the kinds that the catalog does not hold (operators, casts, collations, foreign
// servers, publications and others) and constraints of domains are not known.
#include "postgres/catalog/object_address.hpp"

#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/names.hpp"

namespace backout::postgres {
namespace {

struct Wanted {
  ObjectKind kind;
  std::string_view word;
};

/// Kinds whose names are those of relations.
std::optional<Wanted> relation_kind(PgQuery__ObjectType type) {
  switch (type) {
    case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE:
    case PG_QUERY__OBJECT_TYPE__OBJECT_FOREIGN_TABLE:
      return Wanted{ObjectKind::table, "table"};
    case PG_QUERY__OBJECT_TYPE__OBJECT_INDEX:
      return Wanted{ObjectKind::index, "index"};
    case PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE:
      return Wanted{ObjectKind::sequence, "sequence"};
    case PG_QUERY__OBJECT_TYPE__OBJECT_VIEW:
      return Wanted{ObjectKind::view, "view"};
    case PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW:
      return Wanted{ObjectKind::view, "materialized view"};
    default:
      return std::nullopt;
  }
}

/// Kinds whose names stand after the name of their table.
std::optional<Wanted> part_kind(PgQuery__ObjectType type) {
  switch (type) {
    case PG_QUERY__OBJECT_TYPE__OBJECT_TRIGGER:
      return Wanted{ObjectKind::trigger, "trigger"};
    case PG_QUERY__OBJECT_TYPE__OBJECT_POLICY:
      return Wanted{ObjectKind::policy, "policy"};
    case PG_QUERY__OBJECT_TYPE__OBJECT_RULE:
      return Wanted{ObjectKind::rule, "rule"};
    case PG_QUERY__OBJECT_TYPE__OBJECT_TABCONSTRAINT:
      return Wanted{ObjectKind::constraint, "constraint"};
    default:
      return std::nullopt;
  }
}

/// Kinds that stand outside schemas.
std::optional<Wanted> global_kind(PgQuery__ObjectType type) {
  switch (type) {
    case PG_QUERY__OBJECT_TYPE__OBJECT_EXTENSION:
      return Wanted{ObjectKind::extension, "extension"};
    case PG_QUERY__OBJECT_TYPE__OBJECT_ROLE:
      return Wanted{ObjectKind::role, "role"};
    case PG_QUERY__OBJECT_TYPE__OBJECT_EVENT_TRIGGER:
      return Wanted{ObjectKind::event_trigger, "event trigger"};
    default:
      return std::nullopt;
  }
}

/// Whether the relation is what the statement calls it.
bool is_of_type(const Object& relation, const Wanted& wanted, PgQuery__ObjectType type) {
  if (relation.kind != wanted.kind) return false;
  if (relation.kind == ObjectKind::view)
    return static_cast<const View&>(relation).materialized ==
           (type == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW);
  if (relation.kind == ObjectKind::table)
    return (static_cast<const Table&>(relation).relkind == 'f') ==
           (type == PG_QUERY__OBJECT_TYPE__OBJECT_FOREIGN_TABLE);
  return true;
}

QualifiedName name_of(const PgQuery__RangeVar* relation, const PgQuery__Node* object) {
  if (relation != nullptr) return qualified(*relation);
  if (object == nullptr) return {};
  if (object->node_case == PG_QUERY__NODE__NODE_LIST)
    return qualified(object->list->items, object->list->n_items);
  if (object->node_case == PG_QUERY__NODE__NODE_TYPE_NAME)
    return qualified(object->type_name->names, object->type_name->n_names);
  return {{}, std::string(string_of(object))};
}

Checked<ObjectId> find_relation(const Database& database, const Wanted& wanted,
                                PgQuery__ObjectType type, const QualifiedName& name) {
  const ObjectId id = resolve(database, NameSpace::relation, name);
  if (id == 0) {
    if (!name.schema.empty() && database.schema_named(name.schema) == 0) {
      return tl::unexpected(
          refuse("3F000", fmt::format("schema \"{}\" does not exist", name.schema)));
    }
    const bool index = wanted.kind == ObjectKind::index;
    return tl::unexpected(refuse(index ? "42704" : "42P01",
                                 fmt::format("{} \"{}\" does not exist", wanted.word, name.name)));
  }
  if (!is_of_type(*database.find(id), wanted, type)) {
    return tl::unexpected(
        refuse("42809", fmt::format("\"{}\" is not a {}", name.name, wanted.word)));
  }
  return id;
}

Checked<ObjectId> find_part(const Database& database, const Wanted& wanted,
                            const PgQuery__RangeVar* relation, const PgQuery__Node* object) {
  QualifiedName table;
  std::string name;
  if (relation != nullptr) {
    table = qualified(*relation);
    name = string_of(object);
  } else {
    const PgQuery__List& list = *object->list;
    name = string_of(list.items[list.n_items - 1]);
    table = qualified(list.items, list.n_items - 1);
  }
  const ObjectId owner = resolve(database, NameSpace::relation, table);
  if (owner == 0)
    return tl::unexpected(
        refuse("42P01", fmt::format("relation \"{}\" does not exist", table.name)));
  const ObjectId id =
      database.lookup(NameSpace{wanted.kind == ObjectKind::constraint ? NameSpace::constraint
                                                                      : name_space_of(wanted.kind)},
                      owner, name);
  if (id == 0) {
    return tl::unexpected(refuse("42704", fmt::format("{} \"{}\" for table \"{}\" does not exist",
                                                      wanted.word, name, table.name)));
  }
  return id;
}

Checked<ObjectId> find_type(const Database& database, const QualifiedName& name, bool domain) {
  const ObjectId id = resolve(database, NameSpace::type, name);
  const auto* type = database.get<Type>(id);
  if (type == nullptr) {
    return tl::unexpected(refuse("42704", fmt::format("type \"{}\" does not exist", name.name)));
  }
  if (domain && type->variety != 'd')
    return tl::unexpected(refuse("42809", fmt::format("\"{}\" is not a domain", name.name)));
  return id;
}

}  // namespace

Checked<ObjectId> find_object(const Execution& execution, PgQuery__ObjectType type,
                              const PgQuery__RangeVar* relation, const PgQuery__Node* object) {
  const Database& database = execution.database;
  if (const auto wanted = relation_kind(type))
    return find_relation(database, *wanted, type, name_of(relation, object));
  if (const auto wanted = part_kind(type)) return find_part(database, *wanted, relation, object);
  if (const auto wanted = global_kind(type)) {
    const std::string name = name_of(nullptr, object).name;
    const ObjectId id = database.lookup(name_space_of(wanted->kind), 0, name);
    if (id == 0)
      return tl::unexpected(
          refuse("42704", fmt::format("{} \"{}\" does not exist", wanted->word, name)));
    return id;
  }
  switch (type) {
    case PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA: {
      const std::string name = name_of(nullptr, object).name;
      const ObjectId id = database.schema_named(name);
      if (id == 0)
        return tl::unexpected(refuse("3F000", fmt::format("schema \"{}\" does not exist", name)));
      return id;
    }
    case PG_QUERY__OBJECT_TYPE__OBJECT_TYPE:
      return find_type(database, name_of(relation, object), false);
    case PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN:
      return find_type(database, name_of(relation, object), true);
    case PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION:
    case PG_QUERY__OBJECT_TYPE__OBJECT_PROCEDURE:
    case PG_QUERY__OBJECT_TYPE__OBJECT_ROUTINE:
    case PG_QUERY__OBJECT_TYPE__OBJECT_AGGREGATE:
      return find_routine(execution, type, *object->object_with_args);
    case PG_QUERY__OBJECT_TYPE__OBJECT_STATISTIC_EXT: {
      const QualifiedName name = name_of(relation, object);
      const ObjectId id = resolve(database, NameSpace::statistics, name);
      if (id == 0)
        return tl::unexpected(
            refuse("42704", fmt::format("statistics object \"{}\" does not exist", name.name)));
      return id;
    }
    default:
      return tl::unexpected(not_known("an object of a kind that is not modelled"));
  }
}

}  // namespace backout::postgres
