// Values of placeholders in the configuration files of the tools.

#include <array>
#include <filesystem>
#include <optional>
#include <sstream>

#include "importers/characters.hpp"
#include "importers/migrations/placeholders.hpp"
#include "importers/toml.hpp"
#include "model/files.hpp"

namespace backout::importers {
namespace {

namespace fs = std::filesystem;

std::string without_quotes(const std::string& text) {
  const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
                      text.back() == text.front();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

/// What stands before a comment that begins with one of `marks`.
std::string without_comment(const std::string& line, std::string_view marks) {
  char quote = '\0';
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    if (quote != '\0')
      quote = c == quote ? '\0' : quote;
    else if (c == '"' || c == '\'')
      quote = c;
    else if (marks.find(c) != std::string_view::npos &&
             (at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t'))
      return std::string(trim(std::string_view(line).substr(0, at)));
  }
  return line;
}

/// A kind of file: which section's keys, or which prefix of a key, name placeholders.
struct FileKind {
  std::string_view file;
  std::string_view section;  ///< the end of its header; empty: keys carry the prefix
  std::string_view prefix;
  std::string_view comments;  ///< what begins a comment behind a value; properties have none there
};

constexpr auto kKinds = std::to_array<FileKind>({
    {"flyway.conf", "", "flyway.placeholders.", ""},
    {"conf/flyway.conf", "", "flyway.placeholders.", ""},
    {"sqitch.conf", "variables\"]", "", "#;"},
    {"tern.conf", "[data]", "", "#"},
    {"liquibase.properties", "", "parameter.", ""},
});

bool is_on(std::string_view text) { return text != "false"; }

ConfiguredPlaceholders read(const std::string& text, const FileKind& kind) {
  ConfiguredPlaceholders found;
  std::istringstream lines(text);
  bool inside = kind.section.empty();
  for (std::string line; std::getline(lines, line);) {
    line = without_comment(std::string(trim(line)), kind.comments);
    if (line.empty() || line.front() == '#' || line.front() == ';' || line.front() == '!') continue;
    if (line.front() == '[' && !kind.section.empty()) {
      inside = line.ends_with(kind.section);
      continue;
    }
    const std::size_t equal = line.find_first_of(kind.section.empty() ? "=:" : "=");
    if (!inside || equal == std::string::npos) continue;
    const std::string name =
        without_quotes(std::string(trim(std::string_view(line).substr(0, equal))));
    const std::string value =
        without_quotes(std::string(trim(std::string_view(line).substr(equal + 1))));
    if (name == "flyway.placeholderReplacement") found.replaced = is_on(value);
    if (name.starts_with(kind.prefix)) found.values[name.substr(kind.prefix.size())] = value;
  }
  return found;
}

/// A table of Flyway's: `[flyway]` or that of an environment. Keys with dots may be tables in each
/// other.
void read_placeholders(const toml::table& table, const std::string& prefix, Placeholders& values) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const auto* inner = node.as_table())
      read_placeholders(*inner, name + ".", values);
    else if (const auto text = node.value<std::string>())
      values.emplace(name, *text);
    else if (const auto number = node.value_exact<std::int64_t>())
      values.emplace(name, std::to_string(*number));
    else if (const auto truth = node.value_exact<bool>())
      values.emplace(name, *truth ? "true" : "false");
  }
}

void read_settings(const toml::node_view<const toml::node> flyway, ConfiguredPlaceholders& found) {
  if (const auto* table = flyway["placeholders"].as_table())
    read_placeholders(*table, "", found.values);
  if (const auto replaced = flyway["placeholderReplacement"].value<bool>();
      replaced && !found.replaced)
    found.replaced = *replaced;
}

ConfiguredPlaceholders read_flyway_toml(const std::string& text) {
  ConfiguredPlaceholders found;
  const auto table = read_toml(text);
  if (!table) return found;
  const toml::table& root = *table;
  read_settings(root["flyway"], found);
  if (const auto* environments = root["environments"].as_table()) {
    for (const auto& [name, environment] : *environments)
      read_settings(toml::node_view<const toml::node>(environment)["flyway"], found);
  }
  return found;
}

}  // namespace

void ConfiguredPlaceholders::merge(ConfiguredPlaceholders other) {
  values.merge(std::move(other.values));
  if (!replaced) replaced = other.replaced;
}

ConfiguredPlaceholders configured_placeholders(const std::string& folder) {
  constexpr int kMostParents = 4;
  ConfiguredPlaceholders found;
  std::error_code error;
  fs::path at = fs::absolute(folder, error).lexically_normal();
  for (int up = 0; !error && up <= kMostParents; ++up) {
    const auto text_of = [&](std::string_view name) -> std::optional<std::string> {
      if (!fs::is_regular_file(at / name, error)) return std::nullopt;
      auto text = model::read_file(at / name);
      return text ? std::make_optional(std::move(*text)) : std::nullopt;
    };
    for (const FileKind& kind : kKinds) {
      if (const auto text = text_of(kind.file)) found.merge(read(*text, kind));
    }
    for (const std::string_view name : {"flyway.toml", "conf/flyway.toml"}) {
      if (const auto text = text_of(name)) found.merge(read_flyway_toml(*text));
    }
    error.clear();
    if (!at.has_relative_path() || at == at.parent_path()) break;
    at = at.parent_path();
  }
  return found;
}

}  // namespace backout::importers
