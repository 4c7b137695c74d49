#pragma once
// What a real PostgreSQL says of a sequence of scripts.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "differential/server.hpp"

namespace backout::tests {

/// Statements that run together on a connection of their own.
struct Piece {
  std::vector<std::string> statements;
  bool one_transaction =
      false;  ///< else each commits by itself, the first that is refused ends the piece
};

/// Definitions of the objects of a catalog, in any one spelling, by "kind|name".
using Snapshot = std::map<std::string, std::string>;
/// The text of a value; nothing for NULL.
using Cell = std::optional<std::string>;
using Rows = std::vector<std::vector<Cell>>;

/// What came of one piece.
struct Outcome {
  std::string sqlstate;              ///< "00000" when it was accepted
  Snapshot catalog;                  ///< after it
  std::map<std::string, Rows> rows;  ///< by "schema.table"
};

/// In what two catalogs differ: "missing kind|name", "extra kind|name", "changed kind|name".
std::set<std::string> changes(const Snapshot& before, const Snapshot& after);

/// Runs the pieces on an empty database of `server`. The first outcome is that of no piece at all.
std::vector<Outcome> ask(const PostgresServer& server, const std::vector<Piece>& pieces);

}  // namespace backout::tests
