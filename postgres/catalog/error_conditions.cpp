// The names of conditions are those of PostgreSQL's errcodes.txt (manual, "PostgreSQL Error
// Codes"). PL/pgSQL takes a name for every SQLSTATE that has it, and five digits and capitals for
// that SQLSTATE (plpgsql_parse_err_condition() in pl_comp.c).
// Left out: the second SQLSTATE of names that stand for two (null_value_not_allowed,
// modifying_sql_data_not_permitted and their like): the first one is taken.
#include "postgres/catalog/error_conditions.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace backout::postgres {

std::string_view sqlstate_of(std::string_view condition) {
  constexpr auto kConditions = std::to_array<std::pair<std::string_view, std::string_view>>({
#include "postgres/catalog/error_conditions.inc"
  });
  if (condition.size() == 5 &&
      std::none_of(condition.begin(), condition.end(), [](char c) { return c >= 'a' && c <= 'z'; }))
    return condition;
  const auto* found = std::find_if(kConditions.begin(), kConditions.end(),
                                   [&](const auto& entry) { return entry.first == condition; });
  return found == kConditions.end() ? std::string_view("none") : found->second;
}

}  // namespace backout::postgres
