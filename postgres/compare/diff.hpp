#pragma once

#include <string>
#include <vector>

#include "postgres/catalog/database.hpp"

namespace backout::postgres {

/// One thing in which two schemas differ. Extension members and sequence values are not compared.
struct Difference {
  enum class Change : std::uint8_t { missing, extra, changed };
  Change change = Change::changed;
  std::string kind;  ///< "table", "column", "colorder", "constraint", "index", "view", "function",
                     ///< "trigger", "grant", "comment", ...
  std::string name;  ///< with its schema, and its table where it belongs to one
  std::string from;  ///< definition before, empty when extra
  std::string to;    ///< definition after, empty when missing
};

/// What of `before` is missing, extra or changed in `after`, by kind and name. Costs what the two
/// do not share. Column order has kind "colorder" and is told only of tables whose columns are the
/// same otherwise.
std::vector<Difference> difference(const Database& before, const Database& after);

/// Why the comparison is not certain: statements that were not followed. Empty when it is.
std::string doubt_between(const Database& before, const Database& after);

}  // namespace backout::postgres
