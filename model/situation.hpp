#pragma once
// Situations in which somebody decides, and whether a condition of a decision table holds in one.

#include <map>
#include <optional>
#include <string>

#include "model/plan.hpp"

namespace backout::model {

/// The time since the deploy is a metric of its own when a condition holds only for so long after
/// it.
inline constexpr const char* kSinceDeploy = "minutes since the deploy";

/// A value for each metric that is known, perhaps an issue, perhaps a severity.
struct Situation {
  std::map<std::string, double, std::less<>> values;
  std::string issue;
  std::string severity;
};

/// The condition's `within`, in minutes. It must have one that is known.
double window_minutes(const Condition& condition);

/// Whether the condition holds; nullopt when that depends on a threshold that the plan does not
/// know. A metric without a value is not beyond any threshold.
std::optional<bool> holds(const Condition& condition, const Situation& situation);

/// Whether a decision is to roll back, however urgent.
bool rolls_back(DecisionRule::Outcome outcome);

/// The path that a rule means: the one that it names, or the plan's only one; kNone when that is
/// none.
PathIndex path_of(const Plan& plan, const DecisionRule& rule);

}  // namespace backout::model
