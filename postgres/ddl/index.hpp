#pragma once

#include <string>
#include <vector>

#include "postgres/execute/execution.hpp"

namespace backout::postgres {

/// An index to make, from CREATE INDEX (`elements`) or from a constraint (`keys`).
struct IndexPlan {
  ObjectId table = 0;
  std::string name;           ///< empty: generated with `label`
  std::string label = "idx";  ///< "idx", "key", "pkey" or "excl"
  std::string method = "btree";
  bool unique = false;
  bool primary = false;
  bool nulls_not_distinct = false;
  bool deferrable = false;
  bool if_not_exists = false;
  const PgQuery__Node* const* elements = nullptr;
  std::size_t count = 0;
  std::vector<std::string> exclusions;  ///< operators of an EXCLUDE constraint, by element
  std::vector<std::string> keys;
  std::vector<std::string> included;
  const PgQuery__Node* where = nullptr;
  std::vector<std::string> options;
};

/// Makes the index and returns its id, 0 when it exists already and may. Refuses rows that it
/// cannot hold (23505).
Checked<ObjectId> add_index(Execution& execution, IndexPlan plan);

/// The column names that go into a generated index name, those of INCLUDE too: "a_b_expr".
std::string index_column_names(const Table& table, const std::vector<std::string>& expressions,
                               const Index& index);

/// The constraint that the index belongs to; null: none.
const Constraint* constraint_of(const Database& database, const Index& index);

}  // namespace backout::postgres
