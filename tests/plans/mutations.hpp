#pragma once
// One-line mutants of a plan: what people leave out, mix up or write wrong, one change at a time,
// by operator.

#include <string>
#include <vector>

namespace backout::tests {

/// A plan with one thing spoiled.
struct Mutation {
  std::string op;     ///< the operator, like "drop verify"
  std::string where;  ///< what it was done to, like "back" (a step), "full" (a path), "errors" (a
                      ///< rule), with a place in it: "back.verify[1]"
  std::string was;    ///< the value that was there, as YAML; empty where it says nothing
  std::string text;   ///< the whole plan
};

/// Every mutant of the plan, in the order of the file. Requires that it is YAML without mistakes.
std::vector<Mutation> mutations_of(const std::string& plan);

}  // namespace backout::tests
