#pragma once
// One rule = analyzer/rules/<id>.cpp + docs/rules/<id>.md + fixtures/rules/<id>/{bad,good}_*.yaml +
// one line in rules.inc.

#include <string_view>
#include <vector>

#include "analyzer/facts.hpp"
#include "model/finding.hpp"

namespace backout::analyzer {

/// A rule as rules.inc lists it. `check` is a pure function of the plan and its derived facts.
struct Rule {
  const char* id;     ///< kebab-case, says what is wrong: "restore-format-mismatch"
  const char* group;  ///< class of TAXONOMY: "IRR", "CMP", ...
  model::Severity severity;
  const char* summary;  ///< one sentence
  std::vector<model::Finding> (*check)(const Facts& facts);
};

const std::vector<Rule>& all_rules();
const Rule* find_rule(std::string_view id);

/// Every finding of a plan: those of all rules and of its migrations (when `rules`), with those
/// found elsewhere (`found`: the search), the plan's `ignore` list applied to both: a suppression
/// that matches nothing, or that is past its expiry (`today`, YYYY-MM-DD; empty: no expiry is
/// checked), is itself a finding of rule "unused-suppression" when `rules`. Where nothing was
/// `searched`, or not to the end, nobody knows whether a suppression of what the search says hides
/// nothing. Sorted.
std::vector<model::Finding> report(const Facts& facts, std::vector<model::Finding> found,
                                   bool rules, std::string_view today, bool searched = true);

}  // namespace backout::analyzer
