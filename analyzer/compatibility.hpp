#pragma once
// Where a live version does not work: on which step it begins, on which it ends, how long it lasts.

#include <string>
#include <vector>

#include "analyzer/facts.hpp"

namespace backout::analyzer {

/// All stretches of the deploy and of every path, started after every prefix of the deploy from
/// which it may be chosen (of a large plan: after the whole deploy only). What was refused before
/// the run began is not of its making, unless it is still refused at its end.
std::vector<Incompatibility> incompatibilities(const Facts& facts);

/// "20-30m", "at least 10m", "an unknown time".
std::string duration_text(const Incompatibility& incompatibility);

}  // namespace backout::analyzer
