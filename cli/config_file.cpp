// One backout.toml: its keys, and what is wrong with them.
#include "cli/config_file.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/config_reader.hpp"
#include "cli/version_numbers.hpp"
#include "postgres/catalog/server_version.hpp"
#include "reports/report.hpp"

namespace backout::cli {

namespace {

const std::vector<std::string> kFolderKeys = {"paths", "select", "ignore", "severity"};
const std::vector<std::string> kKeys = {
    "select",           "ignore",   "severity",      "exclude",  "fail-on",
    "unknown",          "baseline", "overrides",     "defaults", "postgres-version",
    "required-version", "extend",   "extend-exclude"};
/// Commands that read backout.toml before they look at plans.
const std::vector<std::string> kCommands = {"check", "ci", "explore", "migrations"};
/// Options that a project may set for everybody: none that writes a file, or says what is read.
const std::vector<std::string> kDefaults = {
    "no-search",  "faults",     "fault",  "runs",    "no-reduction", "threads",   "time-budget",
    "max-memory", "max-states", "format", "verbose", "quiet",        "statistics"};

/// A value of an option as it would stand on the command line; nullopt for a table, a date or a
/// list in a list.
std::optional<std::string> word_of(const toml::node& node) {
  if (node.is_string()) return node.value<std::string>();
  if (node.is_integer()) return fmt::format("{}", *node.value<std::int64_t>());
  return std::nullopt;
}

DefaultOption read_default(const toml::key& key, const toml::node& node, ConfigReader& reader) {
  DefaultOption option{std::string(key.str()), {}, false, reader.name()};
  if (const auto flag = node.value_exact<bool>()) {
    option.is_off = !*flag;
    return option;
  }
  const auto add = [&](const toml::node& each) {
    if (const auto word = word_of(each))
      option.values.push_back(*word);
    else
      reader.add(each.source(),
                 fmt::format("'{}' takes a text, a whole number, true or false, or a list of them",
                             key.str()));
  };
  if (const toml::array* array = node.as_array()) {
    for (const toml::node& each : *array) add(each);
  } else {
    add(node);
  }
  return option;
}

void read_defaults_of_commands(const toml::key& key, const toml::node& node, Config& config,
                               ConfigReader& reader) {
  const toml::table* commands = node.as_table();
  if (commands == nullptr)
    return reader.add(node.source(), fmt::format("'{}' takes tables: [defaults.check]", key.str()));
  for (const auto& [command, options] : *commands) {
    if (std::ranges::find(kCommands, command.str()) == kCommands.end()) {
      reader.unknown_key(command, kCommands);
    } else if (const toml::table* table = options.as_table()) {
      for (const auto& [name, value] : *table) {
        if (std::ranges::find(kDefaults, name.str()) == kDefaults.end())
          reader.unknown_key(name, kDefaults);
        else
          config.defaults[std::string(command.str())].push_back(read_default(name, value, reader));
      }
    } else {
      reader.add(options.source(),
                 fmt::format("'{}' takes options and their values", command.str()));
    }
  }
}

void read_folder(const toml::table& table, Config& config, ConfigReader& reader) {
  FolderChoice folder{{{}, reader.name()}, {}};
  folder.rules.file = reader.name();
  for (const auto& [key, node] : table) {
    if (key.str() == "paths")
      folder.paths.patterns = reader.list(key, node);
    else if (!reader.choice_key(key, node, folder.rules))
      reader.unknown_key(key, kFolderKeys);
  }
  if (folder.paths.patterns.empty())
    reader.add(table.source(), "an override needs `paths`: patterns of folders or files");
  config.folders.push_back(std::move(folder));
}

void read_folders(const toml::key& key, const toml::node& node, Config& config,
                  ConfigReader& reader) {
  const toml::array* array = node.as_array();
  if (array == nullptr)
    return reader.add(node.source(), fmt::format("'{}' takes tables: [[overrides]]", key.str()));
  for (const toml::node& each : *array) {
    if (const toml::table* table = each.as_table())
      read_folder(*table, config, reader);
    else
      reader.add(each.source(), fmt::format("'{}' takes tables: [[overrides]]", key.str()));
  }
}

void read_server_of(const toml::key& key, const toml::node& node, Config& config,
                    ConfigReader& reader) {
  const std::int64_t major = node.is_integer() ? *node.value<std::int64_t>() : 0;
  if (major < postgres::kOldestServer || major > postgres::kNewestServer) {
    return reader.add(node.source(), fmt::format("'{}' takes {} to {}", key.str(),
                                                 postgres::kOldestServer, postgres::kNewestServer));
  }
  config.postgres_version = {static_cast<int>(major), reader.name()};
  for (const std::string& command : kCommands) {
    config.defaults[command].push_back(
        {std::string(key.str()), {std::to_string(major)}, false, reader.name()});
  }
}

/// A file that counts on what came later is not read by half.
void check_version(const toml::key& key, const toml::node& node, ConfigReader& reader) {
  const auto wanted = reader.word(key, node);
  if (!wanted) return;
  const std::vector<int> least = numbers_of(*wanted);
  if (least.empty())
    return reader.add(
        node.source(),
        fmt::format("'{}' takes a version, like 1.2: this one or a later one", key.str()));
  const std::string self(reports::tool_version());
  if (numbers_of(self) < least) {
    reader.add(
        node.source(),
        fmt::format("this is backout {}, and the project asks for {} or later", self, *wanted),
        "docs/install.md says how to get it");
  }
}

/// A text, and the file that has it.
std::optional<Said<std::string>> said(std::optional<std::string> word, const ConfigReader& reader) {
  if (!word) return std::nullopt;
  return Said<std::string>{std::move(*word), reader.name()};
}

void read_extend(const toml::key& key, const toml::node& node, ConfigFile& file,
                 ConfigReader& reader) {
  const auto path = reader.word(key, node);
  if (!path) return;
  if (path->empty())
    reader.add(node.source(), fmt::format("'{}' takes the path of a backout.toml", key.str()));
  else
    file.extends = {*path, reader.span_of(node.source())};
}

/// Whether the key says which files and findings count; then it is read.
bool read_what_counts(const toml::key& key, const toml::node& node, Config& config,
                      ConfigReader& reader) {
  if (reader.choice_key(key, node, config.rules.front())) return true;
  if (key.str() == "exclude")
    config.exclude = PathPatterns{reader.list(key, node), reader.name()};
  else if (key.str() == "extend-exclude")
    config.extend_exclude = {PathPatterns{reader.list(key, node), reader.name()}};
  else if (key.str() == "overrides")
    read_folders(key, node, config, reader);
  else if (key.str() == "baseline")
    config.baseline = said(reader.word(key, node), reader);
  else
    return false;
  return true;
}

void read_table(const toml::table& table, ConfigFile& file, ConfigReader& reader) {
  Config& config = file.config;
  config.rules.emplace_back().file = reader.name();
  for (const auto& [key, node] : table) {
    if (read_what_counts(key, node, config, reader)) continue;
    if (key.str() == "fail-on")
      config.fail_on = said(reader.word(key, node, {"error", "warning", "note", "never"}), reader);
    else if (key.str() == "unknown")
      config.unknown = said(reader.word(key, node, {"fail", "warn", "ignore"}), reader);
    else if (key.str() == "postgres-version")  // an option of every command that reads this file
      read_server_of(key, node, config, reader);
    else if (key.str() == "required-version")
      check_version(key, node, reader);
    else if (key.str() == "defaults")
      read_defaults_of_commands(key, node, config, reader);
    else if (key.str() == "extend")
      read_extend(key, node, file, reader);
    else
      reader.unknown_key(key, kKeys);
  }
}

}  // namespace

ConfigFile read_config_file(const std::string& name, const std::string& text, ConfigError& wrong) {
  ConfigFile file;
  file.config.files = {name};
  ConfigReader reader(name, text, wrong);
  if (const auto table = importers::read_toml(text)) {
    read_table(*table, file, reader);
  } else {
    reader.add(table.error().where, table.error().message);
  }
  return file;
}

}  // namespace backout::cli
