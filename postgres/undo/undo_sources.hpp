#pragma once
// Where in the scripts that ran the definitions stand that a catalog cannot print: routines, views,
// triggers, policies.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "postgres/catalog/database.hpp"
#include "postgres/read/sql_reader.hpp"

namespace backout::postgres {

class UndoSources {
 public:
  /// Oldest first; they outlive it.
  explicit UndoSources(const std::vector<const Script*>& scripts) : scripts_(scripts) {}

  /// The last statement that made the object, with its semicolon; empty when none is found.
  std::string of(const Database& database, const Object& object) const;

 private:
  const std::vector<const Script*>& scripts_;
};

/// What a script does to the rows of a table.
struct WrittenRows {
  std::set<std::string> columns;  ///< those that it gives other values
  bool taken_away = false;        ///< it deletes rows
};

/// By the bare name of the table: what the script's statements change or take away. Bodies of
/// routines and DO blocks are not read.
std::map<std::string, WrittenRows> written_rows(const Script& script);

}  // namespace backout::postgres
