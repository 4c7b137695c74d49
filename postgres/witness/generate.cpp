// TRUNCATE ... CASCADE reaches all tables that point to the named ones, triggers and functions what
// their bodies name, views what lies below them. Here the words of a script reach as far.
// Left out: more than 30 tables, bodies that are named in bodies more than three deep, in other
// languages than SQL and PL/pgSQL; temporary tables, partitions by themselves; schemas that no word
// names, but for public.
#include "postgres/witness/generate.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/catalog/routines.hpp"
#include "postgres/dml/row_checks.hpp"
#include "postgres/read/text.hpp"

namespace backout::postgres {
namespace {

bool holds_rows(const Table& table) {
  return (table.relkind == 'r' || table.relkind == 'p') && table.partition_bound.empty() &&
         table.persistence != 't';
}

/// Adds the tables that an object of the catalog belongs to, or gives its type or its numbers to.
void add_tables_of(const Database& database, const Object& object, std::set<ObjectId>& tables) {
  const auto add = [&](ObjectId id) {
    const auto* table = database.get<Table>(id);
    const Object* schema = table == nullptr ? nullptr : database.find(table->schema);
    if (schema == nullptr || schema->name == kKeptSchema) return;
    if (holds_rows(*table)) tables.insert(id);
  };
  add(object.id);
  if (object.parent != 0) add(object.parent);
  if (object.kind == ObjectKind::sequence) add(static_cast<const Sequence&>(object).owned_by);
  if (object.kind != ObjectKind::type && object.kind != ObjectKind::sequence) return;
  for (const ObjectId id : database.dependents(object.id)) {
    add(id);
    // Types are made of types: domains over domains, composites.
    if (const auto* type = database.get<Type>(id)) add_tables_of(database, *type, tables);
  }
}

/// What the words name, and what lies behind it: tables below views, and those that bodies of
/// routines and of the tables' triggers name.
class Named {
 public:
  static constexpr int kDeepest = 3;  ///< of bodies that name what is called in bodies

  Named(const Database& database, std::set<ObjectId> schemas)
      : database_(database), schemas_(std::move(schemas)) {}

  template <class Words>
  void add(const Words& words, int depth) {
    if (depth > kDeepest) return;
    for (const auto& word : words) {
      for (const ObjectId schema : schemas_) {
        for (const NameSpace space : {NameSpace::relation, NameSpace::type}) {
          if (const Object* object = database_.find(database_.lookup(space, schema, word)))
            add_object(*object, depth);
        }
      }
      for (const ObjectId routine : routines_named(database_, {}, std::string(word)))
        add_body(routine, depth);
    }
  }

  const std::set<ObjectId>& tables() const { return tables_; }

 private:
  void add_object(const Object& object, int depth) {
    if (!seen_.insert(object.id).second) return;
    add_tables_of(database_, object, tables_);
    if (database_.get<View>(object.id) != nullptr) {
      for (const Dependency& need : object.needs) {
        if (const Object* below = database_.find(need.on)) add_object(*below, depth);
      }
    }
    for (const Trigger* trigger : database_.parts_of<Trigger>(object.id))
      add_body(trigger->function, depth);
  }

  void add_body(ObjectId routine, int depth) {
    if (!seen_.insert(routine).second) return;
    const auto* function = database_.get<Function>(routine);
    if (function != nullptr && (function->language == "plpgsql" || function->language == "sql"))
      add(words_of(function->body), depth + 1);
  }

  const Database& database_;
  const std::set<ObjectId> schemas_;
  std::set<ObjectId> seen_;
  std::set<ObjectId> tables_;
};

/// Whether TRUNCATE ... CASCADE may be among what the words say.
bool truncates_all(const std::vector<std::string_view>& words) {
  const auto says = [&](std::string_view wanted) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return to_lower(word) == wanted; });
  };
  return says("truncate") && says("cascade");
}

/// What the words name, and all that points there.
void add_referencing(const Database& database, std::set<ObjectId>& tables) {
  std::vector<ObjectId> open(tables.begin(), tables.end());
  while (!open.empty()) {
    const ObjectId table = open.back();
    open.pop_back();
    for (const Constraint* key : referencing(database, table)) {
      if (tables.insert(key->parent).second) open.push_back(key->parent);
    }
  }
}

}  // namespace

std::vector<ObjectId> touched_tables(const Database& database, const Database& before,
                                     const Database& after,
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
  Named said(database, schemas);
  said.add(words, Named::kDeepest);
  Named meant(database, schemas);
  meant.add(words, 0);
  const auto by_name = [&](ObjectId left, ObjectId right) {
    const Object& one = *database.find(left);
    const Object& two = *database.find(right);
    return std::pair(one.schema, one.name) < std::pair(two.schema, two.name);
  };
  std::vector<ObjectId> tables(differing.begin(), differing.end());
  std::sort(tables.begin(), tables.end(), by_name);
  const bool all = truncates_all(words);
  for (const Named* named : {&said, &meant}) {
    std::vector<ObjectId> rest;
    std::set<ObjectId> reached = named->tables();
    if (all) add_referencing(database, reached);
    for (const ObjectId id : reached) {
      if (std::find(tables.begin(), tables.end(), id) == tables.end()) rest.push_back(id);
    }
    std::sort(rest.begin(), rest.end(), by_name);
    tables.insert(tables.end(), rest.begin(), rest.end());
  }
  constexpr std::size_t kMost = 30;
  if (tables.size() > kMost) tables.resize(kMost);
  return tables;
}

}  // namespace backout::postgres
