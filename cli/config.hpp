#pragma once
// backout.toml: what a project wants of every run.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "cli/selection.hpp"
#include "model/source.hpp"

namespace backout::cli {

/// An option of a command as backout.toml gives it: `runs = 500` below [defaults.check].
struct DefaultOption {
  std::string name;
  std::vector<std::string> values;  ///< of a flag: none when it is on
  bool is_off = false;              ///< a flag that is `false`
  std::string file = {};            ///< that has it
};

/// A value, and the file that has it.
template <class T>
struct Said {
  T value;
  std::string file;
};

/// What a backout.toml and the files that it extends say together.
struct Config {
  std::vector<std::string> files;     ///< it, then what it extends; empty: there is none
  std::vector<RuleChoice> rules;      ///< of each file, the strongest last
  std::vector<FolderChoice> folders;  ///< the strongest last
  std::optional<PathPatterns> exclude;
  std::vector<PathPatterns> extend_exclude;
  std::optional<Said<std::string>> fail_on;
  std::optional<Said<std::string>> unknown;
  std::optional<Said<std::string>> baseline;  ///< relative to the folder of the file
  std::optional<Said<int>> postgres_version;  ///< major
  std::map<std::string, std::vector<DefaultOption>> defaults;  ///< by command

  /// All that is left out below folders.
  std::vector<PathPatterns> excludes() const;
};

/// Everything that is wrong with a backout.toml and with what it extends, their texts for the
/// places, and their names (also of those that are not there).
struct ConfigError {
  std::shared_ptr<model::Sources> sources;
  std::vector<model::Mistake> mistakes;
  std::vector<std::string> files;
};

/// The backout.toml nearest to `start` (a file or a folder), upwards, up to the project's root (the
/// folder with `.git`); empty when there is none.
std::string find_config(const std::string& start);

/// Reads a backout.toml and what it extends (docs/configuration.md, "One for many"). Unknown keys,
/// values of another type and rules that do not exist are mistakes; so are files to extend that are
/// absent, no TOML, outside the repository or read already.
tl::expected<Config, ConfigError> read_config(const std::string& file);

}  // namespace backout::cli
