#pragma once
// What is the same for all objects of a kind. One row a kind: a kind without one does not compile.

#include <span>
#include <string_view>

#include "postgres/catalog/database.hpp"

namespace backout::postgres {

struct ObjectKindRow {
  ObjectKind kind;
  std::string_view word;      ///< as PostgreSQL's messages name it
  std::string_view compared;  ///< as comparisons of schemas name it
  /// Between CREATE, ALTER or DROP and its name; empty: not made by its name alone.
  std::string_view sql;
  NameSpace names;        ///< what its name is unique among
  bool in_table = false;  ///< it belongs to a table, and its name with it
  char letter = '\0';     ///< pg_default_acl.defaclobjtype; '\0': no default privileges
  std::span<const std::string_view> privileges{};  ///< all that its owner has; empty: USAGE
};

const ObjectKindRow& row_of(ObjectKind kind);

}  // namespace backout::postgres
