#pragma once
// Which files an argument of the command line stands for.

#include <string>
#include <vector>

namespace backout::cli {

/// Whether a file is meant to be a plan, by its name and its `backout:` key. What backout itself
/// printed has its version there and is none.
bool is_plan_file(const std::string& file);

/// What is looked for below folders.
struct InputFilter {
  bool documents = false;                       ///< runbooks and scripts about rolling back, too
  std::vector<std::string> exclude;             ///< patterns of paths relative to the folder
  std::vector<std::string> exclude_below_root;  ///< those of backout.toml, relative to `root`
  std::string root = ".";
};

/// The files that an argument stands for, sorted: for a folder the plans in it, hidden files and
/// what git ignores left out; `-` and files stand for themselves. Throws UsageError for a folder
/// without any.
std::vector<std::string> input_files(const std::string& argument, const InputFilter& filter);

}  // namespace backout::cli
