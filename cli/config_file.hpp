#pragma once
// One backout.toml, before it is put over what it extends.

#include <optional>
#include <string>

#include "cli/config.hpp"

namespace backout::cli {

/// `extend = "../backout.toml"`, as it is written and where.
struct Extension {
  std::string path;
  model::Span span;
};

struct ConfigFile {
  Config config;
  std::optional<Extension> extends;
};

/// Reads the text of a file; its text and what is wrong with it are added to `wrong`.
ConfigFile read_config_file(const std::string& name, const std::string& text, ConfigError& wrong);

}  // namespace backout::cli
