#pragma once
// How names are resolved (search_path) and generated, as PostgreSQL does.

#include <string>
#include <string_view>
#include <vector>

#include "postgres/catalog/database.hpp"

namespace backout::postgres {

/// A possibly qualified name; `schema` empty when it is not.
struct QualifiedName {
  std::string schema;
  std::string name;
};

/// The text of a String node.
std::string_view string_of(const PgQuery__Node* node);
/// "a.b" as parsed into a list of String nodes.
QualifiedName qualified(const PgQuery__Node* const* parts, std::size_t count);
QualifiedName qualified(const PgQuery__RangeVar& range);

/// The schema of temporary objects, which goes with the connection.
inline constexpr std::string_view kTemporarySchema = "pg_temp";
/// What ups and downs keep aside lies in this schema: no part of what is compared.
inline constexpr std::string_view kKeptSchema = "backout_kept";

/// Ids of the schemas of search_path that exist, in order; that of temporary objects comes first.
std::vector<ObjectId> search_path(const Database& database);

/// The schema in which a new object of that name goes: 3F000 when it does not exist.
Checked<ObjectId> creation_schema(const Database& database, const std::string& schema);

/// The schema in which a new table goes: that of temporary objects, made when it is first needed,
/// or creation_schema().
Checked<ObjectId> relation_schema(Database& database, const PgQuery__RangeVar& range);

/// The schema of temporary objects, made when it is first needed.
ObjectId temporary_schema(Database& database);

/// The object of that name, searched as PostgreSQL searches; 0 when there is none.
ObjectId resolve(const Database& database, NameSpace space, const QualifiedName& name);

/// The relation, of whatever kind: 42P01 when there is none.
Checked<ObjectId> require_relation(const Database& database, const PgQuery__RangeVar& range);
/// The table: 42P01 when there is none, 42809 when it is something else.
Checked<ObjectId> require_table(const Database& database, const PgQuery__RangeVar& range);

/// "schema.name" of an object, or its name alone when it is in no schema.
std::string printed_name(const Database& database, const Object& object);

/// makeObjectName(): "<first>_<second>_<label>" cut to 63 bytes, the longer of the first two losing
/// bytes first.
std::string make_object_name(std::string_view first, std::string_view second,
                             std::string_view label);
/// The first such name that no relation of `schema` has: a number is added to the label.
std::string choose_relation_name(const Database& database, ObjectId schema, std::string_view first,
                                 std::string_view second, std::string_view label, bool constraint);
/// The first such name that no constraint of `table` and no relation has.
std::string choose_constraint_name(const Database& database, ObjectId schema, ObjectId table,
                                   std::string_view first, std::string_view second,
                                   std::string_view label);

/// Identifiers are cut to 63 bytes at a character boundary.
std::string truncated_identifier(std::string_view name);

/// What a type name stands for, "serial" and its kin resolved to their integer type: 42704 when
/// there is none.
struct NamedType {
  ValueType type;
  std::string modifiers;
};
Checked<NamedType> resolve_type(const Database& database, const PgQuery__TypeName& name);

/// The type as format_type prints it ("character varying(20)", "public.mood[]").
std::string print_type(const Database& database, const ValueType& type,
                       const std::string& modifiers);

}  // namespace backout::postgres
