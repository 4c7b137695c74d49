#pragma once
// Decision tables over metrics: which situations no rule covers, and in which two rules disagree.
// Completeness and hit policies are those of DMN 1.3 (unique, any, first, priority).

#include <string>
#include <vector>

#include "model/plan.hpp"

namespace backout::analyzer {

/// A region of situations, in people's words: "error_rate from 0.1 to below 0.5, with issue
/// 'payment'".
struct Region {
  std::string text;
  bool unlisted = false;      ///< an issue or a severity that no rule mentions
  std::size_t near_rule = 0;  ///< a rule of the plan that borders on it
};

/// Situations for which no rule says anything although rules on both sides of them do, or although
/// their issue or severity is known to the plan.
std::vector<Region> gaps(const model::Decisions& decisions);

/// Two rules that both hold in some situation and decide differently.
struct Conflict {
  std::size_t one = 0;
  std::size_t other = 0;
  std::string where;
  bool same_kind = false;  ///< both speak of the same issues and severities
};

/// At most one per pair of rules. Empty under the hit policies first and priority.
std::vector<Conflict> conflicts(const model::Decisions& decisions);

}  // namespace backout::analyzer
