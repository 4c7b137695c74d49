#pragma once
// What PostgreSQL 15 and the extensions that people use bring: functions, types, operators, casts,
// operator classes. Facts that scripts/extension-facts read from a real server
// (built_in_signatures.inc, extension_facts.inc), never typed by hand.

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "postgres/values/value.hpp"

namespace backout::postgres {

/// One function. Types by their internal names ("int4", "_text").
struct Signature {
  std::string_view name;
  std::vector<std::string_view> arguments;
  std::string_view result;
  char kind = 'f';           ///< 'a' aggregate, 'w' window function, 'p' procedure
  bool set = false;          ///< returns a set
  bool variadic = false;     ///< the last argument repeats
  bool is_volatile = true;   ///< not declared IMMUTABLE
  std::size_t defaults = 0;  ///< arguments at the end that a call may leave out
  std::vector<std::pair<std::string_view, std::string_view>>
      columns;  ///< OUT and TABLE columns with their types
};

/// A table or view that an extension brings: "name type,name type".
struct BroughtRelation {
  std::string_view name;
  char kind = 'r';  ///< 'v' view
  std::string_view columns;
};

/// What one extension brings.
struct ExtensionFacts {
  std::string_view name;
  std::vector<std::string_view> needs;  ///< other extensions
  std::string_view schema;              ///< the one that it insists on
  std::vector<std::string_view> types;
  std::vector<Signature> functions;
  std::vector<BroughtRelation> relations;
  std::vector<std::string_view> classes;  ///< operator classes
};

/// The extension of that name, null when nothing is known of it.
const ExtensionFacts* extension_facts(std::string_view name);

enum class Brought { function, type, operator_class, relation };
/// The extension that brings something of that name, empty when none does. Of several the one that
/// most people install.
std::string_view extension_with(Brought what, std::string_view name);

/// The functions of pg_catalog of that name.
std::span<const Signature> built_in_signatures(std::string_view name);

/// The type that a built-in function gives for arguments of these types; unknown when it depends on
/// what is not known.
ValueType built_in_result(std::string_view name, std::span<const Typed> arguments);

/// The type that a built-in operator gives; unknown when it depends on what is not known.
ValueType built_in_operator_result(std::string_view name, const ValueType& left,
                                   const ValueType& right);

/// A built-in type by its internal name, "_int4" for an array; unknown when it is none or stands
/// for many (anyelement).
ValueType built_in_type(std::string_view internal);

}  // namespace backout::postgres
