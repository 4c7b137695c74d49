#include "cli/show_config.hpp"

#include <ostream>

#include <fmt/format.h>

#include "cli/server.hpp"
#include "importers/toml.hpp"
#include "reports/common.hpp"

namespace backout::cli {

namespace {

toml::array array_of(const std::vector<std::string>& words) {
  toml::array array;
  for (const std::string& word : words) array.push_back(word);
  return array;
}

void put(toml::table& table, const RuleChoice& choice) {
  if (!choice.select.empty()) table.insert("select", array_of(choice.select));
  if (!choice.ignore.empty()) table.insert("ignore", array_of(choice.ignore));
  toml::table severities;
  for (const auto& [rule, severity] : choice.severity)
    severities.insert(rule, severity ? reports::to_string(*severity) : "off");
  if (!severities.empty()) table.insert("severity", std::move(severities));
}

/// What the command line asks over what the file says, as Selection takes the two together.
RuleChoice together(const Selection& selection) {
  RuleChoice all = selection.configured;
  if (!selection.asked.select.empty()) {  // what it selects, no file ignores
    all.select = selection.asked.select;
    all.ignore.clear();
  }
  all.ignore.insert(all.ignore.end(), selection.asked.ignore.begin(), selection.asked.ignore.end());
  for (const auto& [rule, severity] : selection.asked.severity) all.severity[rule] = severity;
  return all;
}

}  // namespace

void print_config(const FindingOptions& findings, const ReportOptions& options, std::ostream& out) {
  toml::table table;
  put(table, together(findings.selection));
  if (!findings.config.exclude.empty()) table.insert("exclude", array_of(findings.config.exclude));
  table.insert("fail-on", options.fail_on ? reports::to_string(*options.fail_on) : "never");
  table.insert("unknown", options.unknown == UnknownPolicy::fail   ? "fail"
                          : options.unknown == UnknownPolicy::warn ? "warn"
                                                                   : "ignore");
  if (asked_server() != 0) table.insert("postgres-version", asked_server());
  if (!findings.baseline.empty()) table.insert("baseline", findings.baseline);
  toml::array overrides;
  for (const FolderChoice& folder : findings.selection.folders) {
    toml::table each{{"paths", array_of(folder.paths)}};
    RuleChoice rules = folder.rules;
    if (!findings.selection.asked.select.empty()) rules.select = rules.ignore = {};
    put(each, rules);
    overrides.push_back(std::move(each));
  }
  if (!overrides.empty()) table.insert("overrides", std::move(overrides));
  out << (findings.config.file.empty() ? std::string("# no backout.toml\n")
                                       : fmt::format("# {}\n", findings.config.file))
      << toml::toml_formatter(table) << '\n';
}

}  // namespace backout::cli
