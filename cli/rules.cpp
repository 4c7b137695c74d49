// backout rules [FAMILY]: every rule by family, one line each.
#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "cli/listing.hpp"
#include "cli/options.hpp"
#include "model/load.hpp"
#include "reports/common.hpp"
#include "reports/rules.hpp"

namespace backout::cli {

namespace po = boost::program_options;

namespace {

constexpr const char* kRulesHelp =
    "Usage: backout rules [FAMILY...]\n\n"
    "Lists every rule with the highest severity that it reports, one line each, by family: plan, "
    "matrix, document,\n"
    "migrations. `backout explain RULE` tells why a rule exists and how to mend what it reports.\n";

void check_family(const std::string& name) {
  std::vector<std::string> known;
  for (const reports::RuleFamily& family : reports::rule_families())
    known.emplace_back(family.name);
  if (std::ranges::find(known, name) != known.end()) return;
  const std::string near = model::nearest(name, known);
  throw UsageError{fmt::format("no family of rules is named '{}'{}; there are {}", name,
                               near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near),
                               fmt::join(known, ", "))};
}

}  // namespace

int run_rules(const Invocation& invocation) {
  const auto values = parse_arguments(invocation, kRulesHelp, {}, "family");
  if (!values) return kOk;
  std::vector<std::string> wanted;
  if (values->count("family")) wanted = (*values)["family"].as<std::vector<std::string>>();
  for (const std::string& name : wanted) check_family(name);
  std::string text;
  for (const reports::RuleFamily& family : reports::rule_families()) {
    if (!wanted.empty() && std::ranges::find(wanted, family.name) == wanted.end()) continue;
    text += fmt::format("{}Rules of family {} {}:\n", text.empty() ? "" : "\n", family.name,
                        family.about);
    for (const reports::RuleEntry& rule : reports::rule_catalogue()) {
      if (std::ranges::find(rule.families, family.name) == rule.families.end()) continue;
      text += fmt::format("  {:<30} {:<7}  {}\n", rule.id, reports::to_string(rule.severity),
                          rule.summary);
    }
  }
  write_listing(invocation, text);
  return kOk;
}

}  // namespace backout::cli
