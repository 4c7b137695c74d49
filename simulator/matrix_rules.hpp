#pragma once
// The rules that the search reports under: one row each. docs/rules/<id>.md explains each.

#include <span>

#include "model/finding.hpp"
#include "simulator/matrix.hpp"

namespace backout::simulator {

struct MatrixRule {
  const char* id;
  model::Severity severity;  ///< the highest that it reports
  const char* summary;       ///< one sentence
};

std::span<const MatrixRule> matrix_rules();

/// The rule that a bad verdict is reported under, and what a path with it does: "gets stuck".
struct VerdictRule {
  Verdict verdict;
  const char* id;
  const char* what;
};

/// nullptr for a good verdict.
const VerdictRule* rule_of(Verdict verdict);

}  // namespace backout::simulator
