#pragma once
// What backout asks of git: which files changed since a commit, and what stood there. git runs
// without a shell.

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace backout::cli {

/// What git said, or that it could not be started; one line.
struct GitError {
  std::string message;
  bool stopped = false;  ///< it did not end by itself, or did not begin
};

template <typename T>
using GitResult = tl::expected<T, GitError>;

/// Runs git with `arguments` in `folder`, `input` on its standard input; the result is its standard
/// output. An exit status other than 0 is an error with the first line of its standard error.
GitResult<std::string> run_git(const std::filesystem::path& folder,
                               std::vector<std::string> arguments, const std::string& input = "");

/// The files of the repository around `folder` that differ from `ref`, absolute and canonical:
/// changed, staged or not, added, deleted, and all that git does not track.
GitResult<std::set<std::filesystem::path>> changed_files(const std::filesystem::path& folder,
                                                         const std::string& ref);

/// The text of the file at `path`, relative to `folder`, as `ref` has it; nullopt when it has none.
GitResult<std::optional<std::string>> file_at(const std::filesystem::path& folder,
                                              const std::string& ref, const std::string& path);

/// Writes the files that `ref` has below `folder` to `target`: those for whose path, relative to
/// `folder`, `wanted` holds. Links are left out.
GitResult<void> write_files_at(const std::filesystem::path& folder, const std::string& ref,
                               const std::filesystem::path& target,
                               const std::function<bool(const std::filesystem::path&)>& wanted);

/// The commit that `ref` names, as 40 (or 64) hex digits.
GitResult<std::string> commit_of(const std::filesystem::path& folder, const std::string& ref);

}  // namespace backout::cli
