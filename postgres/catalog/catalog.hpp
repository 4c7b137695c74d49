#pragma once
// The objects of a PostgreSQL catalog as plain data. One struct per kind; all that every object has
// is in Object. Objects are immutable once stored: a change stores a changed copy under the same
// id. Views, routines, triggers and the other kinds that no row depends on are in catalog_more.hpp.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <pg_query/pg_query.pb-c.h>

#include "postgres/values/value.hpp"

namespace backout::postgres {

/// Identifies an object for its whole life, through renames. Never reused within a database and its
/// copies.
using ObjectId = std::uint32_t;
/// Position of a column in its table, from 1, dropped columns counted; 0: the table as a whole.
using ColumnId = std::uint16_t;

enum class ObjectKind : std::uint8_t {
  schema,
  table,
  constraint,
  index,
  sequence,
  type,
  view,
  function,
  trigger,
  event_trigger,
  policy,
  rule,
  extension,
  role,
  statistics,
  default_grants,
};
constexpr std::size_t kObjectKinds = static_cast<std::size_t>(ObjectKind::default_grants) + 1;

/// What a dependency does when the other object is dropped. Source: PostgreSQL manual, pg_depend.
enum class DependencyKind : std::uint8_t {
  normal,     ///< RESTRICT refuses with 2BP01, CASCADE drops this too
  automatic,  ///< this is dropped along
  internal,   ///< part of the other: dropped along, and not by itself
  extension,  ///< brought by an extension: dropped along, and not by itself (also hidden from
              ///< comparisons)
};

/// "This object (or one column's default or type) needs that object (or one of its columns)."
struct Dependency {
  enum class Part : std::uint8_t { whole, column_default, column_type };
  ObjectId on = 0;
  ColumnId on_column = 0;
  DependencyKind kind = DependencyKind::normal;
  Part part = Part::whole;   ///< what of this object goes when only a part depends
  ColumnId from_column = 0;  ///< which column's default or type that is
  bool operator==(const Dependency&) const = default;
};

/// A privilege on an object; `grantee` "PUBLIC" for everybody.
struct Grant {
  std::string grantee;
  std::string privilege;
  bool grantable = false;
  bool operator==(const Grant&) const = default;
};

/// A column of a relation that an expression names. `name` is the spelling in the parse tree, which
/// renames do not change.
struct BoundColumn {
  std::string name;
  ObjectId relation = 0;
  ColumnId column = 0;
};

/// An expression of the catalog: parse tree (kept alive by `owner`), what its names stand for, and
/// the normalised text in which columns stand by identity (mark.hpp), so that equal expressions
/// compare equal whatever their columns are called.
struct Expression {
  std::shared_ptr<const void> owner;
  const PgQuery__Node* node = nullptr;
  std::vector<BoundColumn> columns;
  std::string text;
  explicit operator bool() const { return node != nullptr; }
};

/// What all objects have.
struct Object {
  explicit Object(ObjectKind object_kind) : kind(object_kind) {}
  virtual ~Object() = default;
  /// A copy to change and store again.
  virtual std::shared_ptr<Object> clone() const = 0;

  ObjectKind kind;
  ObjectId id = 0;
  ObjectId schema = 0;  ///< 0 for objects outside schemas; for constraints, triggers, rules and
                        ///< policies the schema of their table
  ObjectId parent = 0;  ///< the table of a constraint, index, trigger, rule, policy; 0 otherwise
  std::string name;
  std::string owner = "postgres";
  std::optional<std::string> comment;
  std::optional<std::vector<Grant>> grants;  ///< nothing: the defaults, never granted or revoked
  std::vector<Dependency> needs;
};

/// Base that gives every kind its clone().
template <class Derived, ObjectKind Kind>
struct ObjectOf : Object {
  static constexpr ObjectKind kKind = Kind;
  ObjectOf() : Object(Kind) {}
  std::shared_ptr<Object> clone() const override {
    return std::make_shared<Derived>(static_cast<const Derived&>(*this));
  }
};

struct Schema : ObjectOf<Schema, ObjectKind::schema> {};

struct Column {
  std::string name;
  ValueType type;
  std::string modifiers;  ///< of types whose modifiers the value layer does not know, as
                          ///< format_type prints them: "(Point,4326)"
  bool dropped = false;
  bool not_null = false;
  bool inherited = false;  ///< comes from a parent table (inheritance or partition)
  bool local = true;       ///< defined by the table itself
  char identity = '\0';    ///< 'a' always, 'd' by default
  bool generated = false;  ///< GENERATED ALWAYS AS (default_value) STORED
  Expression default_value;
  std::string collation;  ///< empty: the type's own
  char storage = '\0';    ///< 'p', 'e', 'x', 'm'; '\0': the type's own
  std::string compression;
  int statistics = -1;
  std::optional<std::string> comment;
  std::vector<Grant> grants;
  Value missing;  ///< what rows that are shorter than the slot of this column hold (constant
                  ///< default of ADD COLUMN)
};

/// A table: 'r' ordinary, 'p' partitioned, 'f' foreign. Views have their own kind in the same name
/// space.
struct Table : ObjectOf<Table, ObjectKind::table> {
  char relkind = 'r';
  char persistence = 'p';  ///< 'p' permanent, 'u' unlogged, 't' temporary
  std::vector<Column> columns;
  std::vector<std::string> options;  ///< WITH (...), "name=value", sorted
  char replica_identity = 'd';
  bool row_security = false;
  bool force_row_security = false;
  std::vector<ObjectId> inherits;  ///< parents, or the partitioned table
  std::string partition_key;       ///< "RANGE (created_at)"
  std::string partition_bound;     ///< "FOR VALUES IN ('a')", "DEFAULT"
  ObjectId of_type = 0;

