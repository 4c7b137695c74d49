#pragma once
// Writes the down of an up from what differs between the catalogs before and after it.
//
// What the up destroys (dropped columns and tables, overwritten and deleted rows, types that lose)
// a down alone cannot have back: `keep` copies it into tables of the schema backout_kept before the
// up, and the down fills from there and drops the copies. Rows of the new version that the old
// schema refuses are moved into backout_kept, too, where an operator finds them. A judge leaves
// that schema out of its comparisons.

#include <string>
#include <vector>

#include "postgres/catalog/database.hpp"
#include "postgres/read/sql_reader.hpp"

namespace backout::postgres {

struct WrittenUndo {
  std::vector<std::string> keep;  ///< statements before the up
  std::vector<std::string> undo;
  std::vector<std::string>
      drops;  ///< of the copies, after `undo`: only where nothing is lost any more
  std::vector<std::string> cannot;  ///< what is not written, and why
};

/// What the writer goes by.
struct UndoOccasion {
  const Database& before;
  const Database& after;
  const Script& up;
  std::vector<const Script*> history;  ///< what ran before the up, oldest first: bodies of
                                       ///< routines, views and triggers stand there
  std::string label;                   ///< of the migration: names the copies
  std::string losses;  ///< what is known of rows that the up loses: tables named there are copied
  /// What is still lost where only what the up's statements say is filled: tables named there are
  /// filled whole. A body of a DO block, a routine or a trigger does what no statement says.
  std::string still_lost = {};
};

WrittenUndo write_undo(const UndoOccasion& occasion);

}  // namespace backout::postgres
