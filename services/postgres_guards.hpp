#pragma once
// What the deploy asks before it changes rows: rows for which it stops are not those that it meets.

#include <optional>

#include "services/postgres_witnesses.hpp"
#include "services/service.hpp"

namespace backout::services {

/// Runs a check that no row is there ("SELECT count(*) FROM orders WHERE mark = 'x'", `expect: 0`)
/// as a step that is refused when one is; nullopt: it is no such check.
std::optional<RunsSql> guard_of(const model::Check& check);

}  // namespace backout::services
