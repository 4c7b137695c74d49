#pragma once
// Rows of several tables that one statement wants together: "UPDATE a ... FROM b WHERE b.id = a.b
// AND b.code = 'x'" does nothing unless a row of a points to a row of b that has this code.

#include <cstddef>
#include <vector>

#include "postgres/witness/clues.hpp"
#include "postgres/witness/row_maker.hpp"

namespace backout::postgres {

/// A clue has at most so many parts.
inline constexpr std::size_t kMostParts = 8;
/// Numbers that the rows of a clue take.
inline constexpr long kNumbersOfJoint = 10;
static_assert(kNumbersOfJoint >= static_cast<long>(kMostParts),
              "each part has a number of its own");

/// Of an UPDATE, DELETE or query. Only what every row has to satisfy is read: of OR the first way,
/// of NOT nothing.
std::vector<JointClue> joint_clues_of(const PgQuery__Node& statement, long number);

/// Stores a row of each part that `database` has, such that all that the clue says of them holds
/// together, as far as the schema lets it. Their values follow from `number` and the ones behind
/// it.
void put_joint(Database& database, const JointClue& clue, long number, RowLog& log);

}  // namespace backout::postgres
