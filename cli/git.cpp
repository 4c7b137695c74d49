#include "cli/git.hpp"

#include <charconv>
#include <cstdint>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "cli/child.hpp"
#include "cli/git_view.hpp"
#include "model/files.hpp"

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

GitResult<fs::path> root_of(const fs::path& folder) {
  const auto view = GitView::of(folder);
  if (!view) return tl::unexpected(GitError{"git: " + view.error()});
  return view->root();
}

/// A file in a tree of git.
struct Entry {
  std::string object;
  std::uintmax_t size = 0;
  fs::path path;
};

/// The files of a commit below `folder` (with `path`: that one) that are regular and whose path
/// stays where it is, of those that are `wanted`. `git ls-tree -l -z` lists them as
/// "<mode> <type> <object> <size>\t<path>". Few bytes of a repository may stand for very many, so
/// that no file is taken that is larger than one on the disk may be, nor more of them together.
GitResult<std::vector<Entry>> regular_files(const fs::path& folder,
                                            std::vector<std::string> arguments,
                                            const std::function<bool(const fs::path&)>& wanted) {
  arguments.insert(arguments.begin(), {"ls-tree", "-l", "-z"});
  const auto listing = run_git(folder, std::move(arguments));
  if (!listing) return tl::unexpected(listing.error());
  std::vector<Entry> files;
  std::uintmax_t left = model::kLargestFile;
  for (const std::string& line : split(*listing, '\0')) {
    const std::size_t tab = line.find('\t');
    if (!line.starts_with("100") || tab == std::string::npos) continue;
    const fs::path path = line.substr(tab + 1);
    if (path.is_absolute() || *path.lexically_normal().begin() == ".." || !wanted(path)) continue;
    Entry file;
    file.path = path;
    std::string mode;
    std::string type;
    std::istringstream(line.substr(0, tab)) >> mode >> type >> file.object >> file.size;
    if (file.size > left)
      return tl::unexpected(GitError{fmt::format(
          "'{}' {} larger than {} MB in the older version", path.string(),
          files.empty() ? "is" : "and what is beside it are", model::kLargestFile >> 20)});
    left -= file.size;
    files.push_back(std::move(file));
  }
  return files;
}

/// The size that "<object> blob <size>" gives; nullopt for "<object> missing".
std::optional<std::size_t> size_of(const std::string& line) {
  const std::size_t blob = line.find(" blob ");
  std::size_t size = 0;
  if (blob == std::string::npos) return std::nullopt;
  const char* const end = line.data() + line.size();
  const auto [last, failed] = std::from_chars(line.data() + blob + 6, end, size);
  return failed == std::errc() && last == end ? std::optional(size) : std::nullopt;
}

/// Writes what `git cat-file --batch` said of each of `files`, "<object> blob <size>\n<bytes>\n",
/// below `target`.
GitResult<void> write_batch(const std::string& batch, const std::vector<Entry>& files,
                            const fs::path& target) {
  std::size_t at = 0;
  for (const Entry& file : files) {
    const std::size_t end = batch.find('\n', at);
    const auto size = end == std::string::npos ? std::nullopt : size_of(batch.substr(at, end - at));
    if (!size || *size > batch.size() - end)
      return tl::unexpected(
          GitError{fmt::format("git lacks the object of '{}'", file.path.string())});
    fs::create_directories((target / file.path).parent_path());
    std::ofstream out(target / file.path, std::ios::binary);
    out.write(batch.data() + end + 1, static_cast<std::streamsize>(*size));
    if (!out.flush())
      return tl::unexpected(
          GitError{fmt::format("cannot write '{}'", (target / file.path).string())});
    at = end + 1 + *size + 1;
  }
  return {};
}

}  // namespace

GitResult<std::string> run_git(const fs::path& folder, std::vector<std::string> arguments,
                               const std::string& input) {
  const auto view = GitView::of(folder);
  if (!view) return tl::unexpected(GitError{"git: " + view.error()});
  const std::string program = git_program().string();
  if (program.empty()) return tl::unexpected(GitError{"cannot run git: is it installed?"});
  const std::string verb = arguments.front();
  arguments.insert(arguments.begin(), {program, "-C", folder.empty() ? "." : folder.string(),
                                       "--no-optional-locks", "--no-pager", "--literal-pathspecs"});
  auto ended = run_child(arguments, view->environment(), input);
  if (!ended) return tl::unexpected(GitError{fmt::format("git {} {}", verb, ended.error()), true});
  if (ended->status == 0) return std::move(ended->out);
  const std::string said = first_line(ended->err);
  return tl::unexpected(
      GitError{said.empty() ? fmt::format("git {} failed", verb) : "git: " + said});
}

GitResult<std::string> commit_of(const fs::path& folder, const std::string& ref) {
  if (auto root = root_of(folder); !root) return tl::unexpected(root.error());
  auto commit =
      run_git(folder, {"rev-parse", "--verify", "--quiet", "--end-of-options", ref + "^{commit}"});
  if (!commit && commit.error().stopped) return tl::unexpected(commit.error());
  if (!commit) {
    return tl::unexpected(GitError{fmt::format(
        "git knows no commit '{}'; a shallow clone may lack it (fetch more history)", ref)});
  }
  return first_line(*commit);
}

GitResult<std::set<fs::path>> changed_files(const fs::path& folder, const std::string& ref) {
  const auto commit = commit_of(folder, ref);
  if (!commit) return tl::unexpected(commit.error());
  const auto root = root_of(folder);
  if (!root) return tl::unexpected(root.error());
  const auto differing =
      run_git(*root, {"diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv",
                      "--ignore-submodules=all", *commit, "--"});
  if (!differing) return tl::unexpected(differing.error());
  const auto untracked = run_git(*root, {"ls-files", "-z", "--others"});
  if (!untracked) return tl::unexpected(untracked.error());
  std::set<fs::path> files;
  for (const std::string& file : split(*differing + *untracked, '\0')) files.insert(*root / file);
  return files;
}

GitResult<std::optional<std::string>> file_at(const fs::path& folder, const std::string& ref,
                                              const std::string& path) {
  const auto commit = commit_of(folder, ref);
  if (!commit) return tl::unexpected(commit.error());
  const auto found =
      regular_files(folder, {*commit, "--", path}, [](const fs::path&) { return true; });
  if (!found) return tl::unexpected(found.error());
  if (found->empty()) return std::nullopt;
  auto text = run_git(folder, {"cat-file", "blob", found->front().object});
  if (!text) return tl::unexpected(text.error());
  return std::optional<std::string>(std::move(*text));
}

GitResult<void> write_files_at(const fs::path& folder, const std::string& ref,
                               const fs::path& target,
                               const std::function<bool(const fs::path&)>& wanted) {
  const auto commit = commit_of(folder, ref);
  if (!commit) return tl::unexpected(commit.error());
  const auto files = regular_files(folder, {"-r", *commit}, wanted);
  if (!files) return tl::unexpected(files.error());
  std::string objects;
  for (const Entry& file : *files) objects += file.object + '\n';
  const auto batch = run_git(folder, {"cat-file", "--batch"}, objects);
  if (!batch) return tl::unexpected(batch.error());
  return write_batch(*batch, *files, target);
}

}  // namespace backout::cli
