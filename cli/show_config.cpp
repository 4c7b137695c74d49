#include "cli/show_config.hpp"

#include <algorithm>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/server.hpp"
#include "importers/toml.hpp"
#include "model/printable.hpp"
#include "reports/common.hpp"
#include "reports/rules.hpp"

namespace backout::cli {

namespace {

using Words = std::vector<std::string>;

const std::string kCommandLine = "command line";

/// Writes keys with their values, and behind each who says so.
class SettingsWriter {
 public:
  explicit SettingsWriter(std::ostream& out) : out_(out) {}

  void table(const std::string& header, const std::string& from = "") {
    out_ << '\n' << header << comment({from});
  }
  void put(const std::string& key, const toml::node& value, Words from = {}) {
    toml::table table{{key, value}};
    out_ << toml::toml_formatter(table) << comment(std::move(from));
  }
  void put(const std::string& key, const std::string& word, Words from = {}) {
    put(key, toml::value<std::string>(word), std::move(from));
  }
  /// Nothing for an empty list.
  void put(const std::string& key, const Words& words, Words from = {}) {
    toml::array array;
    for (const std::string& word : words) array.push_back(word);
    if (!words.empty()) put(key, array, std::move(from));
  }
  void put(const RuleChoice& choice) {
    put("select", choice.select);
    put("ignore", choice.ignore);
    toml::table severities;
    severities.is_inline(true);  // as a table it would not be the folder's
    for (const auto& [rule, level] : choice.severity) severities.insert(rule, word_of(level));
    if (!severities.empty()) put("severity", severities);
  }

  static std::string word_of(const std::optional<model::Severity>& level) {
    return level ? reports::to_string(*level) : "off";
  }

 private:
  static std::string comment(Words from) {
    std::erase(from, "");
    for (std::string& each : from) each = model::printable(each);
    return from.empty() ? "\n" : fmt::format("  # {}\n", fmt::join(from, ", "));
  }

  std::ostream& out_;
};

std::string name_of(const RuleChoice& choice) {
  return choice.file.empty() ? kCommandLine : choice.file;
}

/// A name of rules and its level in one list that means what many choices do.
struct Level {
  std::optional<model::Severity> level;
  std::string from;
};

/// Puts what a choice says of severities over what weaker ones did: the same name may be in both,
/// or one name stand for rules of the other.
void put_over(std::map<std::string, Level>& levels, const RuleChoice& choice) {
  Words named;
  for (const reports::RuleEntry& rule : reports::rule_catalogue()) {
    if (severity_in(choice, rule.id) != nullptr) named.emplace_back(rule.id);
  }
  std::erase_if(levels, [&](const auto& each) {
    return std::ranges::all_of(reports::rule_catalogue(), [&](const reports::RuleEntry& rule) {
      return !names_rule(each.first, rule.id) || std::ranges::find(named, rule.id) != named.end();
    });
  });
  for (const auto& [name, level] : choice.severity) levels[name] = {level, name_of(choice)};
  RuleChoice all;
  for (const auto& [name, level] : levels) all.severity[name] = level.level;
  for (const std::string& rule : named) {
    const std::optional<model::Severity>& level = *severity_in(choice, rule);
    if (*severity_in(all, rule) != level) levels[rule] = {level, name_of(choice)};
  }
}

/// What of the whole project is reported; a choice that selects begins anew.
void put_rules(const std::vector<RuleChoice>& choices, SettingsWriter& writer) {
  Words select;
  Words ignore;
  Words selected_by;
  Words ignored_by;
  for (const RuleChoice& choice : choices) {
    if (!choice.select.empty()) {
      select = choice.select;
      selected_by = {name_of(choice)};
      ignore.clear();
      ignored_by.clear();
    }
    if (choice.ignore.empty()) continue;
    ignore.insert(ignore.end(), choice.ignore.begin(), choice.ignore.end());
    ignored_by.push_back(name_of(choice));
  }
  writer.put("select", select, selected_by);
  writer.put("ignore", ignore, ignored_by);
}

void put_severities(const std::vector<RuleChoice>& choices, SettingsWriter& writer) {
  std::map<std::string, Level> levels;
  for (const RuleChoice& choice : choices) put_over(levels, choice);
  if (levels.empty()) return;
  writer.table("[severity]");
  for (const auto& [name, level] : levels)
    writer.put(name, SettingsWriter::word_of(level.level), {level.from});
}

void put_excludes(const Config& config, SettingsWriter& writer) {
  if (config.exclude) writer.put("exclude", config.exclude->patterns, {config.exclude->file});
  Words patterns;
  Words from;
  for (const PathPatterns& each : config.extend_exclude) {
    patterns.insert(patterns.end(), each.patterns.begin(), each.patterns.end());
    from.push_back(each.file);
  }
  writer.put("extend-exclude", patterns, from);
}

/// A value that the files have too is theirs; others are of the command line.
template <class T>
std::string origin(const std::optional<Said<T>>& said, const T& value, const T& standard) {
  if (said && said->value == value) return said->file;
  return !said && value == standard ? "default" : kCommandLine;
}

void put_defaults(const Config& config, SettingsWriter& writer) {
  for (const auto& [command, options] : config.defaults) {
    std::vector<DefaultOption> own = options;
    std::erase_if(own, [](const DefaultOption& each) { return each.name == "postgres-version"; });
    if (own.empty()) continue;
    writer.table(fmt::format("[defaults.{}]", command));
    for (const DefaultOption& each : own) {
      if (each.values.empty())
        writer.put(each.name, toml::value<bool>(!each.is_off), {each.file});
      else if (each.values.size() == 1)
        writer.put(each.name, each.values.front(), {each.file});
      else
        writer.put(each.name, each.values, {each.file});
    }
  }
}

}  // namespace

void print_config(const FindingOptions& findings, const ReportOptions& options, std::ostream& out) {
  const Config& config = findings.config;
  const Selection& selection = findings.selection;
  SettingsWriter writer(out);
  out << (config.files.empty() ? "# no backout.toml" : "# " + model::printable(config.files[0]))
      << '\n';
  for (std::size_t i = 1; i < config.files.size(); ++i)
    out << "# extends " << model::printable(config.files[i]) << '\n';
  std::vector<RuleChoice> choices = selection.configured;
  choices.push_back(selection.asked);
  put_rules(choices, writer);
  put_excludes(config, writer);
  const std::string fail_on = options.fail_on ? reports::to_string(*options.fail_on) : "never";
  writer.put("fail-on", fail_on, {origin<std::string>(config.fail_on, fail_on, "error")});
  const std::string unknown = options.unknown == UnknownPolicy::fail   ? "fail"
                              : options.unknown == UnknownPolicy::warn ? "warn"
                                                                       : "ignore";
  writer.put("unknown", unknown, {origin<std::string>(config.unknown, unknown, "fail")});
  if (const int server = asked_server(); server != 0) {
    writer.put("postgres-version", toml::value<std::int64_t>(server),
               {origin(config.postgres_version, server, 0)});
  }
  if (!findings.baseline.empty()) {
    const bool is_said = config.baseline && findings.baseline == baseline_of(config);
    writer.put("baseline", findings.baseline, {is_said ? config.baseline->file : kCommandLine});
  }
  put_severities(choices, writer);
  put_defaults(config, writer);
  for (const FolderChoice& folder : selection.folders) {
    writer.table("[[overrides]]", folder.rules.file);
    writer.put("paths", folder.paths.patterns);
    RuleChoice rules = folder.rules;
    if (!selection.asked.select.empty()) rules.select = rules.ignore = {};
    writer.put(rules);
  }
}

}  // namespace backout::cli
