#pragma once
// What the fake says of the same sequence.

#include <string>
#include <vector>

#include "differential/oracle.hpp"

namespace backout::tests {

/// A value that the fake knows to be there and no more than that, in place of a text.
inline const std::string kSomeValue = "\x01";

struct FakeRun {
  /// Those of the pieces that the fake could follow.
  std::vector<Piece> followed;
  /// Their outcomes, after the one of no piece at all. Rows that are not certain are left out.
  std::vector<Outcome> outcomes;
  /// For each statement that was opaque: why, and the piece.
  std::vector<std::string> opaque;
};

/// Runs the pieces on an empty fake. A piece with an opaque statement is left out as if it had not
/// been asked for.
FakeRun run_fake(const std::vector<Piece>& pieces);

}  // namespace backout::tests
