#pragma once

#include <map>
#include <string>

namespace backout::cli {

/// docs/man/*.md by subcommand ("backout": the overview), embedded by the build.
const std::map<std::string, std::string>& man_pages();

}  // namespace backout::cli
