#include "services/postgres/generate.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "services/postgres/names.hpp"

namespace backout::postgres {
namespace {

bool holds_rows(const Table& table) {
  return (table.relkind == 'r' || table.relkind == 'p') && table.partition_bound.empty() && table.persistence != 't';
}

/// Adds the tables that an object of the catalog belongs to or gives its type to.
void add_tables_of(const Database& database, const Object& object, std::set<ObjectId>& tables) {
  const auto add = [&](ObjectId id) {
    const auto* table = database.get<Table>(id);
    const Object* schema = table == nullptr ? nullptr : database.find(table->schema);
    if (schema == nullptr || schema->name == kKeptSchema) return;
    if (holds_rows(*table)) tables.insert(id);
  };
  add(object.id);
  if (object.parent != 0) add(object.parent);
  if (object.kind != ObjectKind::type) return;
  for (const ObjectId id : database.dependents(object.id)) add(id);
}

}  // namespace

std::vector<ObjectId> touched_tables(const Database& database, const Database& before, const Database& after,
                                     const std::vector<std::string_view>& words) {
  std::set<ObjectId> differing;
  Database::compare(before, after, [&](const Object* one, const Object* two) {
    if (one != nullptr) add_tables_of(database, *one, differing);
    if (two != nullptr) add_tables_of(database, *two, differing);
  });
  std::set<ObjectId> schemas = {database.schema_named("public")};
  for (const std::string_view word : words) {
    if (const ObjectId schema = database.schema_named(word); schema != 0) schemas.insert(schema);
  }
  std::set<ObjectId> named;
  for (const std::string_view word : words) {
    for (const ObjectId schema : schemas) {
      for (const NameSpace space : {NameSpace::relation, NameSpace::type}) {
        if (const Object* object = database.find(database.lookup(space, schema, word))) add_tables_of(database, *object, named);
      }
    }
  }
  const auto by_name = [&](ObjectId left, ObjectId right) {
    const Object& one = *database.find(left);
    const Object& two = *database.find(right);
    return std::pair(one.schema, one.name) < std::pair(two.schema, two.name);
  };
  std::vector<ObjectId> tables(differing.begin(), differing.end());
  std::sort(tables.begin(), tables.end(), by_name);
  std::vector<ObjectId> rest;
  std::set_difference(named.begin(), named.end(), differing.begin(), differing.end(), std::back_inserter(rest));
  std::sort(rest.begin(), rest.end(), by_name);
  tables.insert(tables.end(), rest.begin(), rest.end());
  constexpr std::size_t kMost = 30;
  if (tables.size() > kMost) tables.resize(kMost);
  return tables;
}

}  // namespace backout::postgres
