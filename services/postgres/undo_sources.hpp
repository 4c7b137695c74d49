#pragma once
// Where in the scripts that ran the definitions stand that a catalog cannot print: routines, views, triggers, policies.

#include <set>
#include <string>
#include <vector>

#include "services/postgres/database.hpp"
#include "services/postgres/sql_reader.hpp"

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

/// Bare names of the tables whose rows the script changes or takes away, also from within the bodies of its DO blocks.
std::set<std::string> written_tables(const Script& script);

}  // namespace backout::postgres
