#pragma once
// The kinds of objects that no row depends on: views, routines, triggers and what belongs to the
// database as a whole.

#include <string>
#include <vector>

#include "postgres/catalog/catalog.hpp"

namespace backout::postgres {

struct ViewColumn {
  std::string name;
  ValueType type;
  std::optional<std::string> comment = {};
  std::vector<Grant> grants = {};
};

/// A view or materialised view; lives in the name space of relations.
struct View : ObjectOf<View, ObjectKind::view> {
  bool materialized = false;
  bool populated = true;  ///< of a materialised view
  std::vector<ViewColumn> columns;
  Expression query;  ///< node: the SELECT; text: normalised, relations and columns by identity
  std::vector<std::string> options;  ///< "security_barrier=true", "check_option=local", sorted
};

/// A function, procedure or aggregate.
struct Function : ObjectOf<Function, ObjectKind::function> {
  char variety = 'f';  ///< 'f' function, 'p' procedure, 'a' aggregate
  std::string
      arguments;  ///< as pg_get_function_identity_arguments prints them: "integer, name text"
  std::vector<std::string> input_types;  ///< printed types of the arguments that a call gives
  std::vector<std::string> input_names;
  std::vector<std::string> input_defaults;  ///< expressions; empty: the argument must be given
  std::string returns;                      ///< "trigger", "SETOF public.users", "TABLE(a integer)"
  std::string language;
  std::string body;        ///< byte for byte
  std::string properties;  ///< volatility, strictness, security and the like in one spelling
};

struct Trigger : ObjectOf<Trigger, ObjectKind::trigger> {
  bool row = false;
  char timing = 'a';  ///< 'b' before, 'a' after, 'i' instead of
  bool on_insert = false;
  bool on_update = false;
  bool on_delete = false;
  bool on_truncate = false;
  std::vector<ColumnId> columns;  ///< UPDATE OF
  ObjectId function = 0;
  Expression when;  ///< names as NEW.column and OLD.column
  std::vector<std::string> arguments;
  bool transitions = false;  ///< REFERENCING OLD or NEW TABLE
  bool deferred = false;     ///< a constraint trigger that fires at the end of the transaction
  std::string definition;    ///< the rest in one spelling, columns by identity
  char enabled = 'O';        ///< 'O' origin, 'D' disabled, 'A' always, 'R' replica
};

struct Policy : ObjectOf<Policy, ObjectKind::policy> {
  std::string command;  ///< "all", "select", ...
  bool permissive = true;
  std::vector<std::string> roles;  ///< sorted; empty: PUBLIC
  std::string using_text;          ///< normalised, columns by identity
  std::string check_text;
  std::vector<Dependency> using_needs;  ///< what USING names
  std::vector<Dependency> check_needs;
};

/// Objects of which a definition in one spelling is all that is kept: rules, event triggers,
/// statistics, roles, extensions, default privileges.
template <ObjectKind Kind>
struct DefinedObject : ObjectOf<DefinedObject<Kind>, Kind> {
  std::string definition;
};
using Rule = DefinedObject<ObjectKind::rule>;
using EventTrigger = DefinedObject<ObjectKind::event_trigger>;
using Statistics = DefinedObject<ObjectKind::statistics>;
using Role = DefinedObject<ObjectKind::role>;
using Extension = DefinedObject<ObjectKind::extension>;
using DefaultGrants = DefinedObject<ObjectKind::default_grants>;

}  // namespace backout::postgres
