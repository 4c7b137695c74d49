#pragma once
// Which findings are reported and how bad they are: the command line and backout.toml, over one
// list of rules.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/finding.hpp"

namespace backout::cli {

/// What one source says of rules. A name is a rule, a family ("matrix") or a pattern
/// ("migrations-*").
struct RuleChoice {
  std::vector<std::string> select;  ///< report these only; empty: all
  std::vector<std::string> ignore;  ///< not these
  std::map<std::string, std::optional<model::Severity>> severity;  ///< nullopt: off
};

/// What backout.toml says for some folders and files.
struct FolderChoice {
  std::vector<std::string> paths;  ///< patterns, relative to the folder of backout.toml
  RuleChoice rules;
};

/// Empty when a rule, a family or a pattern that some rule matches is called so; else why not.
std::string wrong_rule_name(const std::string& name);
/// Reads the severity that a word stands for ("off": nullopt). False: the word is none of them.
bool read_severity(std::string_view word, std::optional<model::Severity>& severity);

class Selection {
 public:
  RuleChoice configured;              ///< the whole of backout.toml
  std::vector<FolderChoice> folders;  ///< its parts for folders, later ones over earlier ones
  std::string root;                   ///< the folder of backout.toml
  RuleChoice asked;                   ///< the command line, over everything

  /// Leaves out what is not to be reported of `file` and gives the rest its severities.
  void apply(std::vector<model::Finding>& findings, const std::string& file) const;
};

/// `*` stands for any characters, `?` for one: whether some pattern is the path, or a part of it
/// between slashes, or a folder above it.
bool path_matches(const std::string& relative, const std::vector<std::string>& patterns);
/// `file` as seen from `folder`, with slashes; "../x" when it is not below it.
std::string relative_to(const std::string& file, const std::string& folder);

}  // namespace backout::cli
