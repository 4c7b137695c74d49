#pragma once
// Which branches of a body in PL/pgSQL the rows decide on: an IF whose condition asks a table, a
// loop over rows, a handler.

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "postgres/catalog/database.hpp"
#include "postgres/witness/reach.hpp"

namespace backout::postgres {

/// A statement in a body: its text, and its line there.
struct BodyStatement {
  std::string text;
  int line = 0;
};

/// The statement when it writes, runs a text, calls a procedure or raises an error; else one
/// without text.
BodyStatement telling_statement(Reach& watching, const std::string& kind,
                                const nlohmann::json& node);

/// All such statements of the body (`function` as plpgsql_tree() gives it) that run or not by what
/// rows there are.
std::vector<BodyStatement> statements_in_branches(const Database& database, Reach& watching,
                                                  const nlohmann::json& function);

}  // namespace backout::postgres
