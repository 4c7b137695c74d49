#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "differential/oracle.hpp"

namespace backout::tests {

/// Where the fake first says otherwise than PostgreSQL.
struct Divergence {
  std::string nature;  ///< "accepted", "refused", "sqlstate", "catalog" or "rows"
  std::size_t piece = 0;
  std::string kind;  ///< what is the same while the sequence shrinks: both SQLSTATEs, "missing
                     ///< constraint", "rows"
  std::string text;  ///< both answers
};

/// Compares the SQLSTATE, the names of all objects, which of their definitions are those of an
/// earlier moment, and the rows. Definitions are spelled differently, so what is compared is not
/// their text but whether a statement changed them, and whether they are again what they were: that
/// is what verdicts rest on. Both lists start with the outcome of no piece.
std::optional<Divergence> first_divergence(const std::vector<Outcome>& real,
                                           const std::vector<Outcome>& fake);

}  // namespace backout::tests
