#include "cli/git.hpp"

#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

/// A file without a name, gone when it is closed.
File nameless_file() { return {std::tmpfile(), &std::fclose}; }

std::string all_of(std::FILE* file) {
  std::string text;
  std::rewind(file);
  char buffer[65536];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, file)) > 0;) text.append(buffer, got);
  return text;
}

/// Starts `words` with the three files as its streams and waits; its exit status, -1 when it could not be started.
int run(const std::vector<std::string>& words, std::FILE* in, std::FILE* out, std::FILE* err) {
  std::vector<char*> pointers;
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(in), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(out), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(err), STDERR_FILENO);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, pointers[0], &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  if (failed != 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

GitResult<fs::path> root_of(const fs::path& folder) {
  auto top = run_git(folder, {"rev-parse", "--show-toplevel"});
  if (!top) return tl::unexpected(top.error());
  return fs::canonical(first_line(*top));
}

/// A file in a tree of git.
struct Entry {
  std::string object;
  fs::path path;
};

/// What `git ls-tree -z` lists: "<mode> <type> <object>\t<path>". Only regular files whose path stays where it is.
std::vector<Entry> regular_files(const std::string& listing) {
  std::vector<Entry> files;
  for (const std::string& line : split(listing, '\0')) {
    const std::size_t tab = line.find('\t');
    if (!line.starts_with("100") || tab == std::string::npos) continue;
    const fs::path path = line.substr(tab + 1);
    if (path.is_absolute() || *path.lexically_normal().begin() == "..") continue;
    files.push_back({line.substr(0, tab).substr(line.rfind(' ', tab) + 1), path});
  }
  return files;
}

/// Writes what `git cat-file --batch` said of each of `files`, "<object> blob <size>\n<bytes>\n", below `target`.
GitResult<void> write_batch(const std::string& batch, const std::vector<Entry>& files, const fs::path& target) {
  std::size_t at = 0;
  for (const Entry& file : files) {
    const std::size_t end = batch.find('\n', at);
    const std::size_t size = end == std::string::npos ? 0 : std::stoull(batch.substr(batch.rfind(' ', end) + 1));
    fs::create_directories((target / file.path).parent_path());
    std::ofstream out(target / file.path, std::ios::binary);
    out.write(batch.data() + end + 1, static_cast<std::streamsize>(size));
    if (!out.flush()) return tl::unexpected(GitError{fmt::format("cannot write '{}'", (target / file.path).string())});
    at = end + 1 + size + 1;
  }
  return {};
}

}  // namespace

GitResult<std::string> run_git(const fs::path& folder, std::vector<std::string> arguments, const std::string& input) {
  arguments.insert(arguments.begin(), {"git", "-C", folder.empty() ? "." : folder.string()});
  const File in = nameless_file();
  const File out = nameless_file();
  const File err = nameless_file();
  if (!in || !out || !err) return tl::unexpected(GitError{"no temporary file for git"});
  std::fwrite(input.data(), 1, input.size(), in.get());
  std::fflush(in.get());
  std::rewind(in.get());
  const int status = run(arguments, in.get(), out.get(), err.get());
  if (status < 0) return tl::unexpected(GitError{"cannot run git: is it installed?"});
  if (status == 0) return all_of(out.get());
  const std::string said = first_line(all_of(err.get()));
  return tl::unexpected(GitError{said.empty() ? fmt::format("git {} failed", arguments[3]) : "git: " + said});
}

GitResult<std::string> commit_of(const fs::path& folder, const std::string& ref) {
  if (auto root = root_of(folder); !root) return tl::unexpected(root.error());
  auto commit = run_git(folder, {"rev-parse", "--verify", "--quiet", "--end-of-options", ref + "^{commit}"});
  if (!commit) {
    return tl::unexpected(GitError{fmt::format("git knows no commit '{}'; a shallow clone may lack it (fetch more history)", ref)});
  }
  return first_line(*commit);
}

GitResult<std::set<fs::path>> changed_files(const fs::path& folder, const std::string& ref) {
  const auto commit = commit_of(folder, ref);
  if (!commit) return tl::unexpected(commit.error());
  const auto root = root_of(folder);
  if (!root) return tl::unexpected(root.error());
  const auto differing = run_git(*root, {"diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", *commit, "--"});
  if (!differing) return tl::unexpected(differing.error());
  const auto untracked = run_git(*root, {"ls-files", "-z", "--others"});
  if (!untracked) return tl::unexpected(untracked.error());
  std::set<fs::path> files;
  for (const std::string& file : split(*differing + *untracked, '\0')) files.insert(*root / file);
  return files;
}

GitResult<std::optional<std::string>> file_at(const fs::path& folder, const std::string& ref, const std::string& path) {
  const auto commit = commit_of(folder, ref);
  if (!commit) return tl::unexpected(commit.error());
  const auto listing = run_git(folder, {"--literal-pathspecs", "ls-tree", "-z", *commit, "--", path});
  if (!listing) return tl::unexpected(listing.error());
  const std::vector<Entry> found = regular_files(*listing);
  if (found.empty()) return std::nullopt;
  auto text = run_git(folder, {"cat-file", "blob", found.front().object});
  if (!text) return tl::unexpected(text.error());
  return std::optional<std::string>(std::move(*text));
}

GitResult<void> write_files_at(const fs::path& folder, const std::string& ref, const fs::path& target,
                               const std::function<bool(const fs::path&)>& wanted) {
  const auto commit = commit_of(folder, ref);
  if (!commit) return tl::unexpected(commit.error());
  const auto listing = run_git(folder, {"ls-tree", "-r", "-z", *commit});
  if (!listing) return tl::unexpected(listing.error());
  std::vector<Entry> files = regular_files(*listing);
  std::erase_if(files, [&](const Entry& file) { return !wanted(file.path); });
  std::string objects;
  for (const Entry& file : files) objects += file.object + '\n';
  const auto batch = run_git(folder, {"cat-file", "--batch"}, objects);
  if (!batch) return tl::unexpected(batch.error());
  return write_batch(*batch, files, target);
}

}  // namespace backout::cli
