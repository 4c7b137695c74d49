#include "cli/config.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/program_options.hpp>

#include "cli/version_numbers.hpp"
#include "importers/toml.hpp"
#include "model/files.hpp"
#include "model/load.hpp"
#include "postgres/catalog/server_version.hpp"
#include "reports/report.hpp"

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

/// Reads tables and gathers what is wrong with them.
class Reader {
 public:
  Reader(const std::string& file, std::string text) : sources_(std::make_shared<model::Sources>()) {
    sources_->add(file, std::move(text));
  }

  void add(const toml::source_region& region, std::string message, std::string hint = "") {
    mistakes_.push_back({span_of(region), std::move(message), std::move(hint)});
  }

  void unknown_key(const toml::key& key, const std::vector<std::string>& known) {
    const std::string near = model::nearest(std::string(key.str()), known);
    add(key.source(), fmt::format("unknown key '{}'", key.str()),
        near.empty() ? fmt::format("known: {}", fmt::join(known, ", "))
                     : fmt::format("did you mean '{}'?", near));
  }

  std::optional<std::string> word(const toml::key& key, const toml::node& node,
                                  const std::vector<std::string>& choices = {}) {
    const auto value = node.value<std::string>();
    if (!node.is_string() || !value) {
      add(node.source(), fmt::format("'{}' takes a text", key.str()));
      return std::nullopt;
    }
    if (!choices.empty() && std::ranges::find(choices, *value) == choices.end()) {
      add(node.source(),
          fmt::format("'{}' takes {}, not '{}'", key.str(), fmt::join(choices, ", "), *value));
      return std::nullopt;
    }
    return value;
  }

  std::vector<std::string> list(const toml::key& key, const toml::node& node) {
    std::vector<std::string> words;
    const toml::array* array = node.as_array();
    if (array == nullptr) {
      add(node.source(), fmt::format("'{}' takes a list of texts", key.str()));
      return words;
    }
    for (const toml::node& each : *array) {
      if (const auto value = each.value<std::string>(); each.is_string() && value)
        words.push_back(*value);
      else
        add(each.source(), fmt::format("'{}' takes a list of texts", key.str()));
    }
    return words;
  }

  std::vector<std::string> rules(const toml::key& key, const toml::node& node) {
    std::vector<std::string> words = list(key, node);
    const toml::array* array = node.as_array();
    for (std::size_t i = 0; array != nullptr && i < array->size() && i < words.size(); ++i) {
      if (const std::string wrong = wrong_rule_name(words[i]); !wrong.empty())
        add((*array)[i].source(), wrong);
    }
    return words;
  }

  void severities(const toml::key& key, const toml::node& node, RuleChoice& choice) {
    const toml::table* table = node.as_table();
    if (table == nullptr)
      return add(node.source(), fmt::format("'{}' takes a table: RULE = \"warning\"", key.str()));
    for (const auto& [rule, value] : *table) {
      if (const std::string wrong = wrong_rule_name(std::string(rule.str())); !wrong.empty())
        add(rule.source(), wrong);
      const auto level = word(rule, value, {"error", "warning", "note", "off"});
      if (level) read_severity(*level, choice.severity[std::string(rule.str())]);
    }
  }

  /// Whether the key is one of a choice of rules; then it is read.
  bool choice_key(const toml::key& key, const toml::node& node, RuleChoice& choice) {
    if (key.str() == "select")
      choice.select = rules(key, node);
    else if (key.str() == "ignore")
      choice.ignore = rules(key, node);
    else if (key.str() == "severity")
      severities(key, node, choice);
    else
      return false;
    return true;
  }

  std::vector<model::Mistake>& mistakes() { return mistakes_; }
  ConfigError error() && {
    std::ranges::sort(mistakes_, {}, &model::Mistake::span);
    return {std::move(sources_), std::move(mistakes_)};
  }

 private:
  model::Span span_of(const toml::source_region& region) const {
    const auto begin = byte_of(region.begin);
    return {0, begin,
            std::max(begin + 1,
                     region.end.line == region.begin.line ? byte_of(region.end) : begin + 1)};
  }

  std::uint32_t byte_of(const toml::source_position& at) const {
    const model::SourceFile& source = (*sources_)[0];
    if (at.line == 0 || at.line > source.line_count()) return 0;
    const std::string_view line = source.line(at.line);
    std::size_t byte = 0;
    for (std::size_t column = 1; column < at.column && byte < line.size(); ++column) {
      do ++byte;
      while (byte < line.size() && (static_cast<unsigned char>(line[byte]) & 0xC0U) == 0x80U);
    }
    return static_cast<std::uint32_t>(static_cast<std::size_t>(line.data() - source.text().data()) +
                                      byte);
  }

