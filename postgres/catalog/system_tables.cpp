// PostgreSQL answers queries of pg_catalog from the catalogs themselves, and defines the
// information schema as views on them (system_views.sql, information_schema.sql).
// Left out: all tables but those that modelled() names. Their other columns are there and hold what
// is not known. Columns are those of tables, not of views; partitions of indexes, the constraints
// that NOT NULL is in the information schema, rows about the system's own objects, and who may see
// what.
#include "postgres/catalog/system_tables.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/names.hpp"

namespace backout::postgres {
namespace {

using Cells = std::vector<Value>;

Value known_text(std::string_view text) { return Value::known(std::string(text)); }

/// A relation whose columns are all texts unless said otherwise.
Relation with_columns(std::initializer_list<std::string_view> names) {
  Relation relation;
  for (const std::string_view name : names) {
    const bool id = name == "oid" || name.ends_with("relid") || name.ends_with("typid") ||
                    name.ends_with("namespace") || name == "refobjid" || name == "objid" ||
                    name == "inhparent";
    const bool flag = name == "attnotnull" || name == "attisdropped" || name == "convalidated" ||
                      name == "tgisinternal" || name.starts_with("indis") ||
                      name.ends_with("rowsecurity");
    relation.columns.push_back(
        {std::string(name),
         plain(id ? TypeClass::oid : (flag ? TypeClass::boolean : TypeClass::text))});
  }
  return relation;
}

void add(Relation& relation, Cells cells) {
  relation.rows.push_back(std::move(cells));
  relation.certain.push_back(true);
}

std::string schema_of(const Database& database, const Object& object) {
  const Object* schema = database.find(object.schema);
  return schema == nullptr ? std::string() : schema->name;
}

Value id_of(ObjectId id) { return Value::known(static_cast<std::int64_t>(id)); }

/// Objects of a kind, by id.
template <class T>
std::vector<const T*> all(const Database& database) {
  std::vector<const T*> found;
  database.for_each([&](const Object& object) {
    if (object.kind == T::kKind) found.push_back(static_cast<const T*>(&object));
  });
  std::sort(found.begin(), found.end(),
            [](const T* left, const T* right) { return left->id < right->id; });
  return found;
}

Relation tables(const Database& database) {
  Relation relation = with_columns(
      {"table_schema", "table_name", "table_type", "schemaname", "tablename", "table_catalog"});
  for (const Table* table : all<Table>(database)) {
    const Value schema = known_text(schema_of(database, *table));
    add(relation, {schema, known_text(table->name), known_text("BASE TABLE"), schema,
                   known_text(table->name), Value::symbol(Symbol::present, 1)});
  }
  return relation;
}

Relation views(const Database& database) {
  Relation relation =
      with_columns({"table_schema", "table_name", "schemaname", "viewname", "matviewname"});
  for (const View* view : all<View>(database)) {
    const Value schema = known_text(schema_of(database, *view));
    add(relation,
        {schema, known_text(view->name), schema, known_text(view->name), known_text(view->name)});
  }
  return relation;
}

Relation columns(const Database& database) {
  Relation relation = with_columns({"table_schema", "table_name", "column_name", "data_type",
                                    "is_nullable", "udt_name", "column_default"});
  for (const Table* table : all<Table>(database)) {
    for (const Column& column : table->columns) {
      if (column.dropped) continue;
      ValueType bare = column.type;
      bare.length = -1;
      const std::string type = column.type.is_array()
                                   ? "ARRAY"
                                   : (column.type.user != 0 ? "USER-DEFINED" : describe(bare));
      const Object* user = database.find(column.type.user);
      add(relation,
          {known_text(schema_of(database, *table)), known_text(table->name),
           known_text(column.name), known_text(type), known_text(column.not_null ? "NO" : "YES"),
           user == nullptr ? Value::symbol(Symbol::present, 2) : known_text(user->name),
           column.default_value ? Value::symbol(Symbol::present, 3) : Value()});
    }
  }
  return relation;
}

Relation constraints(const Database& database) {
  Relation relation = with_columns(
      {"oid", "conname", "contype", "conrelid", "confrelid", "connamespace", "convalidated",
       "constraint_name", "constraint_type", "table_name", "table_schema", "constraint_schema"});
  const std::map<char, std::string_view> words = {{'c', "CHECK"},
                                                  {'f', "FOREIGN KEY"},
                                                  {'p', "PRIMARY KEY"},
                                                  {'u', "UNIQUE"},
                                                  {'x', "EXCLUDE"}};
  for (const Constraint* constraint : all<Constraint>(database)) {
    const Object* table = database.find(constraint->parent);
    const Value schema = known_text(schema_of(database, *constraint));
    add(relation, {id_of(constraint->id), known_text(constraint->name),
                   known_text(std::string(1, constraint->type)), id_of(constraint->parent),
                   id_of(constraint->referenced), id_of(constraint->schema),
                   Value::boolean(!constraint->not_valid), known_text(constraint->name),
                   known_text(words.at(constraint->type)),
                   known_text(table == nullptr ? "" : table->name), schema, schema});
  }
  return relation;
}

Relation relations(const Database& database) {
  Relation relation = with_columns(
      {"oid", "relname", "relnamespace", "relkind", "relrowsecurity", "relforcerowsecurity"});
  database.for_each([&](const Object& object) {
    std::string kind;
    if (object.kind == ObjectKind::table)
      kind = std::string(1, static_cast<const Table&>(object).relkind);
    if (object.kind == ObjectKind::index) kind = "i";
    if (object.kind == ObjectKind::sequence) kind = "S";
    if (object.kind == ObjectKind::view)
      kind = static_cast<const View&>(object).materialized ? "m" : "v";
    const auto* table = database.get<Table>(object.id);
    if (!kind.empty())
      add(relation, {id_of(object.id), known_text(object.name), id_of(object.schema),
                     known_text(kind), Value::boolean(table != nullptr && table->row_security),
                     Value::boolean(table != nullptr && table->force_row_security)});
  });
  std::sort(relation.rows.begin(), relation.rows.end(), [](const Cells& left, const Cells& right) {
    return std::stoul(left[0].text()) < std::stoul(right[0].text());
  });
  return relation;
}

Relation indexes(const Database& database) {
  Relation relation = with_columns({"schemaname", "tablename", "indexname"});
  for (const Index* index : all<Index>(database)) {
    const Object* table = database.find(index->parent);
    add(relation, {known_text(schema_of(database, *index)),
                   known_text(table == nullptr ? "" : table->name), known_text(index->name)});
  }
  return relation;
}

Relation index_facts(const Database& database) {
  Relation relation = with_columns({"indexrelid", "indrelid", "indisunique", "indisprimary",
                                    "indisvalid", "indisready", "indislive"});
  std::set<ObjectId> primary;
  for (const Constraint* constraint : all<Constraint>(database)) {
    if (constraint->type == 'p') primary.insert(constraint->index);
  }
  for (const Index* index : all<Index>(database)) {
    add(relation, {id_of(index->id), id_of(index->parent), Value::boolean(index->unique),
                   Value::boolean(primary.contains(index->id)), Value::boolean(true),
                   Value::boolean(true), Value::boolean(true)});
  }
  return relation;
}

/// Tables and partitions and what they inherit from. Partitions of indexes are left out.
Relation inheritance(const Database& database) {
  Relation relation = with_columns({"inhrelid", "inhparent"});
  for (const Table* table : all<Table>(database)) {
    for (const ObjectId parent : table->inherits) add(relation, {id_of(table->id), id_of(parent)});
  }
  return relation;
}

template <class T>
Relation named(const Database& database, std::initializer_list<std::string_view> columns) {
  Relation relation = with_columns(columns);
  for (const T* object : all<T>(database)) {
    Cells cells = {id_of(object->id), known_text(object->name), id_of(object->schema)};
    const Object* parent = database.find(object->parent);
    cells.push_back(id_of(object->parent));
    cells.push_back(known_text(parent == nullptr ? "" : parent->name));
    cells.push_back(known_text(schema_of(database, *object)));
    cells.resize(relation.columns.size());
    add(relation, std::move(cells));
  }
  return relation;
}

Relation enum_labels(const Database& database) {
  Relation relation = with_columns({"enumtypid", "enumlabel"});
  for (const Type* type : all<Type>(database)) {
    for (const std::string& label : type->labels)
      add(relation, {id_of(type->id), known_text(label)});
  }
  return relation;
}

Relation attributes(const Database& database) {
  Relation relation = with_columns({"attrelid", "attname", "attnotnull", "attisdropped"});
  relation.columns.push_back({"attnum", plain(TypeClass::int2)});
  for (const Table* table : all<Table>(database)) {
    std::int64_t number = 0;
    for (const Column& column : table->columns) {
      add(relation, {id_of(table->id), known_text(column.name), Value::boolean(column.not_null),
                     Value::boolean(column.dropped), Value::known(++number)});
    }
  }
  return relation;
}

/// key_column_usage: the columns of keys; constraint_column_usage: those that a constraint speaks
/// of, of foreign keys those of the other table.
Relation used_columns(const Database& database, bool keys) {
  Relation relation = with_columns(
      {"constraint_schema", "constraint_name", "table_schema", "table_name", "column_name"});
  for (const Constraint* constraint : all<Constraint>(database)) {
    const bool key = constraint->type != 'c' && constraint->type != 'x';
    const bool elsewhere = !keys && constraint->type == 'f';
    const auto* table =
        database.get<Table>(elsewhere ? constraint->referenced : constraint->parent);
    if (table == nullptr || (keys && !key)) continue;
    std::set<ColumnId> columns(constraint->columns.begin(), constraint->columns.end());
    if (elsewhere)
      columns = {constraint->referenced_columns.begin(), constraint->referenced_columns.end()};
    for (const BoundColumn& bound : constraint->check.columns) columns.insert(bound.column);
    for (const ColumnId column : columns) {
      add(relation, {known_text(schema_of(database, *constraint)), known_text(constraint->name),
                     known_text(schema_of(database, *table)), known_text(table->name),
                     known_text(table->column(column).name)});
    }
  }
  return relation;
}

Relation triggers(const Database& database) {
  Relation relation = named<Trigger>(database, {"oid", "tgname", "schema", "tgrelid"});
  relation.columns.push_back({"tgisinternal", plain(TypeClass::boolean)});
  for (auto& row : relation.rows) row.push_back(Value::boolean(false));
  return relation;
}

Relation roles(const Database& database) {
  Relation relation = named<Role>(database, {"oid", "rolname"});
  for (auto& row : relation.rows) row.resize(2);
  add(relation, {id_of(10), known_text("postgres")});
  for (const std::string_view column : {"usename", "groname"})
    relation.columns.push_back({std::string(column), plain(TypeClass::text)});
  for (auto& row : relation.rows) {
    row.push_back(row[1]);
    row.push_back(row[1]);
  }
  return relation;
}

}  // namespace

namespace {

std::optional<Relation> modelled(const Database& database, std::string_view schema,
                                 std::string_view name) {
  const bool information = schema == "information_schema";
  if (!information && !schema.empty() && schema != "pg_catalog") return std::nullopt;
  if (name == "pg_tables" || (information && name == "tables")) return tables(database);
  if (name == "pg_views" || name == "pg_matviews" || (information && name == "views"))
    return views(database);
  if (information && name == "columns") return columns(database);
  if (name == "pg_constraint" || (information && name == "table_constraints"))
    return constraints(database);
  if (name == "pg_class") return relations(database);
  if (name == "pg_indexes") return indexes(database);
  if (name == "pg_index") return index_facts(database);
  if (name == "pg_inherits") return inheritance(database);
  if (name == "pg_enum") return enum_labels(database);
  if (name == "pg_attribute") return attributes(database);
  if (name == "pg_roles" || name == "pg_user" || name == "pg_authid") return roles(database);
  if (name == "pg_type") return named<Type>(database, {"oid", "typname", "typnamespace"});
  if (name == "pg_namespace") return named<Schema>(database, {"oid", "nspname"});
  if (information && name == "schemata") return named<Schema>(database, {"oid", "schema_name"});
  if (name == "pg_extension") return named<Extension>(database, {"oid", "extname"});
  if (name == "pg_proc") return named<Function>(database, {"oid", "proname", "pronamespace"});
  if (name == "pg_trigger") return triggers(database);
  if (name == "pg_policy")
    return named<Policy>(database, {"oid", "polname", "namespace", "polrelid"});
  if (information && (name == "key_column_usage" || name == "constraint_column_usage"))
    return used_columns(database, name == "key_column_usage");
  if (information && name == "routines")
    return named<Function>(
        database, {"oid", "routine_name", "namespace", "relid", "parent", "routine_schema"});
  if (information && name == "triggers")
    return named<Trigger>(database, {"oid", "trigger_name", "namespace", "relid",
                                     "event_object_table", "event_object_schema"});
  if (name == "pg_policies")
    return named<Policy>(database,
                         {"oid", "policyname", "namespace", "relid", "tablename", "schemaname"});
  if (information && name == "sequences")
    return named<Sequence>(
        database, {"oid", "sequence_name", "namespace", "relid", "parent", "sequence_schema"});
  if (name == "pg_sequences")
    return named<Sequence>(database,
                           {"oid", "sequencename", "namespace", "relid", "parent", "schemaname"});
  return std::nullopt;
}

}  // namespace

std::optional<Relation> system_table(const Database& database, std::string_view schema,
                                     std::string_view name) {
  auto relation = modelled(database, schema, name);
  if (!relation) return relation;
  relation->columns.push_back({std::string(kOtherColumns), plain(TypeClass::unknown), true});
  for (auto& row : relation->rows) row.emplace_back();
  return relation;
}

}  // namespace backout::postgres
