// backout explain RULE: the rule's page. Without a rule: all rules. backout explain command LINE:
// what is known of it.
#include <string>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "catalogue/catalogue.hpp"
#include "cli/listing.hpp"
#include "cli/options.hpp"
#include "reports/rules.hpp"

namespace backout::cli {

namespace {

constexpr const char* kExplainHelp =
    "Usage: backout explain [RULE]\n       backout explain command 'LINE'\n\n"
    "Prints why a rule exists, what it reports and how to mend it; without RULE lists all rules. "
    "With `command`: what is\n"
    "known of a command line, which is not run; `backout explain command` alone lists the tools "
    "that are known.\n";

std::string explain_commands(const std::vector<std::string>& lines) {
  std::string text;
  if (lines.empty()) {
    for (const std::string& tool : catalogue::tools()) text += tool + '\n';
  }
  for (const std::string& line : lines) {
    for (const catalogue::Known& known : catalogue::look_up_line(line)) {
      text += (text.empty() ? "" : "\n") + catalogue::describe(known);
    }
  }
  return text;
}

std::string list_of_rules() {
  std::string text;
  for (const reports::RuleEntry& rule : reports::rule_catalogue()) {
    text += fmt::format("{:<32}  {}\n", rule.id, rule.summary);
  }
  return text;
}

}  // namespace

int run_explain(const Invocation& invocation) {
  const auto values = parse_arguments(invocation, kExplainHelp, {}, "rule");
  if (!values) return kOk;
  if (!values->count("rule")) {
    write_listing(invocation, list_of_rules());
    return kOk;
  }
  auto rules = (*values)["rule"].as<std::vector<std::string>>();
  if (rules.front() == "command") {
    rules.erase(rules.begin());
    write_listing(invocation, explain_commands(rules));
    return kOk;
  }
  std::string text;
  for (const std::string& rule : rules) {
    const auto page = reports::rule_pages().find(rule);
    if (page == reports::rule_pages().end()) {
      throw UsageError{reports::unknown_rule(rule, {"command"})};
    }
    text += page->second;
  }
  write_listing(invocation, text);
  return kOk;
}

}  // namespace backout::cli
