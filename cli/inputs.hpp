#pragma once
// Which files an argument of the command line stands for.

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/selection.hpp"

namespace backout::cli {

/// Whether a file is meant to be a plan, by its name and its `backout:` key. What backout itself
/// printed has its version there and is none.
bool is_plan_file(const std::string& file);
/// The two halves of it: `.yaml`, `.yml` or `.json`; and a version behind the key `backout`.
bool is_plan_name(const std::string& file);
bool is_plan_text(const std::string& text);

/// What is looked for below folders.
struct InputFilter {
  bool documents = false;                ///< runbooks and scripts about rolling back, too
  std::vector<std::string> exclude;      ///< patterns of paths relative to the folder
  std::vector<PathPatterns> configured;  ///< what backout.toml leaves out
};

/// The files of a folder, sorted: what git ignores, what is excluded and links that lead out of it
/// left out.
std::vector<std::string> files_of(const std::string& folder, const InputFilter& filter);

/// The files that an argument stands for, sorted: for a folder the plans in it, hidden files left
/// out; `-` and files stand for themselves. Empty for a folder without any.
std::vector<std::string> find_inputs(const std::string& argument, const InputFilter& filter);
/// The same; throws nothing_in() for a folder without any.
std::vector<std::string> input_files(const std::string& argument, const InputFilter& filter);

/// "nothing to check in 'DIR': ...".
UsageError nothing_in(const std::string& folder, const InputFilter& filter);

}  // namespace backout::cli
