// PostgreSQL finds a name without a schema along search_path (namespace.c, parse_type.c), and makes
// names up from those of table and columns, cut to 63 bytes and numbered until nobody has them
// (makeObjectName() and ChooseRelationName() in indexcmds.c, ChooseConstraintName() in
// pg_constraint.c).
// Left out: `%TYPE` and system tables are not known; the name of a database before the schema is
// not heeded; of constraints a name that is made up differs from those of its own table only, where
// PostgreSQL looks through the whole schema.
#include "postgres/catalog/names.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

namespace backout::postgres {
namespace {

constexpr std::size_t kMostBytes = 63;

/// `name` cut to at most `bytes` bytes without splitting a UTF-8 character.
std::string_view clipped(std::string_view name, std::size_t bytes) {
  if (name.size() <= bytes) return name;
  while (bytes > 0 && (static_cast<unsigned char>(name[bytes]) & 0xC0U) == 0x80U) --bytes;
  return name.substr(0, bytes);
}

bool relation_exists(const Database& database, ObjectId schema, std::string_view name) {
  return database.lookup(NameSpace::relation, schema, name) != 0;
}

/// Whether a constraint of the table has the name. PostgreSQL asks for generated names whether one
/// of any relation in the schema has it (ConstraintNameExists()).
bool constraint_exists(const Database& database, ObjectId table, std::string_view name) {
  return table != 0 && database.lookup(NameSpace::constraint, table, name) != 0;
}

std::string_view internal_name(std::string_view name) {
  struct Alias {
    std::string_view written;
    std::string_view internal;
  };
  constexpr auto kAliases = std::to_array<Alias>({
      {"bigint", "int8"},
      {"integer", "int4"},
      {"int", "int4"},
      {"smallint", "int2"},
      {"serial", "int4"},
      {"bigserial", "int8"},
      {"smallserial", "int2"},
      {"serial4", "int4"},
      {"serial8", "int8"},
      {"serial2", "int2"},
      {"boolean", "bool"},
      {"decimal", "numeric"},
      {"character", "bpchar"},
      {"char", "char"},
  });
  const auto* found = std::find_if(kAliases.begin(), kAliases.end(),
                                   [&](const Alias& a) { return a.written == name; });
  return found == kAliases.end() ? name : found->internal;
}

/// Names that outlive everything, for ValueType::name.
std::string_view lasting_name(std::string_view internal) {
  constexpr auto kNames = std::to_array<std::string_view>({"cidr",
                                                           "varbit",
                                                           "aclitem",
                                                           "box",
                                                           "char",
                                                           "cid",
                                                           "circle",
                                                           "datemultirange",
                                                           "daterange",
                                                           "int4multirange",
                                                           "int4range",
                                                           "int8multirange",
                                                           "int8range",
                                                           "jsonpath",
                                                           "line",
                                                           "lseg",
                                                           "macaddr",
                                                           "macaddr8",
                                                           "nummultirange",
                                                           "numrange",
                                                           "path",
                                                           "pg_lsn",
                                                           "point",
                                                           "polygon",
                                                           "refcursor",
                                                           "regclass",
                                                           "regproc",
                                                           "regtype",
                                                           "regrole",
                                                           "regnamespace",
                                                           "regprocedure",
                                                           "regoper",
                                                           "regconfig",
                                                           "tid",
                                                           "tsmultirange",
                                                           "tsquery",
                                                           "tsrange",
                                                           "tstzmultirange",
                                                           "tstzrange",
                                                           "tsvector",
                                                           "xid",
                                                           "xid8",
                                                           "xml",
                                                           "trigger",
                                                           "event_trigger",
                                                           "void",
                                                           "record",
                                                           "anyelement",
                                                           "anyarray",
                                                           "internal",
                                                           "cstring",
                                                           "any",
                                                           "anynonarray",
                                                           "anyenum",
                                                           "anyrange",
                                                           "anycompatible",
                                                           "anycompatiblearray",
                                                           "language_handler",
                                                           "fdw_handler",
                                                           "pg_node_tree",
                                                           "oidvector",
                                                           "int2vector",
                                                           "txid_snapshot",
                                                           "pg_snapshot",
                                                           "unknown"});
  const auto* found = std::find(kNames.begin(), kNames.end(), internal);
  return found == kNames.end() ? std::string_view() : *found;
}

std::vector<std::int32_t> modifiers_of(const PgQuery__TypeName& name, std::string& other) {
  std::vector<std::int32_t> numbers;
  for (std::size_t at = 0; at < name.n_typmods; ++at) {
    const PgQuery__Node& node = *name.typmods[at];
    if (node.node_case == PG_QUERY__NODE__NODE_A_CONST &&
        node.a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL) {
      numbers.push_back(node.a_const->ival->ival);
      other += fmt::format("{}{}", other.empty() ? "(" : ",", numbers.back());
    } else if (node.node_case == PG_QUERY__NODE__NODE_COLUMN_REF) {
      other +=
          fmt::format("{}{}", other.empty() ? "(" : ",", string_of(node.column_ref->fields[0]));
    } else if (node.node_case == PG_QUERY__NODE__NODE_A_CONST &&
               node.a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL) {
      other += fmt::format("{}{}", other.empty() ? "(" : ",", node.a_const->sval->sval);
    }
  }
  if (!other.empty()) other += ")";
  return numbers;
}

void apply_modifiers(NamedType& named, const std::vector<std::int32_t>& numbers,
                     std::string other) {
  ValueType& type = named.type;
  switch (type.family) {
    case TypeClass::varchar:
    case TypeClass::bpchar:
    case TypeClass::bit:
    case TypeClass::timestamp:
    case TypeClass::timestamptz:
    case TypeClass::time:
    case TypeClass::timetz:
      if (!numbers.empty()) type.length = numbers[0];
      return;
    case TypeClass::numeric:
      if (!numbers.empty()) type.length = numbers[0];
      if (numbers.size() > 1) type.scale = numbers[1];
      return;
    default:
      named.modifiers = std::move(other);
  }
}

ValueType type_of_object(const Type& type) {
  ValueType result;
  result.user = type.id;
  switch (type.variety) {
    case 'e':
      result.family = TypeClass::enumeration;
      break;
    case 'c':
      result.family = TypeClass::composite;
      break;
    case 'd': {
      result = type.base;
      result.user = type.id;
      break;
    }
    default:
      result.family = type.name == "citext" ? TypeClass::citext : TypeClass::other;
  }
  return result;
}

}  // namespace

std::string_view string_of(const PgQuery__Node* node) {
  return node != nullptr && node->node_case == PG_QUERY__NODE__NODE_STRING ? node->string->sval
                                                                           : std::string_view();
}

QualifiedName qualified(const PgQuery__Node* const* parts, std::size_t count) {
  QualifiedName name;
  if (count > 0) name.name = string_of(parts[count - 1]);
  if (count > 1) name.schema = string_of(parts[count - 2]);
  return name;
}

QualifiedName qualified(const PgQuery__RangeVar& range) {
  return {range.schemaname == nullptr ? "" : range.schemaname,
          range.relname == nullptr ? "" : range.relname};
}

std::vector<ObjectId> search_path(const Database& database) {
  std::vector<ObjectId> schemas;
  if (const ObjectId temporary = database.schema_named(kTemporarySchema); temporary != 0)
    schemas.push_back(temporary);
  for (const std::string& name : database.session().search_path) {
    const ObjectId schema = database.schema_named(name == "$user" ? database.session().role : name);
    if (schema != 0) schemas.push_back(schema);
  }
  return schemas;
}

Checked<ObjectId> creation_schema(const Database& database, const std::string& schema) {
  if (!schema.empty()) {
    const ObjectId id = database.schema_named(schema);
    if (id == 0)
      return tl::unexpected(refuse("3F000", fmt::format("schema \"{}\" does not exist", schema)));
    return id;
  }
  for (const ObjectId id : search_path(database)) {
    if (database.find(id)->name != kTemporarySchema) return id;
  }
  return tl::unexpected(refuse("3F000", "no schema has been selected to create in"));
}

Checked<ObjectId> relation_schema(Database& database, const PgQuery__RangeVar& range) {
  const std::string wanted = qualified(range).schema;
  const bool temporary = range.relpersistence != nullptr && *range.relpersistence == 't';
  if (!temporary && wanted != kTemporarySchema) return creation_schema(database, wanted);
  if (!wanted.empty() && wanted != kTemporarySchema) {
    return tl::unexpected(refuse(
        "42P16", "cannot create temporary relation in non-temporary schema", range.location));
  }
  return temporary_schema(database);
}

ObjectId temporary_schema(Database& database) {
  if (const ObjectId id = database.schema_named(kTemporarySchema); id != 0) return id;
  auto schema = std::make_shared<Schema>();
  schema->name = kTemporarySchema;
  return database.add(std::move(schema));
}

ObjectId resolve(const Database& database, NameSpace space, const QualifiedName& name) {
  if (!name.schema.empty()) {
    const ObjectId schema = database.schema_named(name.schema);
    return schema == 0 ? 0 : database.lookup(space, schema, name.name);
  }
  for (const ObjectId schema : search_path(database)) {
    if (const ObjectId found = database.lookup(space, schema, name.name); found != 0) return found;
  }
  return 0;
}

Checked<ObjectId> require_relation(const Database& database, const PgQuery__RangeVar& range) {
  const QualifiedName name = qualified(range);
  if (const ObjectId id = resolve(database, NameSpace::relation, name); id != 0) return id;
  if (name.schema == "pg_catalog" || name.schema == "information_schema" ||
      name.name.starts_with("pg_")) {
    return tl::unexpected(not_known(fmt::format("the system table {}", name.name), range.location));
  }
  const std::string printed = name.schema.empty() ? name.name : name.schema + "." + name.name;
  return tl::unexpected(
      refuse("42P01", fmt::format("relation \"{}\" does not exist", printed), range.location));
}

Checked<ObjectId> require_table(const Database& database, const PgQuery__RangeVar& range) {
  auto id = require_relation(database, range);
  if (id && database.get<Table>(*id) == nullptr) {
    return tl::unexpected(
        refuse("42809", fmt::format("\"{}\" is not a table", range.relname), range.location));
  }
  return id;
}

std::string printed_name(const Database& database, const Object& object) {
  const Object* schema = object.schema == 0 ? nullptr : database.find(object.schema);
  return schema == nullptr ? object.name : schema->name + "." + object.name;
}

std::string truncated_identifier(std::string_view name) {
  return std::string(clipped(name, kMostBytes));
}

std::string make_object_name(std::string_view first, std::string_view second,
                             std::string_view label) {
  std::size_t overhead = (second.empty() ? 0 : 1) + (label.empty() ? 0 : label.size() + 1);
  const std::size_t room = kMostBytes - overhead;
  std::size_t one = first.size();
  std::size_t two = second.size();
  while (one + two > room) {
    if (one > two)
      --one;
    else
      --two;
  }
  std::string name(clipped(first, one));
  if (!second.empty()) name += fmt::format("_{}", clipped(second, two));
  if (!label.empty()) name += fmt::format("_{}", label);
  return name;
}

std::string choose_relation_name(const Database& database, ObjectId schema, std::string_view first,
                                 std::string_view second, std::string_view label,
                                 bool /*constraint*/) {
  std::string numbered(label);
  for (int number = 1;; ++number) {
    std::string name = make_object_name(first, second, numbered);
    if (!relation_exists(database, schema, name)) return name;
    numbered = fmt::format("{}{}", label, number);
  }
}

std::string choose_constraint_name(const Database& database, ObjectId schema, ObjectId table,
                                   std::string_view first, std::string_view second,
                                   std::string_view label) {
  static_cast<void>(schema);
  std::string numbered(label);
  for (int number = 1;; ++number) {
    std::string name = make_object_name(first, second, numbered);
    if (!constraint_exists(database, table, name)) return name;
    numbered = fmt::format("{}{}", label, number);
  }
}

Checked<NamedType> resolve_type(const Database& database, const PgQuery__TypeName& name) {
  const QualifiedName written = qualified(name.names, name.n_names);
  if (name.pct_type != 0) return tl::unexpected(not_known("a %TYPE reference", name.location));
  NamedType named;
  const std::string_view internal = internal_name(written.name);
  const bool built_in = written.schema.empty() || written.schema == "pg_catalog";
  const ObjectId user =
      built_in && written.schema == "pg_catalog" ? 0 : resolve(database, NameSpace::type, written);
  named.type.family = built_in ? family_of(internal) : TypeClass::unknown;
  if (built_in && internal == "citext") named.type.family = TypeClass::unknown;
  if (user != 0 && named.type.family == TypeClass::unknown) {
    named.type = type_of_object(*database.get<Type>(user));
  } else if (built_in &&
             (named.type.family != TypeClass::unknown || !lasting_name(internal).empty())) {
    if (named.type.family == TypeClass::unknown) named.type.family = TypeClass::other;
    named.type.name = lasting_name(internal);
  } else if (const ObjectId table = resolve(database, NameSpace::relation, written); table != 0) {
    named.type.family = TypeClass::composite;
    named.type.user = table;
  } else {
    const std::string printed =
        written.schema.empty() ? written.name : written.schema + "." + written.name;
    return tl::unexpected(
        refuse("42704", fmt::format("type \"{}\" does not exist", printed), name.location));
  }
  std::string other;
  const auto numbers = modifiers_of(name, other);
  if (user == 0 || !numbers.empty() || !other.empty())
    apply_modifiers(named, numbers, std::move(other));
  named.type.dimensions = name.n_array_bounds > 0 ? 1 : 0;
  return named;
}

std::string print_type(const Database& database, const ValueType& type,
                       const std::string& modifiers) {
  std::string printed;
  const Object* user = type.user == 0 ? nullptr : database.find(type.user);
  if (user != nullptr) {
    printed = user->name;
    const Object* schema = database.find(user->schema);
    if (schema != nullptr) printed = schema->name + "." + printed;
    printed += modifiers;
    return type.is_array() ? printed + "[]" : printed;
  }
  ValueType element = type;
  element.dimensions = 0;
  printed = describe(element);
  const bool timed = type.family == TypeClass::timestamp || type.family == TypeClass::timestamptz ||
                     type.family == TypeClass::time || type.family == TypeClass::timetz;
  if (timed && type.length >= 0) {
    const std::size_t space = printed.find(' ');
    printed.insert(space == std::string::npos ? printed.size() : space,
                   fmt::format("({})", type.length));
  }
  printed += modifiers;
  return type.is_array() ? printed + "[]" : printed;
}

}  // namespace backout::postgres
