// backout explain RULE: the rule's page. Without a rule: all rules. backout explain command LINE: what is known of it.
#include <iostream>

#include <fmt/format.h>

#include "analyzer/rule.hpp"
#include "catalogue/catalogue.hpp"
#include "cli/options.hpp"
#include "cli/pages.hpp"
#include "model/load.hpp"
#include "reports/common.hpp"

namespace backout::cli {

namespace {

constexpr const char* kHelp =
    "Usage: backout explain [RULE]\n       backout explain command 'LINE'\n\n"
    "Prints why a rule exists, what it reports and how to mend it; without RULE lists all rules. With `command`: what is\n"
    "known of a command line, which is not run; `backout explain command` alone lists the tools that are known.\n";

/// The first sentence of a page: its third line.
std::string summary(const std::string& page) {
  const std::size_t begin = page.find('\n') + 1;
  return page.substr(begin, page.find('\n', begin) - begin);
}

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
  const auto values = parse_arguments(invocation, kHelp, {}, "rule");
  if (!values) return kOk;
  if (!values->count("rule")) {
    for (const auto& [id, page] : rule_pages()) invocation.out << fmt::format("{:<32} {}\n", id, summary(page));
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
      std::vector<std::string> known;
      for (const auto& [id, text] : rule_pages()) known.push_back(id);
      const std::string near = model::nearest(rule, known);
      throw UsageError{fmt::format("no rule is named '{}'{}; `backout explain` lists all", rule,
                                   near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near))};
    }
    invocation.out << page->second;
  }
  return kOk;
}

}  // namespace backout::cli
