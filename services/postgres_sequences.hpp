#pragma once
// Where the sequences of a PostgreSQL server stand, apart from the rows that they number.

#include "services/service.hpp"

namespace backout::services {

/// `to` with its sequences where those of `from` stand; where they begin, when `from` is null or
/// does not have them. What is no PostgreSQL server stays as it is.
StatePtr with_sequences_of(const StatePtr& to, const StatePtr& from);

/// Whether the sequences of two such servers stand at the same numbers.
bool have_same_numbers(const StatePtr& one, const StatePtr& other);

}  // namespace backout::services
