#pragma once
// Every rule of every family in one list: what options, formats and pages read.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/finding.hpp"

namespace backout::reports {

/// A rule. One that plans and documents share has one entry.
struct RuleEntry {
  std::string id;
  std::vector<std::string>
      families;  ///< of "plan", "matrix", "document", "migrations", in this order
  model::Severity severity = model::Severity::warning;  ///< the highest that it reports
  std::string group;    ///< class of the taxonomy; empty for the search and migrations
  std::string summary;  ///< one sentence
};

/// Sorted by id.
const std::vector<RuleEntry>& rule_catalogue();
/// nullptr when no rule has this id.
const RuleEntry* find_rule_entry(std::string_view id);
/// "no rule is named 'X' (did you mean 'Y'?); `backout rules` lists all".
/// `others` are words that may stand there, too.
std::string unknown_rule(std::string_view id, std::vector<std::string> others = {});
/// docs/rules/*.md by rule id, embedded by the build.
const std::map<std::string, std::string>& rule_pages();
/// Where the page of a rule can be read: at the site that the build names, else in the folder that
/// was installed with the program; empty when there is neither.
std::string help_uri(std::string_view id);

/// The families, in the order of `backout rules`, each with what it is about.
struct RuleFamily {
  std::string_view name;
  std::string_view about;
};
const std::vector<RuleFamily>& rule_families();

}  // namespace backout::reports
