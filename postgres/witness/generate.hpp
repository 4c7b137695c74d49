#pragma once
// Representative rows for the tables that a migration touches: what a database in use may hold
// before the up, and what the new schema lets applications write before the down. They are
// witnesses: what the scripts and the schemas before and after say gives the rows that could break
// them. Deterministic: the n-th row of a table is the same in every run.

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/catalog/database.hpp"
#include "postgres/witness/clues.hpp"
#include "postgres/witness/row_maker.hpp"

namespace backout::postgres {

/// What the rows are for.
struct Occasion {
  std::vector<ObjectId> tables;        ///< that the migration touches, see touched_tables()
  const Clues& clues;                  ///< of its scripts
  const std::set<std::string>& words;  ///< that the scripts say
};

/// What came of storing rows.
struct Seeding {
  std::size_t stored = 0;  ///< rows in the tables asked for, parents of foreign keys left out
  std::string doubt;  ///< why rows of some table could not be made or are not known to be valid;
                      ///< empty: all is well
  RowLog rows;        ///< all that were stored, in order
};

/// Tables of `database` that differ between `before` and `after` (they, their constraints, indexes,
/// types) or that one of `words` names, at most 30, the differing ones first.
std::vector<ObjectId> touched_tables(const Database& database, const Database& before,
                                     const Database& after,
                                     const std::vector<std::string_view>& words);

/// Which rows a table holds before an up.
enum class OldRows : std::uint8_t {
  with_nulls,  ///< two plain ones and one of NULLs
  plain,       ///< two plain ones
  single,      ///< one
};

/// Stores up to two plain rows and perhaps a row of NULLs in each table, as a database in use may
/// hold them, with the rows that their foreign keys ask for where these can be made.
Seeding seed_old_rows(Database& database, const std::vector<ObjectId>& tables, OldRows wanted);

/// Rows that stand or fall together.
using RowGroup = RowLog;

/// Of a table that `after` has as a partition: a row that the bound takes.
RowGroup seed_in_bound(Database& database, const Database& after, ObjectId table);

/// Stores the rows that `occasion` asks for beside the plain ones: of each clue one, values that
/// functions and casts lose in each column that the scripts name, two rows that agree in each key
/// that only `after` has. The groups in the order of storing.
std::vector<RowGroup> seed_telling_rows(Database& database, const Database& after,
                                        const Occasion& occasion);

/// Stores the rows of a group that `database` still allows; how many. None when what one of them
/// points to is not there: its own group was left out.
std::size_t store(Database& database, const RowGroup& group);

/// Like store(), but foreign keys are enforced.
std::size_t store_valid(Database& database, const RowGroup& group);

/// Stores rows that the schema allows: plain ones after their foreign keys' partners, NULLs
/// wherever allowed, labels that the enums of `before` lack, every literal of CHECK constraints,
/// duplicates, widest values, negative and empty ones, rows of clues; for every key, foreign key
/// and predicate of `before` that is not in force rows that it would refuse.
Seeding seed_new_rows(Database& database, const Database& before, const Occasion& occasion);

/// Stores anew the rows that `before` held and `database` does not hold any more, as far as it
/// allows them: what had been there may come again. Sequences give new numbers.
Seeding seed_rows_again(Database& database, const Database& before);

/// Tables whose rows are not those of `before`, and of which a sequence may number a column.
std::vector<ObjectId> numbered_tables(const Database& before, const Database& database);

/// What an INSERT that leaves a number to its sequence meets in `table`, at once or soon: the
/// refusal, or nothing.
std::string next_insert(const Database& database, ObjectId table);

}  // namespace backout::postgres