  std::shared_ptr<model::Sources> sources_;
  std::vector<model::Mistake> mistakes_;
};

const std::vector<std::string> kFolderKeys = {"paths", "select", "ignore", "severity"};
const std::vector<std::string> kKeys = {
    "select",   "ignore",    "severity", "exclude",          "fail-on",         "unknown",
    "baseline", "overrides", "defaults", "postgres-version", "required-version"};
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

DefaultOption read_default(const toml::key& key, const toml::node& node, Reader& reader) {
  DefaultOption option{std::string(key.str()), {}};
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
                               Reader& reader) {
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

void read_folder(const toml::table& table, Config& config, Reader& reader) {
  FolderChoice folder;
  for (const auto& [key, node] : table) {
    if (key.str() == "paths")
      folder.paths = reader.list(key, node);
    else if (!reader.choice_key(key, node, folder.rules))
      reader.unknown_key(key, kFolderKeys);
  }
  if (folder.paths.empty())
    reader.add(table.source(), "an override needs `paths`: patterns of folders or files");
  config.folders.push_back(std::move(folder));
}

void read_folders(const toml::key& key, const toml::node& node, Config& config, Reader& reader) {
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

void read_server_of(const toml::key& key, const toml::node& node, Config& config, Reader& reader) {
  const std::int64_t major = node.is_integer() ? *node.value<std::int64_t>() : 0;
  if (major < postgres::kOldestServer || major > postgres::kNewestServer) {
    return reader.add(node.source(), fmt::format("'{}' takes {} to {}", key.str(),
                                                 postgres::kOldestServer, postgres::kNewestServer));
  }
  config.postgres_version = static_cast<int>(major);
  for (const std::string& command : kCommands)
    config.defaults[command].push_back({std::string(key.str()), {std::to_string(major)}});
}

/// A file that counts on what came later is not read by half.
void check_version(const toml::key& key, const toml::node& node, Reader& reader) {
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

Config read_table(const toml::table& table, Reader& reader) {
  Config config;
  for (const auto& [key, node] : table) {
    if (reader.choice_key(key, node, config.rules)) continue;
    if (key.str() == "exclude")
      config.exclude = reader.list(key, node);
    else if (key.str() == "fail-on")
      config.fail_on = reader.word(key, node, {"error", "warning", "note", "never"});
    else if (key.str() == "unknown")
      config.unknown = reader.word(key, node, {"fail", "warn", "ignore"});
    else if (key.str() == "baseline")
      config.baseline = reader.word(key, node);
    else if (key.str() == "postgres-version")  // an option of every command that reads this file
      read_server_of(key, node, config, reader);
    else if (key.str() == "required-version")
      check_version(key, node, reader);
    else if (key.str() == "defaults")
      read_defaults_of_commands(key, node, config, reader);
    else if (key.str() == "overrides")
      read_folders(key, node, config, reader);
    else
      reader.unknown_key(key, kKeys);
  }
  return config;
}

}  // namespace

std::string find_config(const std::string& start) {
  std::error_code error;
  fs::path folder = fs::weakly_canonical(start.empty() ? "." : start, error);
  if (!fs::is_directory(folder, error)) folder = folder.parent_path();
  for (;; folder = folder.parent_path()) {
    if (fs::is_regular_file(folder / "backout.toml", error)) {
      return (folder / "backout.toml")
          .lexically_proximate(fs::current_path(error))
          .generic_string();
    }
    if (fs::exists(folder / ".git", error) || folder == folder.parent_path()) return {};
  }
}

tl::expected<Config, ConfigError> read_config(const std::string& file) {
  const auto content = model::read_file(file);
  const std::string text = content.value_or(std::string());
  Reader reader(file, text);
  Config config;
  const auto table = importers::read_toml(text);
  if (!content)
    reader.add({}, "cannot be read");
  else if (!table)
    reader.add(table.error().where, table.error().message);
  else
    config = read_table(*table, reader);
  if (!reader.mistakes().empty()) return tl::unexpected(std::move(reader).error());
  config.file = file;
  config.folder =
      fs::path(file).parent_path().empty() ? "." : fs::path(file).parent_path().generic_string();
  return config;
}

}  // namespace backout::cli
