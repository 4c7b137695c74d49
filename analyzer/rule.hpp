#pragma once
// One rule = analyzer/rules/<id>.cpp + docs/rules/<id>.md + fixtures/rules/<id>/{bad,good}_*.yaml + one line in rules.inc.

#include <string_view>
#include <vector>

#include "analyzer/facts.hpp"
#include "model/finding.hpp"

namespace backout::analyzer {

/// A rule as rules.inc lists it. `check` is a pure function of the plan and its derived facts.
struct Rule {
  const char* id;        ///< kebab-case, says what is wrong: "restore-format-mismatch"
  const char* group;     ///< class of TAXONOMY: "IRR", "CMP", ...
  model::Severity severity;
  const char* summary;   ///< one sentence
  std::vector<model::Finding> (*check)(const Facts& facts);
};

const std::vector<Rule>& all_rules();
const Rule* find_rule(std::string_view id);

/// Runs every rule and applies the plan's `ignore` list (a suppression that matches nothing, or that is past its
/// expiry `today` (YYYY-MM-DD, empty: no expiry is checked), is itself a finding). Sorted.
std::vector<model::Finding> analyze(const Facts& facts, std::string_view today);
/// The `ignore` part alone, for findings from elsewhere too (the search).
std::vector<model::Finding> apply_suppressions(const model::Plan& plan, std::vector<model::Finding> findings,
                                               std::string_view today);

}  // namespace backout::analyzer
