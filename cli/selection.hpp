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
  std::string file = {};  ///< the backout.toml that says so; empty: the command line
};

/// Patterns of paths as a backout.toml has them: `*` stands for any characters, `?` for one.
struct PathPatterns {
  std::vector<std::string> patterns;
  std::string file;  ///< that has them: they are relative to its folder

  /// Whether some pattern is the path, or a part of it between slashes, or a folder above it.
  bool match(const std::string& path) const;
};

/// What backout.toml says for some folders and files.
struct FolderChoice {
  PathPatterns paths;
  RuleChoice rules;
};

/// Empty when a rule, a family or a pattern that some rule matches is called so; else why not.
std::string wrong_rule_name(const std::string& name);
/// Whether a name of a choice stands for the rule.
bool names_rule(const std::string& name, std::string_view rule);
/// What the choice says of the rule's severity: of several names for it, the one that stands for
/// the fewest rules does. nullptr: nothing.
const std::optional<model::Severity>* severity_in(const RuleChoice& choice, std::string_view rule);
/// Reads the severity that a word stands for ("off": nullopt). False: the word is none of them.
bool read_severity(std::string_view word, std::optional<model::Severity>& severity);

class Selection {
 public:
  std::vector<RuleChoice> configured;  ///< by backout.toml; before it, what it extends
  std::vector<FolderChoice> folders;   ///< for parts of the project, later ones over earlier ones
  RuleChoice asked;                    ///< the command line, over everything

  /// Leaves out what is not to be reported of `file` and gives the rest its severities.
  void apply(std::vector<model::Finding>& findings, const std::string& file) const;
};

/// PathPatterns::match of a path that is relative to where the patterns are.
bool path_matches(const std::string& relative, const std::vector<std::string>& patterns);
/// `file` as seen from `folder`, with slashes; "../x" when it is not below it.
std::string relative_to(const std::string& file, const std::string& folder);

}  // namespace backout::cli
