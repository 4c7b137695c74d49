#pragma once
// What a real PostgreSQL says of a sequence of statements, each committed by itself.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "differential/server.hpp"

namespace backout::tests {

/// Definitions of the objects of a catalog, as digests, by "kind|name".
using Snapshot = std::map<std::string, std::string>;

/// What came of one statement.
struct Outcome {
  std::string sqlstate;  ///< "00000" when it was accepted
  Snapshot catalog;      ///< after it; empty when it was refused
};

/// In what two catalogs differ: "missing kind|name", "extra kind|name", "changed kind|name".
std::set<std::string> changes(const Snapshot& before, const Snapshot& after);

/// Runs the statements on an empty database of `server`. The first outcome is that of no statement at all.
std::vector<Outcome> ask(const PostgresServer& server, const std::vector<std::string>& statements);

}  // namespace backout::tests
