#pragma once
// Random DDL and DML over a small pool of names, so that statements meet objects that earlier ones
// made.

#include <vector>

#include <rapidcheck.h>

#include "differential/oracle.hpp"

namespace backout::tests {

/// A sequence of `length` pieces after those that make something to meet.
rc::Gen<std::vector<Piece>> piece_sequences(int length);

}  // namespace backout::tests
