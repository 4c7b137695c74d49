#pragma once
// What to ask a database before a script runs on it: which of its rows would make the script fail.

#include <cstddef>
#include <string>
#include <vector>

#include "postgres/read/sql_reader.hpp"

namespace backout::postgres {

/// A question for a live database.
struct Precheck {
  std::size_t statement = 0;  ///< of the script: the one that the rows would refuse
  std::string what;           ///< "SET NOT NULL on item.price"
  std::string select;  ///< gives a row when the statement would be refused; empty: only a trial
                       ///< tells, because of `why`
  std::string why;     ///< why no SELECT can be given, else empty
};

/// Those of the statements that read the rows that are there: NOT NULL, uniqueness, foreign keys,
/// CHECK, types that are narrower. Names are those from before the script, as far as it renames.
std::vector<Precheck> prechecks(const Script& script);

}  // namespace backout::postgres
