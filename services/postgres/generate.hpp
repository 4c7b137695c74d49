#pragma once
// Representative rows for the tables that a migration touches: what a database in use may hold before the up, and what the
// new schema lets applications write before the down. Deterministic: the n-th row of a table is the same in every run.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/postgres/database.hpp"

namespace backout::postgres {

/// What came of storing rows.
struct Seeding {
  std::size_t stored = 0;  ///< rows in the tables asked for, parents of foreign keys left out
  std::string doubt;       ///< why rows of some table could not be made or are not known to be valid; empty: all is well
};

/// Tables of `database` that differ between `before` and `after` (they, their constraints, indexes, types) or that one of
/// `words` names, at most 30, the differing ones first.
std::vector<ObjectId> touched_tables(const Database& database, const Database& before, const Database& after,
                                     const std::vector<std::string_view>& words);

/// Which rows a table holds before an up.
enum class OldRows : std::uint8_t {
  with_nulls,  ///< two plain ones and one of NULLs
  plain,       ///< two plain ones
  single,      ///< one
};

/// Stores up to two plain rows and perhaps a row of NULLs in each table, as a database in use may hold them. Foreign keys
/// are not enforced: partners need not be there.
Seeding seed_old_rows(Database& database, const std::vector<ObjectId>& tables, OldRows wanted);

/// Stores rows that the schema allows: plain ones after their foreign keys' partners, NULLs wherever allowed, labels that the
/// enums of `before` lack, every literal of CHECK constraints, duplicates, widest values, negative and empty ones.
Seeding seed_new_rows(Database& database, const Database& before, const std::vector<ObjectId>& tables);

}  // namespace backout::postgres
