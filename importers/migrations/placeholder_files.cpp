// Values of placeholders in the configuration files of the tools.

#include <array>
#include <filesystem>
#include <optional>
#include <sstream>

#include "importers/migrations/placeholders.hpp"
#include "model/files.hpp"

namespace backout::importers {
namespace {

namespace fs = std::filesystem;

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1));
}

std::string without_quotes(const std::string& text) {
  const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

/// A kind of file: which section's keys, or which prefix of a key, name placeholders.
struct Kind {
  std::string_view file;
  std::string_view section;  ///< the end of its header; empty: keys carry the prefix
  std::string_view prefix;
};

constexpr auto kKinds = std::to_array<Kind>({
    {"flyway.conf", "", "flyway.placeholders."},
    {"conf/flyway.conf", "", "flyway.placeholders."},
    {"flyway.toml", "placeholders]", ""},
    {"conf/flyway.toml", "placeholders]", ""},
    {"sqitch.conf", "variables\"]", ""},
    {"tern.conf", "[data]", ""},
    {"liquibase.properties", "", "parameter."},
});

Placeholders read(const std::string& text, const Kind& kind) {
  Placeholders values;
  std::istringstream lines(text);
  bool inside = kind.section.empty();
  for (std::string line; std::getline(lines, line);) {
    line = trimmed(line);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[' && !kind.section.empty()) {
      inside = line.ends_with(kind.section);
      continue;
    }
    const std::size_t equal = line.find_first_of(kind.section.empty() ? "=:" : "=");
    if (!inside || equal == std::string::npos) continue;
    std::string name = without_quotes(trimmed(std::string_view(line).substr(0, equal)));
    if (!name.starts_with(kind.prefix)) continue;
    values[name.substr(kind.prefix.size())] = without_quotes(trimmed(std::string_view(line).substr(equal + 1)));
  }
  return values;
}

}  // namespace

Placeholders configured_placeholders(const std::string& folder) {
  constexpr int kMostParents = 4;
  Placeholders values;
  std::error_code error;
  fs::path at = fs::absolute(folder, error).lexically_normal();
  for (int up = 0; !error && up <= kMostParents; ++up) {
    for (const Kind& kind : kKinds) {
      const fs::path file = at / kind.file;
      if (!fs::is_regular_file(file, error)) continue;
      if (const auto text = model::read_file(file)) values.merge(read(*text, kind));
    }
    error.clear();
    if (!at.has_relative_path() || at == at.parent_path()) break;
    at = at.parent_path();
  }
  return values;
}

}  // namespace backout::importers
