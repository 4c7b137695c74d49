// backout explain RULE: the rule's page. Without a rule: all rules. backout explain command LINE: what is known of it.
#include <iostream>

#include <fmt/format.h>

#include "catalogue/catalogue.hpp"
#include "cli/options.hpp"
#include "cli/pages.hpp"
#include "reports/rules.hpp"

namespace backout::cli {

namespace {

constexpr const char* kExplainHelp =
    "Usage: backout explain [RULE]\n       backout explain command 'LINE'\n\n"
    "Prints why a rule exists, what it reports and how to mend it; without RULE lists all rules. With `command`: what is\n"
    "known of a command line, which is not run; `backout explain command` alone lists the tools that are known.\n";

void explain_commands(const std::vector<std::string>& lines, std::ostream& out) {
  if (lines.empty()) {
    for (const std::string& tool : catalogue::tools()) out << tool << '\n';
  }
  bool first = true;
  for (const std::string& line : lines) {
    for (const catalogue::Known& known : catalogue::look_up_line(line)) {
      out << (first ? "" : "\n") << catalogue::describe(known);
      first = false;
    }
  }
}

}  // namespace

int run_explain(const Invocation& invocation) {
  const auto values = parse_arguments(invocation, kExplainHelp, {}, "rule");
  if (!values) return kOk;
  if (!values->count("rule")) {
    for (const reports::RuleEntry& rule : reports::rule_catalogue()) {
      invocation.out << fmt::format("{:<32} {}\n", rule.id, rule.summary);
    }
    return kOk;
  }
  auto rules = (*values)["rule"].as<std::vector<std::string>>();
  if (rules.front() == "command") {
    rules.erase(rules.begin());
    explain_commands(rules, invocation.out);
    return kOk;
  }
  for (const std::string& rule : rules) {
    const auto page = rule_pages().find(rule);
    if (page == rule_pages().end()) {
      throw UsageError{reports::unknown_rule(rule)};
    }
    invocation.out << page->second;
  }
  return kOk;
}

}  // namespace backout::cli
