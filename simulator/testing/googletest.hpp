#pragma once
// For GoogleTest. Include this only where it is there: backout itself does not need it.

#include <gtest/gtest.h>

#include "simulator/testing/print.hpp"

namespace backout::simulator {

/// EXPECT_TRUE(restores(plan.matrix())): from everywhere, with every fault that was considered. The
/// message lists the cells where that is not so, each with its reason; what was not looked at to
/// the end fails, too.
inline testing::AssertionResult restores(const Matrix& matrix) {
  testing::AssertionResult result = testing::AssertionFailure();
  bool good = true;
  for (const Cell& cell : matrix.cells) {
    if (!cell.applicable || is_good(cell.verdict)) continue;
    good = false;
    result << "\n  " << matrix.interruptions[cell.interruption].label << ", path '"
           << matrix.paths[cell.path] << "': " << to_string(cell.verdict) << ": " << cell.reason;
  }
  if (matrix.completeness.level != Completeness::Level::exhaustive) {
    good = false;
    result << "\n  not everything was looked at: " << matrix.completeness.bound;
  }
  return good ? testing::AssertionSuccess() : result;
}

/// EXPECT_TRUE(restores(plan.play(scenario))): RESTORED, RESTORED WITH RESIDUE or WORKS, no
/// predicate broken on the way, and all of the scenario happened.
inline testing::AssertionResult restores(const Played& played) {
  testing::AssertionResult result = testing::AssertionFailure();
  if (!is_good(played.verdict))
    result << "\n  " << to_string(played.verdict) << ": " << played.reason;
  for (const Broken& broken : played.broken) {
    result << "\n  predicate '" << broken.predicate << "' does not hold "
           << (broken.after.empty() ? "at the end" : "after '" + broken.after + "'")
           << (broken.why.empty() ? "" : ": ") << broken.why;
  }
  for (const model::Mistake& mistake : played.mistakes) result << "\n  " << mistake.message;
  const bool good = is_good(played.verdict) && played.broken.empty() && played.mistakes.empty();
  return good ? testing::AssertionSuccess() : result;
}

}  // namespace backout::simulator
