#pragma once
// A repository without its configuration. Who sends a pull request may have written everything in a
// checkout, and git runs commands that a repository's configuration names: core.fsmonitor, filters,
// hooks, external diffs, ssh, helpers of remotes. So git is never pointed at a repository: it gets
// a private folder that links to the repository's objects, references and index, with a
// configuration of ours.

#include <filesystem>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace backout::cli {

/// The repository around a folder, seen through a private folder that is gone with the value.
class GitView {
 public:
  /// Finds the repository by walking up as git does, without git. An error is one line.
  static tl::expected<GitView, std::string> of(const std::filesystem::path& folder);

  GitView(GitView&& other) noexcept
      : private_(std::move(other.private_)), root_(std::move(other.root_)) {
    other.private_.clear();
  }
  GitView& operator=(GitView&&) = delete;
  ~GitView();

  /// The top of the work tree, canonical.
  const std::filesystem::path& root() const { return root_; }
  /// The whole environment of a git that sees this repository and nothing else: "NAME=value".
  std::vector<std::string> environment() const;

 private:
  GitView(std::filesystem::path own, std::filesystem::path root)
      : private_(std::move(own)), root_(std::move(root)) {}

  std::filesystem::path private_;  ///< empty when moved from
  std::filesystem::path root_;
};

/// The program of PATH that is called so, absolute; empty when there is none. Relative entries of
/// PATH are passed over: they may lie in what is looked at.
std::filesystem::path program_named(const std::string& name);
/// The git of PATH.
std::filesystem::path git_program();

}  // namespace backout::cli
