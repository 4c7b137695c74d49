#pragma once
// Which plans a change touches: by the plan's file and by every file that it names.

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "cli/command.hpp"
#include "cli/git.hpp"
#include "model/source.hpp"

namespace backout::cli {

/// Tells the plans that differ from a commit from those that do not. Asks git once per folder.
class ChangedPlans {
 public:
  explicit ChangedPlans(std::string ref) : ref_(std::move(ref)) {}

  const std::string& ref() const { return ref_; }

  /// Whether the plan at `file`, or a file that it names, differs from the commit; `sources` is
  /// what it was read from.
  GitResult<bool> contains(const std::string& file, const model::Sources& sources);

 private:
  std::string ref_;
  std::map<std::filesystem::path, std::set<std::filesystem::path>>
      changed_;  ///< by the plan's folder
};

/// Says on `err` why git did not answer; the exit status of that.
int git_failed(const Invocation& invocation, const GitError& error);

}  // namespace backout::cli
