#pragma once
// What is left of an app while its instances are replaced, against the users that come to it.

#include "analyzer/facts.hpp"
#include "analyzer/rule.hpp"
#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

/// An instance may get so many times what it carries before the deploy (of several sides: one of
/// the busiest), where nobody says what it bears.
inline constexpr std::int64_t kMostLoad = 2;

/// Adds a finding for each app of which the step replaces the version, and of which too little
/// serves meanwhile.
void check_rolling_load(const Facts& facts, const Run& run, const Replayed& replayed,
                        std::vector<model::Finding>& findings);

}  // namespace backout::analyzer