  /// The column that is called `name` and not dropped: its id, 0 when there is none.
  ColumnId find(std::string_view column_name) const;
  /// Requires 1 <= id <= columns.size().
  const Column& column(ColumnId column_id) const { return columns[column_id - 1]; }
  Column& column(ColumnId column_id) { return columns[column_id - 1]; }
};

/// A constraint of a table (parent) or domain (parent: the type).
struct Constraint : ObjectOf<Constraint, ObjectKind::constraint> {
  char type = 'c';  ///< 'c' check, 'f' foreign key, 'p' primary key, 'u' unique, 'x' exclusion
  std::vector<ColumnId> columns;
  Expression check;
  ObjectId index = 0;       ///< of p, u, x; for f the index of the referenced table
  ObjectId referenced = 0;  ///< of f: the other table
  std::vector<ColumnId> referenced_columns;
  char on_update =
      'a';  ///< 'a' no action, 'r' restrict, 'c' cascade, 'n' set null, 'd' set default
  char on_delete = 'a';
  std::vector<ColumnId> delete_set_columns;  ///< ON DELETE SET NULL (a, b)
  char match = 's';                          ///< 's' simple, 'f' full
  bool deferrable = false;
  bool initially_deferred = false;
  bool not_valid = false;
  bool no_inherit = false;
  bool inherited = false;
  bool unchecked = false;     ///< of f: DISABLE TRIGGER ALL on its table: rows are not held to it
  bool not_followed = false;  ///< of f: DISABLE TRIGGER ALL on the other table: nothing follows
                              ///< from what is done there
};

struct IndexColumn {
  ColumnId column = 0;  ///< 0: `expression`
  Expression expression;
  std::string operator_class;  ///< empty: the default one
  std::string operator_options;
  std::string collation;
  bool descending = false;
  bool nulls_first = false;
  std::string exclusion;  ///< operator of an EXCLUDE constraint
};

/// An index of a table or materialised view (parent).
struct Index : ObjectOf<Index, ObjectKind::index> {
  std::string method = "btree";
  bool unique = false;
  bool primary = false;
  bool nulls_not_distinct = false;
  bool valid = true;
  bool clustered = false;
  bool replica_identity = false;
  bool only = false;  ///< ON ONLY of a partitioned table
  bool deferrable =
      false;  ///< of its constraint: uniqueness is checked at the end of the statement or later
  std::vector<IndexColumn> columns;
  std::vector<ColumnId> included;
  Expression where;
  std::vector<std::string> options;
  ObjectId partition_of = 0;  ///< index of the partitioned table that this one belongs to
};

struct Sequence : ObjectOf<Sequence, ObjectKind::sequence> {
  TypeClass type = TypeClass::int8;
  std::int64_t start = 1;
  std::int64_t increment = 1;
  std::int64_t least = 1;
  std::int64_t most = 9'223'372'036'854'775'807;
  std::int64_t cache = 1;
  bool cycle = false;
  char persistence = 'p';
  ObjectId owned_by = 0;  ///< table whose column owns it
  ColumnId owned_column = 0;
  bool internal = false;  ///< of an identity column
  std::int64_t last = 0;  ///< last value given out; not compared
  bool used = false;      ///< whether `last` was given out
};

struct TypeAttribute {
  std::string name;
  ValueType type;
  std::string modifiers;
  std::optional<std::string> comment;
};

/// A user-made type: 'e' enum, 'c' composite, 'd' domain, 'r' range, 'b' base (of an extension).
struct Type : ObjectOf<Type, ObjectKind::type> {
  char variety = 'e';
  std::vector<std::string> labels;        ///< of an enum, in order
  std::vector<TypeAttribute> attributes;  ///< of a composite
  ValueType base;                         ///< of a domain; the subtype of a range
  std::string base_modifiers;
  bool not_null = false;
  Expression default_value;
  std::string collation;
  std::vector<std::string>
      fresh_labels;  ///< added in the transaction that runs: not to be used in it (55P04)
};

}  // namespace backout::postgres
