#pragma once
// Values for the placeholders of a statement that live traffic runs: such as the schema of the
// moment allows, because an application that works sends such.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "postgres/witness/row_maker.hpp"

namespace backout::postgres {

/// One choice of values.
struct Fitting {
  std::map<std::string, std::string> literals;  ///< by column, quoted
  RowLog parents;  ///< rows that others point to, which must be there first
};

/// Choices for the columns `free` of the table that `sql` (one INSERT or UPDATE, with the values
/// tried so far in place of its placeholders) writes to, those first that change least: foreign
/// keys point to rows that are there, then to new ones; other values only where a constraint asks
/// for them. Empty: nothing is known that would fit. `number` tells the values of one write from
/// those of another.
std::vector<Fitting> fittings(const Database& database, const std::string& sql,
                              const std::set<std::string>& free, long number);

/// The columns that the parameters ($1, ...) of a statement stand for, by their number: where a row
/// of an INSERT, an assignment or a comparison says so.
std::map<int, std::string> columns_of_parameters(const std::string& sql);

/// Whether a refusal is about values of the columns `free` alone or among others, so that other
/// values might pass.
bool is_about(const Database& database, const ExecResult& refusal,
              const std::set<std::string>& free);

}  // namespace backout::postgres
