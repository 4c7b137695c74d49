#pragma once

#include <string>
#include <utility>
#include <vector>

#include "services/postgres/execution.hpp"
#include "services/postgres/value.hpp"

namespace backout::postgres {

/// Names and values that a PL/pgSQL body starts with: the arguments of its function.
using PlpgsqlArguments = std::vector<std::pair<std::string, Typed>>;

/// Functions that run inside each other beyond this are not followed.
constexpr int kMostCalls = 12;

/// Runs a PL/pgSQL body: blocks with exception handlers, IF, loops over queries and numbers, SQL, EXECUTE, PERFORM, assignment,
/// RAISE and RETURN. Stops with unknown at the rest. The value of RETURN, NULL when there is none.
Checked<Typed> run_plpgsql(Execution& execution, const std::string& body, const PlpgsqlArguments& arguments);

}  // namespace backout::postgres
