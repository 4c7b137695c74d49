#pragma once
// Rows that the tables of a plan may hold before its deploy and that its own SQL would not give
// back: witnesses, found by running the deploy's statements and then a path's on what the generator
// of `backout migrations` makes.

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "postgres/catalog/database.hpp"
#include "postgres/witness/clues.hpp"

namespace backout::services {

/// Runs what a step runs; whether it was refused.
using RunsSql = std::function<bool(postgres::Database&)>;

/// What a plan runs on a database, and what its scripts say of rows.
struct SqlCourse {
  std::vector<RunsSql> deploy;              ///< in the order of the deploy
  std::vector<std::vector<RunsSql>> paths;  ///< of each path, in its order
  postgres::Clues clues;
  std::set<std::string> words;
  std::vector<postgres::Clue>
      inserted;  ///< rows that the deploy inserts and would not if they were there: they are not
  /// Rows that the deploy inserts or overwrites, of tables of which a path deletes: where the
  /// plan's own SQL lists the table's rows and they are not among them, they are not there.
  std::vector<postgres::Clue> upserted;
  std::set<std::string>
      short_tables;  ///< those that `tables` describes: rows of theirs stand for others
  /// Table and column that the deploy and a path set to constants in the same rows: what the path
  /// sets is what was there.
  std::set<std::pair<std::string, std::string>> given_back;
  std::set<std::string>
      empty_tables;  ///< as fact_name() calls them: the plan says that they hold no row
};

/// Stores rows that the deploy takes and that are not the same after it and some path, or that a
/// path is refused for: one for each way in which that happens, or in which the deploy alone
/// changes them, and that no row of `database` shows yet.
void add_witnesses(postgres::Database& database, const SqlCourse& course);

}  // namespace backout::services
