#pragma once
// What the reader of an UNKNOWN cell has to write, and where.

#include <string>

#include "model/plan.hpp"

namespace backout::simulator {

/// The advice of a reason that names words of the plan in backquotes ("whether 'k1' stays valid,
/// the plan does not say (`keep_old`)"): which of them to write, at which service or step, and its
/// line. Empty: the reason names none.
std::string what_to_say(const model::Plan& plan, const std::string& reason);

/// The advice where a check asks for a fact that no service of that kind has (services/checks.cpp:
/// "job.running is absent, not true; 'job' has suspended"). Empty: that is not the reason.
std::string what_to_check(const std::string& reason);

}  // namespace backout::simulator
