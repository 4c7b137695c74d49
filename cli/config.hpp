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
};

struct Config {
  std::string file;    ///< empty: there is none
  std::string folder;  ///< that it lies in
  RuleChoice rules;
  std::vector<FolderChoice> folders;
  std::vector<std::string> exclude;  ///< patterns, relative to `folder`
  std::optional<std::string> fail_on;
  std::optional<std::string> unknown;
  std::optional<std::string> baseline;                         ///< relative to `folder`
  int postgres_version = 0;                                    ///< major; 0: not said
  std::map<std::string, std::vector<DefaultOption>> defaults;  ///< by command
};

/// Everything that is wrong with a backout.toml, and its text for the places.
struct ConfigError {
  std::shared_ptr<model::Sources> sources;
  std::vector<model::Mistake> mistakes;
};

/// The backout.toml nearest to `start` (a file or a folder), upwards, up to the project's root (the
/// folder with `.git`); empty when there is none.
std::string find_config(const std::string& start);

/// Reads a backout.toml. Unknown keys, values of another type and rules that do not exist are
/// mistakes.
tl::expected<Config, ConfigError> read_config(const std::string& file);

}  // namespace backout::cli
