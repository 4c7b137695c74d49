#pragma once

#include <map>
#include <string>

namespace backout::cli {

/// docs/rules/*.md by rule id, embedded by the build.
const std::map<std::string, std::string>& rule_pages();
/// docs/man/*.md by subcommand ("backout": the overview), embedded by the build.
const std::map<std::string, std::string>& man_pages();

}  // namespace backout::cli
