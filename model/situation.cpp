#include "model/situation.hpp"

namespace backout::model {

bool rolls_back(DecisionRule::Outcome outcome) {
  using Outcome = DecisionRule::Outcome;
  return outcome == Outcome::roll_back || outcome == Outcome::must_roll_back ||
         outcome == Outcome::recommended;
}

PathIndex path_of(const Plan& plan, const DecisionRule& rule) {
  if (!rule.path.empty()) return plan.find_path(rule.path);
  return plan.paths.size() == 1 ? 0 : kNone;
}

double window_minutes(const Condition& condition) {
  return static_cast<double>(condition.window->high_ms) / 60'000;
}

std::optional<bool> holds(const Condition& condition, const Situation& situation) {
  using Type = Condition::Type;
  switch (condition.type) {
    case Type::issue:
      return condition.name == situation.issue;
    case Type::severity:
      return condition.name == situation.severity;
    case Type::otherwise:
      return true;
    case Type::all:
    case Type::any: {
      const bool all = condition.type == Type::all;
      bool unknown = false;
      for (const Condition& part : condition.parts) {
        const std::optional<bool> value = holds(part, situation);
        if (!value)
          unknown = true;
        else if (*value != all)
          return !all;
      }
      return unknown ? std::nullopt : std::optional(all);
    }
    case Type::metric:
      break;
  }
  if (condition.value_unknown) return std::nullopt;
  if (condition.window && !condition.window->unknown) {
    const auto since = situation.values.find(kSinceDeploy);
    if (since != situation.values.end() && since->second > window_minutes(condition)) return false;
  }
  const auto found = situation.values.find(condition.name);
  if (found == situation.values.end()) return false;
  const double value = found->second;
  switch (condition.op) {
    case Condition::Op::lt:
      return value < condition.value;
    case Condition::Op::le:
      return value <= condition.value;
    case Condition::Op::gt:
      return value > condition.value;
    case Condition::Op::ge:
      return value >= condition.value;
    case Condition::Op::eq:
      return value == condition.value;
    case Condition::Op::between:
      return value >= condition.value && value < condition.high;
  }
  return false;
}

}  // namespace backout::model
